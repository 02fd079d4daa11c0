"""Full searches for garbage, seldom enough to hold up nobody, and often enough that memory stays flat.

What requests leave behind in cycles is large: GraphQL's execution refers to itself, and to the rows. Python
alone would search for it after a share of all objects has changed, in the middle of an answer.
"""

import asyncio
import ctypes
import gc
import sys
import time
from collections.abc import Callable
from typing import Final

from db.turns import are_large_answers_under_way

EVERY_S: Final = 1.0
SHARE: Final = 0.01
"""No more of the time than that is spent on it."""

LONGEST_WAIT_S: Final = 10.0
"""While large answers are under way a search takes long: it waits for them, but not for ever."""


def collected() -> None:
    """A full search; what it freed goes back to the system where the allocator can be told to."""
    gc.collect()
    if _TRIM is not None:
        _TRIM(0)


def _trim() -> Callable[[int], object] | None:
    """Glibc's own; others give memory back by themselves."""
    try:
        return ctypes.CDLL(None).malloc_trim if sys.platform == "linux" else None
    except (OSError, AttributeError):
        return None


_TRIM: Final = _trim()


class Tidying:
    """`collect` searches; `pending` tells how often the young were searched since."""

    def __init__(
        self,
        *,
        collect: Callable[[], object] = collected,
        pending: Callable[[], int] = lambda: gc.get_count()[2],
        busy: Callable[[], bool] = are_large_answers_under_way,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._collect = collect
        self._pending = pending
        self._busy = busy
        self._clock = clock
        self._not_before = clock()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._again_and_again(), name="tidying")

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    def tidy(self) -> None:
        """Search, if there may be something and it is time."""
        began = self._clock()
        if began < self._not_before or not self._pending():
            return
        if self._busy() and began < self._not_before + LONGEST_WAIT_S:
            return
        self._collect()
        ended = self._clock()
        self._not_before = ended + (ended - began) / SHARE

    async def _again_and_again(self) -> None:
        while True:
            await asyncio.sleep(EVERY_S)
            self.tidy()
