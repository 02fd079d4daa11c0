import gc
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from asyncpg import Record

from db.database import Column
from db.errors import BadValue, DatabaseError, Refused
from db.postgres import PostgresDatabase
from db.settings import PoolSettings
from tests.db.eventually import eventually
from tests.proxy import Proxy

pytestmark = [pytest.mark.anyio, pytest.mark.integration]


async def test_an_answer_has_columns_with_postgresqls_types_and_rows_by_position(
    database: PostgresDatabase,
) -> None:
    result = await database.fetch(
        "select $1::text as channel, 3::bigint as sales, date '2026-01-31' as day", ["app"]
    )

    assert result.columns == (Column("channel", "text"), Column("sales", "int8"), Column("day", "date"))
    assert result.rows[0][:2] == ("app", 3)
    assert result.ms > 0


async def test_columns_are_known_without_rows(database: PostgresDatabase) -> None:
    result = await database.fetch("select 1::numeric as revenue where false")

    assert result.columns == (Column("revenue", "numeric"),)
    assert list(result.rows) == []


async def test_a_connection_keeps_no_rows_of_an_answer_that_nobody_reads_any_more(
    database: PostgresDatabase,
) -> None:
    result = await database.fetch("select 'a row of this test' from generate_series(1, 10)")

    assert _rows_in_memory() == 10
    del result
    assert _rows_in_memory() == 0


def _rows_in_memory() -> int:
    return sum(isinstance(each, Record) and each[0] == "a row of this test" for each in gc.get_objects())


async def test_numeric_and_json_arrive_as_exact_text(database: PostgresDatabase) -> None:
    result = await database.fetch(
        """select 12345678901234567890.10::numeric, 'NaN'::numeric, array[0.10::numeric], '{"a": 1}'::json"""
    )

    assert tuple(result.rows[0]) == ("12345678901234567890.10", "NaN", ["0.10"], '{"a": 1}')


@pytest.mark.parametrize("value", [Decimal("7.50"), 7, "7.5", Decimal("1E+3")])
async def test_numeric_arguments_may_be_decimal_int_or_text(
    database: PostgresDatabase, value: object
) -> None:
    result = await database.fetch("select $1::numeric = $2::text::numeric", [value, str(value)])

    assert result.rows[0][0] is True


async def test_lists_of_numerics_and_dates_may_hold_numbers_days_texts_and_null(
    database: PostgresDatabase,
) -> None:
    result = await database.fetch(
        "select $1::numeric[]::text, $2::date[]::text, $3::date",
        [[Decimal("1.50"), 2, "3.0", None], [date(2026, 1, 31), "2026-02-01"], date(2026, 1, 31)],
    )

    assert tuple(result.rows[0]) == ("{1.50,2,3.0,NULL}", "{2026-01-31,2026-02-01}", "2026-01-31")


async def test_sessions_are_read_only_in_utc_and_plan_with_the_values(database: PostgresDatabase) -> None:
    result = await database.fetch(
        """
        select current_setting('default_transaction_read_only'), current_setting('timezone'),
               current_setting('plan_cache_mode'), current_setting('statement_timeout'),
               current_setting('application_name')
        """
    )

    assert tuple(result.rows[0]) == ("on", "UTC", "force_custom_plan", "15s", "servery")


async def test_a_statement_that_writes_is_refused_and_writes_nothing(
    database: PostgresDatabase, onlooker: Any
) -> None:
    await onlooker.execute("create table sale (id int)")

    with pytest.raises(Refused) as caught:
        await database.fetch("insert into sale values (1) returning id")

    assert caught.value.sqlstate == "25006"
    assert "sale" not in str(caught.value)
    assert await onlooker.fetchval("select count(*) from sale") == 0


