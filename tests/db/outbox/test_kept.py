"""Rows are kept for an hour after their commit, and then no longer."""

from typing import Any

import pytest

from tests.db.eventually import eventually

pytestmark = [pytest.mark.anyio, pytest.mark.integration]

JANUARY, FEBRUARY = "2026-01-15 12:00+00", "2026-02-15 12:00+00"


async def kept(writer: Any) -> list[int]:
    rows = await writer.fetch("select extract(month from months[1])::int from servery.changes order by 1")
    return [row[0] for row in rows]


async def an_hour_passes(writer: Any) -> None:
    await writer.execute("update servery.marks set at = at - interval '61 minutes'")


async def mark(writer: Any) -> None:
    """Make one behind everything that was committed; an autovacuum may be in its way for a moment."""

    async def is_behind_all() -> bool:
        await writer.execute("truncate servery.marks; select servery.clean()")
        found = await writer.fetchval(
            "select (select max(xid) from servery.changes) < (select since from servery.marks)"
        )
        return bool(found)

    await eventually(is_behind_all, within_s=15)


async def test_rows_go_an_hour_after_they_were_committed(writer: Any) -> None:
    await writer.execute(f"insert into sales values (1, '{JANUARY}')")
    await mark(writer)
    await an_hour_passes(writer)
    await writer.execute(f"insert into sales values (2, '{FEBRUARY}')")

    await writer.execute("select servery.clean()")

    assert await kept(writer) == [2]


async def test_rows_stay_within_the_hour(writer: Any) -> None:
    await writer.execute(f"insert into sales values (1, '{JANUARY}')")
    await mark(writer)
    await writer.execute("update servery.marks set at = at - interval '59 minutes'")

    await writer.execute("select servery.clean()")

    assert await kept(writer) == [1]


async def test_a_row_of_a_long_transaction_stays_for_an_hour_after_its_commit(
    writer: Any, other: Any
) -> None:
    await other.execute(f"begin; insert into sales values (1, '{JANUARY}')")
    await writer.execute("select servery.clean()")
    await an_hour_passes(writer)
    await other.execute("commit")

    await writer.execute("select servery.clean()")
    assert await kept(writer) == [1]

    await mark(writer)
    await an_hour_passes(writer)
    await writer.execute("select servery.clean()")
    assert await kept(writer) == []


async def test_marks_of_another_server_clean_nothing(writer: Any) -> None:
    await writer.execute(f"insert into sales values (1, '{JANUARY}')")
    await writer.execute("insert into servery.marks values (now() - interval '2 hours', '99999999', 42)")

    await writer.execute("select servery.clean()")

    assert await kept(writer) == [1]


async def test_marks_do_not_grow_without_end(writer: Any) -> None:
    for _ in range(5):
        await writer.execute("select servery.clean()")
    assert await writer.fetchval("select count(*) from servery.marks") == 1

    for _ in range(5):
        await an_hour_passes(writer)
        await writer.execute("select servery.clean()")

    assert await writer.fetchval("select count(*) from servery.marks") == 2


async def test_cleaning_is_done_by_writing(writer: Any) -> None:
    # One row in fifty looks whether it is time: that none of 600 does has a chance of 1 in 180,000.
    for number in range(600):
        await writer.execute(f"insert into sales values ({number}, '{JANUARY}')")

    assert await writer.fetchval("select count(*) from servery.marks") == 1
