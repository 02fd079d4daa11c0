"""A line: it holds a lock, is woken, and never waits for a server that does not answer."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest

from db.errors import QueryTimeout, Refused, Unavailable
from db.listener import Line, LineSettings
from tests.db.eventually import eventually
from tests.proxy import Proxy

pytestmark = [pytest.mark.anyio, pytest.mark.integration]


@pytest.fixture
async def line(database_url: str) -> AsyncIterator[Line]:
    line = await Line.open(LineSettings(database_url))
    yield line
    line.close()


async def test_one_line_holds_a_lock_until_it_ends(line: Line, database_url: str) -> None:
    other = await Line.open(LineSettings(database_url))
    assert await line.lock(-(2**63))
    assert not await other.lock(-(2**63))
    assert await other.lock(1)

    line.close()

    await eventually(lambda: other.lock(-(2**63)), within_s=5)
    other.close()


async def test_a_notification_ends_a_rest(line: Line, onlooker: Any) -> None:
    await line.listen("servery_changes")
    resting = asyncio.create_task(line.rest(60))
    await asyncio.sleep(0.05)

    await onlooker.execute("notify servery_changes")

    async with asyncio.timeout(5):
        await resting


async def test_a_notification_between_two_rests_ends_the_next(line: Line, onlooker: Any) -> None:
    await line.listen("servery_changes")
    await onlooker.execute("notify servery_changes")
    await line.fetch("select 1")

    async with asyncio.timeout(5):
        await line.rest(60)


async def test_without_one_a_rest_has_its_length(line: Line) -> None:
    started = time.monotonic()

    await line.rest(0.2)

    assert 0.19 <= time.monotonic() - started < 5


async def test_the_end_of_the_connection_ends_a_rest(line: Line, onlooker: Any) -> None:
    await line.lock(1)
    resting = asyncio.create_task(line.rest(60))
    await asyncio.sleep(0.05)

    await onlooker.execute("select pg_terminate_backend($1)", line.backend)

    async with asyncio.timeout(5):
        await resting
    assert line.closed
    with pytest.raises(Unavailable):
        await line.fetch("select 1")


async def test_nothing_is_written(line: Line) -> None:
    with pytest.raises(Refused):
        await line.fetch("create table written (id int)")

    assert (await line.fetch("select 1"))[0][0] == 1


async def test_a_statement_ends_at_its_limit_and_the_line_lives(database_url: str) -> None:
    line = await Line.open(LineSettings(database_url, statement_timeout_ms=100))

    with pytest.raises(QueryTimeout):
        await line.fetch("select pg_sleep(60)")

    assert not line.closed
    line.close()


async def test_a_server_that_does_not_answer_ends_the_line(proxy: Proxy, database_url: str) -> None:
    line = await Line.open(LineSettings(proxy.url(database_url), statement_timeout_ms=100))
    proxy.freeze()

    started = time.monotonic()
    with pytest.raises(QueryTimeout):
        await line.fetch("select 1")

    assert time.monotonic() - started < 2
    assert line.closed


async def test_a_network_that_went_away_ends_the_line(proxy: Proxy, database_url: str) -> None:
    line = await Line.open(LineSettings(proxy.url(database_url), statement_timeout_ms=100))
    proxy.cut()

    with pytest.raises(Unavailable):
        await line.fetch("select 1")

    assert line.closed


async def test_a_database_that_is_not_there_is_unavailable() -> None:
    with pytest.raises(Unavailable):
        await Line.open(LineSettings("postgresql://nobody@127.0.0.1:1/none"))
