"""Behind a pooler in transaction mode, such as PgBouncer."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import pytest

from db.errors import Misconfigured
from db.events import Event, Pooled
from db.postgres import PostgresDatabase
from db.prepared import ANOTHER_PROCESS, UNKNOWN_NAME
from db.settings import PoolSettings
from tests.db.pooling import Pooler

pytestmark = [pytest.mark.anyio, pytest.mark.integration]

NAMED = "select count(*) from pg_prepared_statements where name like 'servery%'"


@asynccontextmanager
async def pooled(settings: PoolSettings, events: list[Event]) -> AsyncIterator[PostgresDatabase]:
    database = PostgresDatabase(settings, observe=events.append)
    try:
        yield database
    finally:
        await database.close()


async def asked_at_once(database: PostgresDatabase) -> list[int]:
    """Four questions at a time, each of several texts again and again."""
    found: list[int] = []
    for _ in range(5):
        answers = (database.fetch(f"select {number} + $1::int, pg_sleep(0.01)", [0]) for number in range(4))
        found += [answer.rows[0][0] for answer in await asyncio.gather(*answers)]
    return found


async def test_a_pooler_is_known_by_the_number_of_its_process(database_url: str, events: list[Event]) -> None:
    async with Pooler(database_url).running() as pooler, pooled(PoolSettings(pooler.url), events) as database:
        answers = await asked_at_once(database)
        named = (await database.fetch(NAMED)).rows[0][0]

    assert answers == [0, 1, 2, 3] * 5
    assert (events, named) == ([Pooled(ANOTHER_PROCESS)], 0)


async def test_a_pooler_that_tells_a_true_number_is_known_by_a_name_that_is_lost(
    database_url: str, events: list[Event]
) -> None:
    async with (
        Pooler(database_url, tells_true_numbers=True).running() as pooler,
        pooled(PoolSettings(pooler.url, max_size=1), events) as database,
    ):
        await database.fetch("select 1")
        # Somebody else comes, and there are two processes behind the pooler.
        other = await asyncpg.connect(pooler.url, statement_cache_size=0)
        answers = [(await database.fetch("select 1")).rows[0][0] for _ in range(6)]
        other.terminate()

    assert answers == [1] * 6
    assert events == [Pooled(UNKNOWN_NAME)]


async def test_no_session_takes_the_statement_of_another(database_url: str, events: list[Event]) -> None:
    """Both name their first statement: by one name, each could get the other's answer."""
    async with Pooler(database_url, tells_true_numbers=True).running() as pooler:
        settings = PoolSettings(pooler.url, max_size=1, prepared_statements="on")
        async with pooled(settings, events) as one, pooled(settings, events) as another:
            await asyncio.gather(one.fetch("select 1"), another.fetch("select 2"))
            answers = [
                (await database.fetch(text)).rows[0][0]
                for _ in range(4)
                for database, text in ((one, "select 1"), (another, "select 2"))
            ]

    assert answers == [1, 2] * 4


async def test_whoever_knows_that_names_are_carried_keeps_them(
    database_url: str, events: list[Event]
) -> None:
    """A pooler with one process for one client carries them."""
    async with Pooler(database_url).running() as pooler:
        settings = PoolSettings(pooler.url, max_size=1, prepared_statements="on")
        async with pooled(settings, events) as database:
            await database.fetch("select 1")
            named = (await database.fetch(NAMED)).rows[0][0]

    assert (events, named) == ([], 2)


async def test_without_a_pooler_statements_are_prepared(database_url: str, events: list[Event]) -> None:
    async with pooled(PoolSettings(database_url, max_size=1), events) as database:
        named = (await database.fetch(NAMED)).rows[0][0]

    assert (events, named) == ([], 1)


async def test_statements_that_are_switched_off_are_not_prepared(
    database_url: str, events: list[Event]
) -> None:
    async with pooled(PoolSettings(database_url, prepared_statements="off"), events) as database:
        named = (await database.fetch(NAMED)).rows[0][0]

    assert (events, named) == ([], 0)


async def test_a_pooler_that_drops_the_guard_is_refused_with_a_remedy(
    database_url: str, events: list[Event]
) -> None:
    async with (
        Pooler(database_url, drops_settings=True).running() as pooler,
        pooled(PoolSettings(pooler.url), events) as database,
    ):
        with pytest.raises(Misconfigured) as caught:
            await database.fetch("select 1")

    assert "ALTER ROLE" in caught.value.detail


async def test_a_pooler_that_takes_no_settings_is_told_of_with_a_remedy(events: list[Event]) -> None:
    async def refuse(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        told = b"SFATAL\0VFATAL\0C08P01\0Munsupported startup parameter: statement_timeout\0\0"
        writer.write(b"E" + (len(told) + 4).to_bytes(4) + told)
        writer.close()

    async with await asyncio.start_server(refuse, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        async with pooled(
            PoolSettings(f"postgresql://me@127.0.0.1:{port}/db?sslmode=disable"), events
        ) as database:
            with pytest.raises(Misconfigured) as caught:
                await database.fetch("select 1")

    assert "statement_timeout; add it to ignore_startup_parameters" in caught.value.detail
