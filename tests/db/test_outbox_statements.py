"""What each kind of statement writes down, in the transactions of a real PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest

from db.outbox.source import Axis, Source, TimeType
from tests.db.telling import SALES, SAO_PAULO, TABLE, Reader, connected, installed, reading, role

pytestmark = [pytest.mark.anyio, pytest.mark.integration]

JANUARY, FEBRUARY, MARCH = "2026-01-15 12:00+00", "2026-02-15 12:00+00", "2026-03-15 12:00+00"


@pytest.fixture
async def writer(database_url: str) -> AsyncIterator[Any]:
    async with connected(database_url) as connection:
        await connection.execute(TABLE)
        await installed(database_url)
        yield connection


@pytest.fixture
async def reader(writer: Any, database_url: str) -> AsyncIterator[Reader]:
    async with reading(database_url) as reader:
        yield reader


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


async def test_a_row_without_a_time_may_be_in_any_month(writer: Any, reader: Reader) -> None:
    await writer.execute(f"insert into sales values (1, '{JANUARY}'), (2, null)")

    assert await reader.months() is None


@pytest.mark.parametrize("moment", ["infinity", "0044-03-15 BC", "20000-01-01"])
async def test_a_row_outside_the_calendar_may_be_in_any_month(
    writer: Any, reader: Reader, moment: str
) -> None:
    await writer.execute(f"insert into sales values (1, '{JANUARY}'), (2, '{moment}')")

    assert await reader.months() is None


@pytest.mark.parametrize(("count", "told"), [(60, 60), (61, None)])
async def test_more_than_60_months_are_any(writer: Any, reader: Reader, count: int, told: int | None) -> None:
    await writer.execute(
        "insert into sales select n, timestamptz '2001-01-15' + n * interval '1 month'"
        f" from generate_series(1, {count}) n"
    )

    months = await reader.months()
    assert (len(months) if months else None) == told


async def test_two_rows_that_are_far_apart_are_two_months(writer: Any, reader: Reader) -> None:
    await writer.execute(f"insert into sales values (1, '1996-02-03'), (2, '{JANUARY}')")

    assert await reader.months() == ("1996-02", "2026-01")


@pytest.mark.parametrize(
    ("moment", "month"),
    [
        ("2026-02-01 02:59:59+00", "2026-01"),  # 23:59:59 in Sao Paulo
        ("2026-02-01 03:00:00+00", "2026-02"),
        ("2026-01-31 23:30:00-03", "2026-01"),
        ("2018-11-04 02:59:59+00", "2018-11"),
    ],
)
async def test_months_are_those_of_the_zone_of_the_model(
    writer: Any, reader: Reader, moment: str, month: str
) -> None:
    await writer.execute(f"insert into sales values (1, '{moment}')")

    assert await reader.months() == (month,)


# In Newfoundland, the first minute of November 2009 came before the last hour of October.
OCTOBER, NOVEMBER = "2009-10-31 12:00+00", "2009-11-01 12:00+00"
FIRST_MINUTE, LAST_HOUR = "2009-11-01 02:30:30+00", "2009-11-01 03:20+00"


@pytest.mark.parametrize("moments", [(OCTOBER, FIRST_MINUTE, LAST_HOUR), (FIRST_MINUTE, LAST_HOUR, NOVEMBER)])
async def test_a_clock_that_is_put_back_over_a_month_loses_no_month(
    writer: Any, database_url: str, moments: tuple[str, ...]
) -> None:
    newfoundland = Source(
        "sales", "public", "sales", Axis("sold_at", TimeType.TIMESTAMPTZ, "America/St_Johns")
    )
    await installed(database_url, newfoundland)

    async with reading(database_url) as reader:
        rows = ", ".join(f"({number}, '{moment}')" for number, moment in enumerate(moments))
        await writer.execute(f"insert into sales values {rows}")

        assert await reader.months() == ("2009-10", "2009-11")


@pytest.mark.parametrize(
    ("column", "axis", "value", "month"),
    [
        ("date", Axis("day", TimeType.DATE, SAO_PAULO), "2026-02-01", "2026-02"),
        # Midnight in Lisbon is the evening before in Sao Paulo.
        (
            "timestamp",
            Axis("day", TimeType.TIMESTAMP, SAO_PAULO, "Europe/Lisbon"),
            "2026-02-01 00:30",
            "2026-01",
        ),
        ("timestamp", Axis("day", TimeType.TIMESTAMP, SAO_PAULO, SAO_PAULO), "2026-02-01 00:30", "2026-02"),
    ],
)
async def test_days_and_times_without_zone_are_in_their_own_months(
    writer: Any, database_url: str, column: str, axis: Axis, value: str, month: str
) -> None:
    await writer.execute(f"create table visits (day {column})")
    await installed(database_url, Source("visits", "public", "visits", axis))

    async with reading(database_url) as reader:
        await writer.execute(f"insert into visits values ('{value}')")

        assert await reader.months() == (month,)


async def test_a_table_without_a_time_tells_any_month(writer: Any, database_url: str) -> None:
    await writer.execute("create table stores (id int)")
    await installed(database_url, Source("stores", "public", "stores"))

    async with reading(database_url) as reader:
        await writer.execute("insert into stores values (1)")
        assert await reader.news() == {("public.stores", None)}
        await writer.execute("update stores set id = 2 where id = 3; delete from stores where id = 3")
        assert await reader.news() == set()
        await writer.execute("update stores set id = 2")
        assert await reader.news() == {("public.stores", None)}


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


async def test_a_session_without_triggers_is_told_too(writer: Any, reader: Reader) -> None:
    await writer.execute("set session_replication_role = replica")

    await writer.execute(f"insert into sales values (1, '{JANUARY}')")

    assert await reader.months() == ("2026-01",)


@pytest.mark.parametrize(
    "change",
    [
        "alter table sales rename sold_at to sold",
        "alter table sales drop sold_at",
        "alter table sales alter sold_at type text",
    ],
)
async def test_nobodys_statement_fails_when_the_column_becomes_another(
    writer: Any, reader: Reader, change: str
) -> None:
    await writer.execute(f"insert into sales values (1, '{JANUARY}')")
    await reader.batch()
    await writer.execute(change)

    await writer.execute("insert into sales values (2)")

    assert await reader.months() is None


async def test_a_cast_of_somebody_else_never_runs_with_the_rights_of_the_trigger(
    writer: Any, reader: Reader
) -> None:
    await writer.execute(
        "create table spoils (who text);"
        "create type odd as (text text);"
        "create function spoil(odd) returns timestamptz language plpgsql as "
        "$$ begin insert into public.spoils values ('cast'); return now(); end $$;"
        "create cast (odd as timestamptz) with function spoil(odd) as implicit;"
        "alter table sales alter sold_at type odd using null"
    )

    await writer.execute("insert into sales values (1, row('x')::odd)")

    assert await reader.months() is None
    assert await writer.fetchval("select count(*) from spoils") == 0


async def test_a_writer_needs_no_rights_on_our_schema(writer: Any, reader: Reader, database_url: str) -> None:
    async with role(database_url, "grant insert on sales to {role}") as (_, url), connected(url) as clerk:
        await clerk.execute(f"insert into sales values (1, '{JANUARY}')")

        assert await reader.months() == ("2026-01",)
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await clerk.execute("select count(*) from servery.changes")


async def test_serializable_transactions_do_not_meet_in_our_tables(writer: Any, database_url: str) -> None:
    await writer.execute("create table visits (day date)")
    await installed(database_url, SALES, Source("visits", "public", "visits"))
    async with connected(database_url) as other:
        for number in range(10):
            await writer.execute("begin isolation level serializable")
            await other.execute("begin isolation level serializable")
            await writer.execute(f"insert into sales values ({2 * number}, '{JANUARY}')")
            await other.execute(f"insert into sales values ({2 * number + 1}, '{JANUARY}')")
            await writer.execute("insert into visits values ('2026-01-15')")
            await other.execute("insert into visits values ('2026-01-15')")
            await writer.execute("commit")
            await other.execute("commit")

    assert await writer.fetchval("select count(*) from servery.changes") == 40


async def test_writers_that_clean_do_not_wait_for_each_other(writer: Any, database_url: str) -> None:
    await writer.execute(f"insert into sales values (1, '{JANUARY}')")
    await writer.execute("select servery.clean()")
    await writer.execute("update servery.marks set at = at - interval '61 minutes'")
    async with connected(database_url) as other:
        await writer.execute("begin; select servery.clean()")
        assert await writer.fetchval("select count(*) from servery.changes") == 0

        async with asyncio.timeout(5):
            await other.execute(f"insert into sales values (2, '{JANUARY}'); select servery.clean()")
        await writer.execute("commit")


async def test_a_row_that_gets_or_loses_its_time_may_be_in_any_month(writer: Any, reader: Reader) -> None:
    await writer.execute("insert into sales values (1, null)")
    assert await reader.months() is None

    await writer.execute(f"update sales set sold_at = '{JANUARY}'")
    assert await reader.months() is None

    await writer.execute("update sales set sold_at = null")
    assert await reader.months() is None


async def test_an_update_of_many_rows_tells_all_their_months(writer: Any, reader: Reader) -> None:
    await writer.execute(f"insert into sales values (1, '{JANUARY}'), (2, '{FEBRUARY}')")
    await reader.batch()

    await writer.execute(f"update sales set sold_at = '{MARCH}'")

    assert await reader.months() == ("2026-01", "2026-02", "2026-03")


async def test_a_table_that_is_published_can_be_cleaned(writer: Any) -> None:
    await writer.execute("create publication everything for all tables")
    await writer.execute(f"insert into sales (id, sold_at) values (1, '{JANUARY}')")

    await writer.execute("delete from servery.changes")

    assert await writer.fetchval("select count(*) from servery.changes") == 0


async def test_sources_of_the_same_relation_share_one_trigger(writer: Any, database_url: str) -> None:
    await installed(database_url, SALES, Source("returns", "public", "sales", SALES.axis))

    assert await writer.fetchval("select count(*) from pg_trigger where not tgisinternal") == 4
    assert await writer.fetchval("select names from servery.tables") == ["returns", "sales"]
