"""Waits for something that another process does."""

import asyncio
import time
from collections.abc import Awaitable, Callable


async def eventually(condition: Callable[[], Awaitable[bool]], *, within_s: float) -> float:
    """Return after how many seconds the condition held; fail when it never did."""
    started = time.monotonic()
    while not await condition():
        elapsed = time.monotonic() - started
        assert elapsed < within_s, f"not within {within_s} s"
        await asyncio.sleep(0.02)
    return time.monotonic() - started
