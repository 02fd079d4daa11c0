import asyncio
import gc
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from db.postgres import PostgresDatabase
from db.turns import let_go
from resolvers.codec import encoded

pytestmark = [pytest.mark.anyio, pytest.mark.integration]

ROWS = 100_000
LONGEST_S = 0.05
"""The promise. The thread's own time is measured, which other programs on the machine do not lengthen."""

TEXT = """
    select number::bigint, number * 1.5::numeric, 'channel ' || number,
           timestamptz '2026-01-31 12:00+00' + number * interval '1 second', date '2026-01-31'
    from generate_series(1, $1::int) as number
"""
ZONE = ZoneInfo("America/Sao_Paulo")


@pytest.fixture(params=[{"use_uvloop": False}, {"use_uvloop": True}], ids=["asyncio", "uvloop"])
def anyio_backend(request: pytest.FixtureRequest) -> tuple[str, dict[str, Any]]:
    return "asyncio", request.param


@pytest.fixture(autouse=True)
def rare_collections() -> Iterator[None]:
    """As in the service: what is there at the start is frozen, and rows that come and go are not searched."""
    before = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 5, 1_000)
    yield
    gc.set_threshold(*before)
    gc.unfreeze()


class Ticker:
    """Notes how long the loop's thread worked between two turns."""

    def __init__(self) -> None:
        self.longest_s = 0.0

    async def run(self) -> None:
        last = time.thread_time()
        while True:
            await asyncio.sleep(0)
            now = time.thread_time()
            self.longest_s = max(self.longest_s, now - last)
            last = now


async def test_a_large_answer_does_not_hold_the_event_loop(database: PostgresDatabase) -> None:
    assert await _best_hold(lambda: _answer(database, ROWS)) < LONGEST_S


async def test_large_answers_at_once_take_turns(database: PostgresDatabase) -> None:
    async def answers() -> None:
        await asyncio.gather(*(_answer(database, ROWS // 4) for _ in range(10)))

    # Ten that work in the same turn hold it for 55 ms and more; with turns it is 8.
    assert await _best_hold(answers) < LONGEST_S / 2


async def _answer(database: PostgresDatabase, count: int) -> None:
    result = await database.fetch(TEXT, [count])
    names, types = zip(*((column.name, column.type) for column in result.columns), strict=True)
    pieces = await encoded([f"{name}{at}" for at, name in enumerate(names)], types, result.rows, ZONE)
    await let_go(result.rows)
    assert b"".join(pieces).count(b"channel ") == count


async def _best_hold(work: Callable[[], Awaitable[None]]) -> float:
    """The longest time between two turns, in the best of three rounds."""
    return min([await _longest_hold(work) for _ in range(3)])


async def _longest_hold(work: Callable[[], Awaitable[None]]) -> float:
    ticker = Ticker()
    ticking = asyncio.create_task(ticker.run())
    await work()
    ticking.cancel()
    return ticker.longest_s
