import asyncio
import time
from typing import Any

import pytest

from db.errors import Conflict, Misconfigured, QueryTimeout, Unavailable
from db.events import Back, Event, Lost
from db.postgres import PostgresDatabase
from db.settings import PoolSettings
from tests.db.asking import is_answering, is_unavailable
from tests.db.eventually import eventually
from tests.proxy import Proxy

pytestmark = [pytest.mark.anyio, pytest.mark.integration]


async def test_a_database_that_is_not_there_is_unavailable_at_once(events: list[Event]) -> None:
    database = PostgresDatabase(PoolSettings("postgresql://ana@127.0.0.1:1/shop"), observe=events.append)
    started = time.monotonic()

    for _ in range(3):
        with pytest.raises(Unavailable):
            await database.fetch("select 1")

    assert time.monotonic() - started < 0.5
    assert events == [Lost("connection refused")]
    await database.close()


@pytest.mark.parametrize("part", ["password", "database"])
async def test_a_wrong_password_or_database_is_told_apart_from_an_absent_server(
    database_url: str, part: str
) -> None:
    wrong = (
        database_url.replace("://servery:", "://servery:not") if part == "password" else database_url + "not"
    )
    database = PostgresDatabase(PoolSettings(wrong))

    with pytest.raises(Misconfigured) as caught:
        await database.ready()

    assert caught.value.sqlstate == {"password": "28P01", "database": "3D000"}[part]
    assert str(caught.value) == str(Unavailable())
    await database.close()


async def test_a_cut_connection_is_replaced_and_the_statement_run_again(
    database_url: str, proxy: Proxy, events: list[Event]
) -> None:
    database = await PostgresDatabase.open(
        PoolSettings(proxy.url(database_url), min_size=3), observe=events.append
    )
    question = asyncio.create_task(database.fetch("select 5, pg_sleep(0.3)"))
    await asyncio.sleep(0.1)

    proxy.cut()

    assert (await question).rows[0][0] == 5
    assert events == []
    await database.close()


async def test_a_killed_backend_costs_one_more_attempt(database_url: str, onlooker: Any) -> None:
    database = PostgresDatabase(PoolSettings(database_url))
    question = asyncio.create_task(database.fetch("select 5, pg_sleep(0.3)"))
    await asyncio.sleep(0.1)

    await _end_backends(onlooker)

    assert (await question).rows[0][0] == 5
    await database.close()


async def test_a_backend_that_is_killed_twiceis_unavailable(database_url: str, onlooker: Any) -> None:
    database = PostgresDatabase(PoolSettings(database_url))
    question = asyncio.create_task(database.fetch("select 5, pg_sleep(30)"))

    async def killed() -> bool:
        await _end_backends(onlooker)
        return question.done()

    await eventually(killed, within_s=5)

    with pytest.raises(Unavailable):
        await question
    await database.close()


async def test_a_serialization_failure_is_tried_twice_and_is_then_a_conflict(
    database_url: str, onlooker: Any, proxy: Proxy
) -> None:
    await onlooker.execute(
        """
        create function conflict() returns int language plpgsql as $$
        begin
            raise 'conflict' using errcode = 'serialization_failure';
        end $$
        """
    )
    database = PostgresDatabase(PoolSettings(proxy.url(database_url)))
    with pytest.raises(Conflict):
        await database.fetch("select conflict()")
    before = proxy.requests

    with pytest.raises(Conflict):
        await database.fetch("select conflict()")

    assert proxy.requests - before == 2
    await database.close()


async def test_connections_that_die_silently_are_replaced_within_two_seconds(
    database_url: str, proxy: Proxy
) -> None:
    database = await PostgresDatabase.open(
        PoolSettings(proxy.url(database_url), min_size=8, max_size=8, cancel_timeout_ms=500)
    )
    proxy.strand()

    took = await eventually(lambda: is_answering(database), within_s=3)

    assert took < 2
    await asyncio.gather(*(database.fetch("select pg_sleep(0.1)") for _ in range(8)))
    await database.close()


async def test_a_frozen_network_is_a_timeout_then_unavailable_and_recovers(
    database_url: str, proxy: Proxy, events: list[Event]
) -> None:
    settings = PoolSettings(proxy.url(database_url), connect_timeout_ms=300, cancel_timeout_ms=300)
    database = PostgresDatabase(settings, observe=events.append)
    await database.ready()
    proxy.freeze()

    with pytest.raises(QueryTimeout):
        await database.fetch("select 1", timeout_ms=200)
    await eventually(lambda: is_unavailable(database), within_s=2)
    proxy.resume()

    assert await eventually(lambda: is_answering(database), within_s=2) < 2
    assert [type(event) for event in events] == [Lost, Back]
    await database.close()


async def test_a_pool_full_of_failing_connects_is_unavailable_and_not_busy(
    database_url: str, proxy: Proxy
) -> None:
    settings = PoolSettings(
        proxy.url(database_url), max_size=1, connect_timeout_ms=400, acquire_timeout_ms=500
    )
    database = PostgresDatabase(settings)
    proxy.freeze()

    answers = await asyncio.gather(*(database.fetch("select 1") for _ in range(6)), return_exceptions=True)

    assert {type(answer) for answer in answers} == {Unavailable}
    await database.close()


async def test_a_slow_network_is_waited_for(database_url: str, proxy: Proxy) -> None:
    database = PostgresDatabase(PoolSettings(proxy.url(database_url)))
    await database.ready()
    proxy.delay_s = 0.1

    assert await database.ready() >= 200
    await database.close()


async def _end_backends(onlooker: Any) -> bool:
    ended = await onlooker.fetch(
        """
        select pg_terminate_backend(pid) from pg_stat_activity
        where application_name = 'servery' and datname = current_database() and wait_event = 'PgSleep'
        """
    )
    return bool(ended)
