"""Each committed change is read once, in whatever order transactions end."""

import random
from contextlib import AsyncExitStack
from typing import Any

import pytest

from db.changes import NotInstalled, changes_since, server_of, shapes
from db.listener import Line, LineSettings
from db.snapshot import Snapshot
from tests.db.telling import END, Reader, connected, installed, reading, removed, role

pytestmark = [pytest.mark.anyio, pytest.mark.integration]

JANUARY, FEBRUARY = "2026-01-15 12:00+00", "2026-02-15 12:00+00"


async def test_what_commits_late_is_read_although_later_ones_were(
    writer: Any, other: Any, reader: Reader
) -> None:
    await writer.execute(f"begin; insert into sales values (1, '{JANUARY}')")
    await other.execute(f"insert into sales values (2, '{FEBRUARY}')")
    assert await reader.news() == {("public.sales", ("2026-02",))}

    await writer.execute("commit")

    assert await reader.news() == {("public.sales", ("2026-01",))}
    assert await reader.news() == set()


async def test_what_began_before_the_reader_and_ends_later_is_read(
    writer: Any, other: Any, database_url: str
) -> None:
    await writer.execute(f"begin; insert into sales values (1, '{JANUARY}')")
    await other.execute(f"insert into sales values (2, '{FEBRUARY}')")

    async with reading(database_url) as late:
        assert await late.news() == set()
        await writer.execute("commit")
        assert await late.news() == {("public.sales", ("2026-01",))}


async def test_random_transactions_are_each_read_once(database_url: str, writer: Any) -> None:
    dice = random.Random(7)
    async with AsyncExitStack() as stack, reading(database_url) as reader:
        writers = [await stack.enter_async_context(connected(database_url)) for _ in range(5)]
        open_rows: dict[int, int] = {}
        committed: list[str] = []
        read: list[str] = []
        for number in range(150):
            chosen = dice.randrange(5)
            if chosen not in open_rows:
                await writers[chosen].execute(
                    f"begin; insert into sales values ({number}, '{1000 + number}-06-15')"
                )
                open_rows[chosen] = 1000 + number
            else:
                ending = dice.choice(["commit", "commit", "rollback"])
                await writers[chosen].execute(ending)
                year = open_rows.pop(chosen)
                committed += [f"{year}-06"] if ending == "commit" else []
            if dice.random() < 0.4:
                read += [month for _, months in await reader.news() for month in months or ()]
        read += [month for _, months in await reader.news() for month in months or ()]

    assert sorted(read) == sorted(committed)


async def test_a_bookmark_goes_on_over_another_connection(writer: Any, database_url: str, line: Line) -> None:
    since = (await changes_since(line, END)).until
    await writer.execute(f"insert into sales values (1, '{JANUARY}')")

    again = await Line.open(LineSettings(database_url))
    found = await changes_since(again, Snapshot.read(since.text))

    assert [change.relation for change in found.changes] == ["public.sales"]
    again.close()


async def test_the_age_of_the_oldest_change_is_told(writer: Any, reader: Reader) -> None:
    await writer.execute("begin; insert into sales values (1); select pg_sleep(0.2); commit")

    assert 0.2 <= (await reader.batch()).oldest_s < 10


async def test_rows_of_the_future_are_not_read(writer: Any, reader: Reader, database_url: str) -> None:
    # As a dump of another server brings them.
    await writer.execute("insert into servery.changes (xid, relation) values ('9999999999', 'public.sales')")

    assert await reader.news() == set()
    await installed(database_url)
    assert await writer.fetchval("select count(*) from servery.changes") == 0


async def test_where_nothing_is_installed_that_is_told(line: Line, database_url: str) -> None:
    await removed(database_url)

    with pytest.raises(NotInstalled):
        await changes_since(line, END)
    with pytest.raises(NotInstalled):
        await shapes(line)
    assert await server_of(line) == ""


async def test_who_may_not_read_is_told_like_who_has_nothing(writer: Any, database_url: str) -> None:
    async with role(database_url) as (_, url):
        line = await Line.open(LineSettings(url))
        with pytest.raises(NotInstalled) as refused:
            await changes_since(line, END)
        assert "permission denied for schema servery" in refused.value.detail
        line.close()


async def test_a_server_is_the_same_for_every_connection_until_it_is_installed_anew(
    writer: Any, line: Line, database_url: str
) -> None:
    before = await server_of(line)
    assert before

    again = await Line.open(LineSettings(database_url))
    assert await server_of(again) == before
    again.close()
    await removed(database_url)
    await installed(database_url)

    assert await server_of(line) not in {before, ""}


async def test_a_server_that_may_have_lost_something_does_not_say_who_it_is(writer: Any, line: Line) -> None:
    await writer.execute("truncate servery.epoch")  # which is what a crash does to it
    assert await server_of(line) == ""

    await writer.execute("select servery.clean()")

    assert await server_of(line) != ""


# What is kept


async def test_a_table_that_became_another_has_another_shape(writer: Any, line: Line) -> None:
    before = await shapes(line)
    assert [(each.relation, each.parts, each.covered) for each in before] == [("public.sales", 1, 1)]
    await writer.execute(f"insert into sales values (1, '{JANUARY}')")
    assert await shapes(line) == before

    await writer.execute("alter table sales rename to old_sales; create table sales (like old_sales)")

    (after,) = await shapes(line)
    assert (after.parts, after.covered) == (1, 0)
    assert after.text != before[0].text


async def test_a_table_that_is_gone_has_no_shape(writer: Any, line: Line) -> None:
    await writer.execute("drop table sales")

    (found,) = await shapes(line)
    assert (found.parts, found.text) == (0, "")
