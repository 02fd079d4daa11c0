"""What each kind of statement writes down, in the transactions of a real PostgreSQL."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from db.outbox.source import Axis, Source, TimeType
from tests.db.telling import SALES, SAO_PAULO, Reader, installed, reading

pytestmark = [pytest.mark.anyio, pytest.mark.integration]

JANUARY, FEBRUARY, MARCH = "2026-01-15 12:00+00", "2026-02-15 12:00+00", "2026-03-15 12:00+00"


async def test_an_insert_tells_the_month_of_its_row(writer: Any, reader: Reader) -> None:
    await writer.execute(f"insert into sales values (1, '{JANUARY}')")

    assert await reader.news() == {("public.sales", ("2026-01",))}
    assert await reader.news() == set()


async def test_a_statement_tells_every_month_once(writer: Any, reader: Reader) -> None:
    await writer.execute(
        "insert into sales select n, timestamptz '2026-01-10' + n * interval '1 day'"
        " from generate_series(0, 70) n"
    )

    assert await reader.months() == ("2026-01", "2026-02", "2026-03")
    assert await writer.fetchval("select count(*) from servery.changes") == 1


async def test_an_update_tells_where_rows_were_and_where_they_are(writer: Any, reader: Reader) -> None:
    await writer.execute(f"insert into sales values (1, '{JANUARY}'), (2, '{FEBRUARY}')")
    await reader.batch()

    await writer.execute(f"update sales set sold_at = '{MARCH}' where id = 1")

    assert await reader.months() == ("2026-01", "2026-03")


async def test_an_update_of_another_column_tells_the_month_of_its_row(writer: Any, reader: Reader) -> None:
    await writer.execute(f"insert into sales values (1, '{JANUARY}'), (2, '{FEBRUARY}')")
    await reader.batch()

    await writer.execute("update sales set amount = 2 where id = 2")

    assert await reader.months() == ("2026-02",)


async def test_a_delete_tells_the_months_of_what_is_gone(writer: Any, reader: Reader) -> None:
    await writer.execute(f"insert into sales values (1, '{JANUARY}'), (2, '{FEBRUARY}')")
    await reader.batch()

    await writer.execute("delete from sales where id = 2")

    assert await reader.months() == ("2026-02",)


async def test_a_truncate_tells_any_month(writer: Any, reader: Reader) -> None:
    await writer.execute("truncate sales")

    assert await reader.news() == {("public.sales", None)}


@pytest.mark.parametrize(
    "statement",
    [
        "insert into sales select * from sales where false",
        "update sales set amount = 2 where false",
        "delete from sales where false",
    ],
)
async def test_a_statement_that_touches_no_row_writes_nothing(
    writer: Any, reader: Reader, statement: str
) -> None:
    await writer.execute(statement)

    assert await reader.news() == set()
    assert await writer.fetchval("select count(*) from servery.changes") == 0


async def test_a_copy_tells_like_an_insert(writer: Any, reader: Reader) -> None:
    lines = f"1\t{JANUARY}\t1\n2\t{FEBRUARY}\t1\n".encode()

    async def source() -> AsyncIterator[bytes]:
        yield lines

    await writer.copy_to_table("sales", source=source())

    assert await reader.months() == ("2026-01", "2026-02")


async def test_an_upsert_tells_what_it_inserted_and_what_it_updated(writer: Any, reader: Reader) -> None:
    await writer.execute(f"insert into sales values (1, '{JANUARY}')")
    await reader.batch()

    await writer.execute(
        f"insert into sales values (1, '{FEBRUARY}'), (2, '{MARCH}')"
        " on conflict (id) do update set sold_at = excluded.sold_at"
    )

    assert await reader.news() == {
        ("public.sales", ("2026-03",)),
        ("public.sales", ("2026-01", "2026-02")),
    }


async def test_an_upsert_that_does_nothing_writes_nothing(writer: Any, reader: Reader) -> None:
    await writer.execute(f"insert into sales values (1, '{JANUARY}')")
    await reader.batch()

    await writer.execute(f"insert into sales values (1, '{MARCH}') on conflict do nothing")

    assert await reader.news() == set()


async def test_a_merge_tells_of_each_of_its_actions(writer: Any, reader: Reader) -> None:
    await writer.execute(f"insert into sales values (1, '{JANUARY}'), (2, '{FEBRUARY}')")
    await reader.batch()

    await writer.execute(
        "merge into sales using (values (1, 'gone'), (2, 'more'), (3, 'new')) as given (id, what)"
        " on sales.id = given.id"
        " when matched and what = 'gone' then delete"
        " when matched then update set amount = 5"
        f" when not matched then insert values (3, '{MARCH}', 1)"
    )

    assert await reader.news() == {
        ("public.sales", ("2026-01",)),
        ("public.sales", ("2026-02",)),
        ("public.sales", ("2026-03",)),
    }


async def test_rows_that_follow_a_deleted_key_are_told_too(writer: Any, database_url: str) -> None:
    await writer.execute(
        "create table lines (sale int references sales on delete cascade, sold_on date);"
        f"insert into sales values (1, '{JANUARY}');"
        "insert into lines values (1, '2026-01-20')"
    )
    lines = Source("lines", "public", "lines", Axis("sold_on", TimeType.DATE, SAO_PAULO))
    await installed(database_url, SALES, lines)

    async with reading(database_url) as reader:
        await writer.execute("delete from sales")

        assert await reader.news() == {("public.sales", ("2026-01",)), ("public.lines", ("2026-01",))}


async def test_a_rollback_writes_nothing(writer: Any, reader: Reader) -> None:
    await writer.execute(f"begin; insert into sales values (1, '{JANUARY}'); rollback")

    assert await reader.news() == set()


async def test_what_a_savepoint_takes_back_is_not_told(writer: Any, reader: Reader) -> None:
    await writer.execute(
        f"begin; insert into sales values (1, '{JANUARY}'); savepoint here;"
        f"insert into sales values (2, '{FEBRUARY}'); rollback to here; commit"
    )

    assert await reader.news() == {("public.sales", ("2026-01",))}


async def test_what_is_done_again_after_a_savepoint_is_told(writer: Any, reader: Reader) -> None:
    await writer.execute(
        f"begin; savepoint here; insert into sales values (1, '{JANUARY}'); rollback to here;"
        f"insert into sales values (2, '{JANUARY}'); commit"
    )

    assert await reader.news() == {("public.sales", ("2026-01",))}


async def test_a_transaction_tells_the_same_only_once(writer: Any, reader: Reader) -> None:
    async with writer.transaction():
        for number in range(20):
            await writer.execute(f"insert into sales values ({number}, '{JANUARY}')")
        await writer.execute(f"insert into sales values (99, '{MARCH}')")

    assert await writer.fetchval("select count(*) from servery.changes") == 2
    assert {months for _, months in await reader.news()} == {("2026-01",), ("2026-03",)}


async def test_the_next_transaction_tells_it_again(writer: Any, reader: Reader) -> None:
    await writer.execute(f"insert into sales values (1, '{JANUARY}')")
    await reader.batch()

    await writer.execute(f"insert into sales values (2, '{JANUARY}')")

    assert await reader.months() == ("2026-01",)


async def test_partitions_tell_for_their_table_however_they_are_written(
    writer: Any, database_url: str
) -> None:
    await writer.execute(
        "create table visits (at timestamptz) partition by range (at);"
        "create table early partition of visits for values from (minvalue) to ('2026-02-01');"
        "create table late partition of visits for values from ('2026-02-01') to (maxvalue)"
    )
    axis = Axis("at", TimeType.TIMESTAMPTZ, "UTC")
    await installed(database_url, Source("visits", "public", "visits", axis))

    async with reading(database_url) as reader:
        await writer.execute(f"insert into visits values ('{JANUARY}'), ('{FEBRUARY}')")
        assert await reader.news() == {("public.visits", ("2026-01", "2026-02"))}
        await writer.execute(f"insert into late values ('{MARCH}')")
        assert await reader.news() == {("public.visits", ("2026-03",))}
        await writer.execute(f"update visits set at = '{MARCH}' where at = '{JANUARY}'")
        assert await reader.news() == {("public.visits", ("2026-01", "2026-03"))}
        await writer.execute("truncate visits")
        assert await reader.news() == {("public.visits", None)}


async def test_children_of_a_table_tell_for_it(writer: Any, database_url: str) -> None:
    await writer.execute("create table more_sales () inherits (sales)")
    await installed(database_url)

    async with reading(database_url) as reader:
        await writer.execute(f"insert into more_sales values (1, '{JANUARY}')")
        assert await reader.news() == {("public.sales", ("2026-01",))}
        await writer.execute("update sales set amount = 3")
        assert await reader.news() == {("public.sales", ("2026-01",))}


async def test_an_update_of_many_rows_tells_all_their_months(writer: Any, reader: Reader) -> None:
    await writer.execute(f"insert into sales values (1, '{JANUARY}'), (2, '{FEBRUARY}')")
    await reader.batch()

    await writer.execute(f"update sales set sold_at = '{MARCH}'")

    assert await reader.months() == ("2026-01", "2026-02", "2026-03")


async def test_sources_of_the_same_relation_share_one_trigger(writer: Any, database_url: str) -> None:
    await installed(database_url, SALES, Source("returns", "public", "sales", SALES.axis))

    assert await writer.fetchval("select count(*) from pg_trigger where not tgisinternal") == 4
    assert await writer.fetchval("select names from servery.tables") == ["returns", "sales"]
