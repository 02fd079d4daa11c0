"""How long our own event loop did nothing, so that a busy machine is not taken for a slow cache."""

import asyncio
import time
from bisect import bisect_left
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

_BEAT = 0.005
_TIMER = 0.001
"""What a timer may be late by on an idle machine."""


class Stalls:
    """Each is the moment at which it ended, and its seconds."""

    def __init__(self) -> None:
        self._ends: list[float] = []
        self._lengths: list[float] = []

    def within(self, start: float, end: float) -> float:
        """Seconds of stalls that ended between the two moments, or a beat later."""
        first, last = bisect_left(self._ends, start), bisect_left(self._ends, end + 2 * _BEAT)
        return sum(self._lengths[first:last])

    async def watch(self) -> None:
        while True:
            began = time.perf_counter()
            await asyncio.sleep(_BEAT)
            ended = time.perf_counter()
            if ended - began > _BEAT + _TIMER:
                self._ends.append(ended)
                self._lengths.append(ended - began - _BEAT)


@asynccontextmanager
async def stalls_watched() -> AsyncIterator[Stalls]:
    stalls = Stalls()
    watching = asyncio.create_task(stalls.watch(), name="stalls")
    try:
        yield stalls
    finally:
        watching.cancel()
        await asyncio.wait((watching,))