@pytest.mark.parametrize(
    "opening", ["begin read write", "select set_config('default_transaction_read_only', 'off', false)"]
)
async def test_a_statement_that_lifts_the_guard_loses_its_connection(
    database: PostgresDatabase, onlooker: Any, opening: str
) -> None:
    await onlooker.execute("create table sale (id int)")
    await database.fetch(opening)

    with pytest.raises(Refused):
        await database.fetch("insert into sale values (1) returning id")

    assert await onlooker.fetchval("select count(*) from sale") == 0


async def test_a_known_statement_costs_one_round_trip(database_url: str, proxy: Proxy) -> None:
    database = PostgresDatabase(PoolSettings(proxy.url(database_url)))
    await database.fetch("select $1::int", [1])
    before = proxy.requests

    for number in range(5):
        await database.fetch("select $1::int", [number])

    assert proxy.requests - before == 5
    await database.close()


async def test_statements_that_fall_out_of_the_cache_are_closed_in_postgresql(database_url: str) -> None:
    database = PostgresDatabase(PoolSettings(database_url, max_size=1, statement_cache_size=3))

    for number in range(20):
        await database.fetch(f"select {number}")
    result = await database.fetch("select count(*) from pg_prepared_statements")

    assert result.rows[0][0] <= 5
    await database.close()


async def test_no_statement_stays_prepared_without_a_cache(database_url: str) -> None:
    database = PostgresDatabase(PoolSettings(database_url, max_size=1, statement_cache_size=0))

    for _ in range(3):
        result = await database.fetch("select count(*) from pg_prepared_statements where name <> ''")

    assert result.rows[0][0] == 0
    await database.close()


async def test_a_table_that_changes_its_type_changes_the_columns(
    database: PostgresDatabase, onlooker: Any
) -> None:
    await onlooker.execute("create table sale (total int)")
    await database.fetch("select * from sale")

    await onlooker.execute("alter table sale alter total type numeric, add note text")
    result = await database.fetch("select * from sale")

    assert result.columns == (Column("total", "numeric"), Column("note", "text"))


@pytest.mark.parametrize(
    ("text", "args", "sqlstate"),
    [
        ("select 1 / $1::int", [0], "22012"),
        ("select $1::numeric", ["many"], "22P02"),
        ("select $1::text", ["a\0b"], "22021"),
        ("select $1::text", ["\ud800"], "22000"),
        ("select $1::int", [2**40], "22000"),
        ("select timestamptz '4713-01-01 BC'", [], None),
    ],
)
async def test_a_bad_value_is_told_apart_and_leaves_the_connection_usable(
    database: PostgresDatabase, text: str, args: list[object], sqlstate: str | None
) -> None:
    with pytest.raises(BadValue) as caught:
        await database.fetch(text, args)

    assert caught.value.sqlstate == sqlstate
    assert caught.value.detail
    assert (await database.fetch("select 1")).rows[0][0] == 1


@pytest.mark.parametrize(
    ("text", "args"),
    [
        ("selct 1", []),
        ("select nope", []),
        ("select $1::int", []),
        ("select 1; select 2", []),
        ("select '\ud800'", []),
    ],
)
async def test_a_wrong_statement_is_refused_without_its_words(
    database: PostgresDatabase, text: str, args: list[object]
) -> None:
    with pytest.raises(Refused) as caught:
        await database.fetch(text, args)

    assert str(caught.value) == "The database refused this question."
    assert (await database.fetch("select 1")).rows[0][0] == 1


@pytest.mark.parametrize("args", [(1, 2), ("one",)], ids=["too many", "of another type"])
async def test_values_that_cannot_be_sent_leave_no_transaction_open(
    database: PostgresDatabase, onlooker: Any, args: tuple[object, ...]
) -> None:
    with pytest.raises(DatabaseError):
        await database.fetch("select $1::int", args)

    busy = """
        select count(*) = 0 from pg_stat_activity
        where datname = current_database() and state <> 'idle' and pid <> pg_backend_pid()
    """
    await eventually(lambda: onlooker.fetchval(busy), within_s=2)
    assert (await database.fetch("select 1")).rows[0][0] == 1
