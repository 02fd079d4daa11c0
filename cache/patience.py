"""A deadline that does not take our own slowness for the server's."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

SLICES: Final = 25


@dataclass(slots=True)
class Waited:
    """How much of the patience is used up: seconds in which the event loop was free to read a reply."""

    seconds: float = 0.0


@asynccontextmanager
async def patience(seconds: float) -> AsyncIterator[Waited]:
    """Raise TimeoutError in the body after `seconds` in which the event loop was free to read replies.

    A busy loop comes late to everything: to the reply that waits in the socket, and to the timer that would
    call it missing. So the wait is cut into slices, and a slice counts for its length however late it ends:
    between two of them the loop has read whatever had come. There are enough of them for the turns of the
    loop that a command takes, with a new connection before it.
    """
    loop = asyncio.get_running_loop()
    slices = SLICES if seconds > 0 else 1
    length, waited = seconds / slices, Waited()
    began = loop.time()
    timer: asyncio.TimerHandle

    def tick(left: int) -> None:
        nonlocal timer, began
        waited.seconds, began = waited.seconds + length, loop.time()
        if left:
            timer = loop.call_later(length, tick, left - 1)
        else:
            deadline.reschedule(loop.time())

    async with asyncio.timeout(None) as deadline:
        timer = loop.call_later(length, tick, slices - 1)
        try:
            yield waited
        finally:
            timer.cancel()
            waited.seconds += min(loop.time() - began, length)
