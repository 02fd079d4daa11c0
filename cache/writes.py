"""Writes to the store that are under way."""

import asyncio
from collections.abc import Coroutine

from cache.ended import ended


class Writes:
    """Owns its tasks: a write outlives the caller that wanted it, because the load is already paid for."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    async def see_through(self, write: Coroutine[None, None, None], *, label: str) -> None:
        """Wait for `write`; a caller that is cancelled here leaves it running."""
        task = self.begin(write, label=label)
        await ended(task)
        task.result()

    def begin(self, write: Coroutine[None, None, None], *, label: str) -> asyncio.Task[None]:
        """Let it run by itself."""
        task = asyncio.create_task(write, name=f"write {label}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def settled(self) -> None:
        """Wait for the writes that are under way now, not for later ones."""
        if self._tasks:
            await asyncio.wait(tuple(self._tasks))
