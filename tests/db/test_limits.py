import asyncio
import time
from typing import Any

import pytest

from db.errors import Overloaded, QueryTimeout, Unavailable
from db.events import Event, Slow
from db.postgres import PostgresDatabase
from db.settings import PoolSettings
from tests.db.eventually import eventually

pytestmark = [pytest.mark.anyio, pytest.mark.integration]


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
