"""Keeps memory flat: what is free goes back to the system, and garbage is searched for, holding up nobody.

Python alone would search after a share of all objects has changed, in the middle of an answer.
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
"""No more of the processor's time than that is spent on it."""

WORK_S: Final = 0.05
"""So much of the processor's time is used before there may be anything to tidy."""

LONGEST_WAIT_S: Final = 10.0
"""While large answers are under way a search takes long: it waits for them, but not for ever."""


def give_back() -> None:
    """What is free in whole pages goes back to the system: large answers leave holes among what stays.

    It takes a millisecond or two.
    """
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
    """`collect` searches. `used` is what this thread has used of the processor.

    When others have it, a search costs no more; and where next to nothing was used, nothing is due.
    """

    def __init__(
        self,
        *,
        collect: Callable[[], object] = gc.collect,
        give_back: Callable[[], object] = give_back,
        busy: Callable[[], bool] = are_large_answers_under_way,
        clock: Callable[[], float] = time.monotonic,
        used: Callable[[], float] = time.thread_time,
    ) -> None:
        self._collect = collect
        self._give_back = give_back
        self._busy = busy
        self._clock = clock
        self._used = used
        self._not_before = clock()
        self._tidied = used()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._again_and_again(), name="tidying")

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    def tidy(self) -> None:
        """What is due, if anything has happened."""
        before = self._used()
        if before - self._tidied < WORK_S:
            return
        if self._may_search():
            self._collect()
            self._tidied = self._used()
            self._not_before = self._clock() + (self._tidied - before) / SHARE
        self._give_back()

    def _may_search(self) -> bool:
        now = self._clock()
        return now >= self._not_before + (LONGEST_WAIT_S if self._busy() else 0)

    async def _again_and_again(self) -> None:
        while True:
            await asyncio.sleep(EVERY_S)
            self.tidy()
