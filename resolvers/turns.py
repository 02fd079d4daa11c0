"""Processes of one deployment that do the same work take turns at it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Final

from cache.store import Lease, StoreDown

RENEWAL_S: Final = 0.5
PAUSE_S: Final = 1.0
MOST_PAUSES: Final = 600


class Turns:
    """Whoever holds the lease works. It ends soon after its holder dies, so it is renewed meanwhile."""

    def __init__(
        self,
        lease: Callable[[], Lease],
        *,
        pause_s: float = PAUSE_S,
        renewal_s: float = RENEWAL_S,
    ) -> None:
        self._lease = lease
        self._pause_s = pause_s
        self._renewal_s = renewal_s

    @asynccontextmanager
    async def one(self, *, wait: bool) -> AsyncIterator[bool]:
        """Whether it is this process' turn: at once or not, or with `wait` when the others are done.

        Without the store it is nobody's turn.
        """
        lease = self._lease()
        taken = await self._take(lease, MOST_PAUSES if wait else 0)
        if not taken:
            yield False
            return
        renewing = asyncio.create_task(self._renew(lease), name="turn")
        try:
            yield True
        finally:
            renewing.cancel()
            with suppress(asyncio.CancelledError):
                await renewing
            await lease.release(unshared=False)

    async def _take(self, lease: Lease, pauses: int) -> bool:
        try:
            taken = await lease.take()
            while not taken and pauses > 0:
                await asyncio.sleep(self._pause_s)
                pauses -= 1
                taken = await lease.take()
        except StoreDown:
            return False
        return taken

    async def _renew(self, lease: Lease) -> None:
        while True:
            await asyncio.sleep(self._renewal_s)
            await lease.renew()
