import asyncio
import time
from decimal import Decimal
from typing import Any

import pytest

from db.database import Column
from db.errors import BadValue, Overloaded, QueryTimeout, Refused, Unavailable
from db.events import Event, Slow
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
        ("select date '4713-01-01 BC'", [], None),
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


async def test_a_statement_over_its_own_limit_is_stopped_in_postgresql(
    database: PostgresDatabase, onlooker: Any
) -> None:
    started = time.monotonic()

    with pytest.raises(QueryTimeout) as caught:
        await database.fetch("select pg_sleep(60)", timeout_ms=300)

    assert caught.value.timeout_ms == 300
    assert time.monotonic() - started < 1
    await eventually(lambda: _nothing_sleeps(onlooker), within_s=1)


async def test_the_statement_timeout_stops_what_has_no_limit_of_its_own(database_url: str) -> None:
    database = PostgresDatabase(PoolSettings(database_url, statement_timeout_ms=300))

    with pytest.raises(QueryTimeout) as caught:
        await database.fetch("select pg_sleep(60)", timeout_ms=30_000)

    assert (caught.value.timeout_ms, caught.value.sqlstate) == (300, "57014")
    await database.close()


async def test_cancelling_the_caller_cancels_the_statement_in_postgresql(
    database_url: str, onlooker: Any
) -> None:
    database = PostgresDatabase(PoolSettings(database_url, max_size=1))
    question = asyncio.create_task(database.fetch("select pg_sleep(60)"))
    await eventually(lambda: _something_sleeps(onlooker), within_s=2)

    question.cancel()
    with pytest.raises(asyncio.CancelledError):
        await question

    await eventually(lambda: _nothing_sleeps(onlooker), within_s=1)
    assert (await database.fetch("select 1")).rows[0][0] == 1
    await database.close()


async def test_many_cancelled_callers_leak_no_connection(database_url: str, onlooker: Any) -> None:
    database = PostgresDatabase(PoolSettings(database_url, max_size=3))

    for number in range(60):
        question = asyncio.create_task(database.fetch("select pg_sleep(0.02)"))
        await asyncio.sleep(0.0005 * (number % 30))
        question.cancel()
        await asyncio.wait({question})
    answers = await asyncio.gather(*(database.fetch("select pg_sleep(0.1), 1") for _ in range(3)))

    assert [answer.rows[0][1] for answer in answers] == [1, 1, 1]
    assert await _sessions(onlooker) <= 3
    await database.close()
    await eventually(lambda: _no_session(onlooker), within_s=1)


async def test_a_full_pool_waits_within_its_bound_then_says_when_to_come_back(database_url: str) -> None:
    database = PostgresDatabase(PoolSettings(database_url, max_size=1, acquire_timeout_ms=200))
    await database.ready()
    long = asyncio.create_task(database.fetch("select pg_sleep(0.8)"))
    await asyncio.sleep(0)
    started = time.monotonic()

    with pytest.raises(Overloaded) as caught:
        await database.fetch("select 1")

    assert caught.value.retry_after_ms == 200
    assert 0.15 < time.monotonic() - started < 0.6
    await long
    assert (await database.fetch("select 1")).rows[0][0] == 1
    await database.close()


async def test_opening_warms_the_least_size_and_a_lazy_one_touches_nothing(
    database_url: str, onlooker: Any
) -> None:
    lazy = await PostgresDatabase.open(PoolSettings("postgresql://nobody@127.0.0.1:1/nowhere"))
    warm = await PostgresDatabase.open(PoolSettings(database_url, min_size=3))

    assert await _sessions(onlooker) == 3
    await lazy.close()
    await warm.close()


async def test_closing_lets_a_short_statement_finish(database_url: str) -> None:
    database = PostgresDatabase(PoolSettings(database_url))
    question = asyncio.create_task(database.fetch("select 7, pg_sleep(0.3)"))
    await asyncio.sleep(0.1)

    await database.close()

    assert (await question).rows[0][0] == 7
    with pytest.raises(Unavailable):
        await database.fetch("select 1")


async def test_closing_ends_a_long_statement_after_its_bound(database_url: str, onlooker: Any) -> None:
    database = PostgresDatabase(PoolSettings(database_url, close_timeout_ms=200))
    question = asyncio.create_task(database.fetch("select pg_sleep(60)"))
    await eventually(lambda: _something_sleeps(onlooker), within_s=2)
    started = time.monotonic()

    await database.close()

    assert time.monotonic() - started < 1.5
    with pytest.raises(Unavailable):
        await question
    assert [task for task in asyncio.all_tasks() if task.get_name().startswith("settle")] == []


async def test_a_slow_statement_is_reported_without_its_arguments(
    database_url: str, events: list[Event]
) -> None:
    settings = PoolSettings(database_url, slow_query_ms=50)
    database = PostgresDatabase(settings, observe=events.append)

    await database.fetch("select pg_sleep($1)", [0.0])
    await database.fetch("select pg_sleep($1)", [0.1])

    (event,) = events
    assert isinstance(event, Slow)
    assert (event.text, event.rows) == ("select pg_sleep($1)", 1)
    assert event.ms >= 100
    await database.close()


async def _something_sleeps(onlooker: Any) -> bool:
    return not await _nothing_sleeps(onlooker)


async def _nothing_sleeps(onlooker: Any) -> bool:
    sleeping = await onlooker.fetchval(
        "select count(*) from pg_stat_activity where wait_event = 'PgSleep' and datname = current_database()"
    )
    return bool(sleeping == 0)


async def _sessions(onlooker: Any) -> int:
    count: int = await onlooker.fetchval(
        """
        select count(*) from pg_stat_activity
        where application_name = 'servery' and datname = current_database()
        """
    )
    return count


async def _no_session(onlooker: Any) -> bool:
    return await _sessions(onlooker) == 0
