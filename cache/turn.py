"""Whose turn it is to load, among processes: one loads, the others wait for what it keeps.

Waiting is worth it only as long as the store answers: when it fails, everybody loads for himself.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from random import random
from typing import Final

from cache.budget import Budget
from cache.store import Lease, StoreDown

_FIRST_WAIT: Final = 0.01
_LONGEST_WAIT: Final = 0.2
_GROWTH: Final = 1.6
_RENEWALS: Final = 3


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds: for each command, until others are waited for no more, and how long a lease is."""

    command: float = 0.25
    others: float = 30.0
    lease: float = 2.0


class Turn:
    """Of one load. `held` tells whether this process holds the lease."""

    def __init__(self, lease: Lease, patience: Patience, clock: Callable[[], float] = time.monotonic) -> None:
        self._lease = lease
        self._patience = patience
        self._clock = clock
        self.held = False
        self._doubtful = False

    @property
    def is_open(self) -> bool:
        """Whether there is, or may be, something to let go of."""
        return self.held or self._doubtful

    async def come(self, budget: Budget) -> None:
        """Return when the lease is held, or when there is no use in waiting for it. Raises StoreDown.

        The first attempt spends of the question's `budget`; to wait for others is not the store's doing.
        """
        self.held = await budget.spend(self._take)
        deadline, wait = self._clock() + self._patience.others, _FIRST_WAIT
        while not self.held and self._clock() < deadline:
            if await self._spend(self._lease.is_unshared):
                return
            await asyncio.sleep(wait * (0.5 + random()))
            wait = min(wait * _GROWTH, _LONGEST_WAIT)
            self.held = await self._spend(self._take)

    @asynccontextmanager
    async def kept(self) -> AsyncIterator[None]:
        """Renews the lease while the body runs."""
        if not self.held:
            yield
            return
        renewing = asyncio.create_task(self._renew(), name="cache lease")
        try:
            yield
        finally:
            renewing.cancel()
            await asyncio.wait((renewing,))

    def end(self, *, unshared: bool) -> Coroutine[None, None, None]:
        """What lets go of the lease; from now on it is for whoever awaits that. It never raises."""
        # What may be another's is never marked: it is only let go of, if it is ours.
        unshared, held = unshared and self.held, self.is_open
        self.held = self._doubtful = False
        return self._end(unshared=unshared, held=held)

    async def _end(self, *, unshared: bool, held: bool) -> None:
        if held:
            await self._lease.release(unshared=unshared)

    async def _take(self) -> bool:
        """While the attempt is under way, and after one that broke off, nobody knows whether it is ours."""
        self._doubtful = True
        taken = await self._lease.take()
        self._doubtful = False
        return taken

    async def _spend(self, operation: Callable[[], Awaitable[bool]]) -> bool:
        return await Budget(self._patience.command).spend(operation)

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(self._patience.lease / _RENEWALS)
            with suppress(StoreDown):
                await self._lease.renew()
