"""A deadline that does not take our own slowness for the server's."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

SLICES = 5


@asynccontextmanager
async def patience(seconds: float) -> AsyncIterator[None]:
    """Raise TimeoutError in the body after `seconds` in which the event loop was free to read a reply.

    A busy loop comes late to everything: to the reply that waits in the socket, and to the timer that would
    call it missing. So the wait is cut into slices, and a slice counts for its length however late it ends:
    between two of them the loop has read whatever had come.
    """
    loop = asyncio.get_running_loop()
    length = seconds / SLICES
    timer: asyncio.TimerHandle

    def tick(left: int) -> None:
        nonlocal timer
        if left:
            timer = loop.call_later(length, tick, left - 1)
        else:
            deadline.reschedule(loop.time())

    async with asyncio.timeout(None) as deadline:
        timer = loop.call_later(length, tick, SLICES - 1)
        try:
            yield
        finally:
            timer.cancel()
