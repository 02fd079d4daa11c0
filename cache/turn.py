"""Whose turn it is to load, among processes: one loads, the others wait for what it keeps.

Waiting is worth it only as long as the store answers: when it fails, everybody loads for himself.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass
from random import random
from typing import Final, TypeVar

from cache.budget import Budget
from cache.ended import ended
from cache.shelf import Verdict
from cache.store import Claim, LoadLease, StoreDown
from cache.tokens import Stamps

T = TypeVar("T")

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
    """Of one load. `held` tells whether this process holds the lease.

    It may be attempted with the first look for an answer; once it is `taken`, a load sees to its end.
    """

    def __init__(
        self,
        lease: LoadLease,
        look: Callable[[LoadLease], Awaitable[Verdict]],
        patience: Patience,
        clock: Callable[[], float] = time.monotonic,
        *,
        stamps: Stamps | None = None,
    ) -> None:
        """`look` is with the lease, which is of these stamps."""
        self._lease = lease
        self._look = look
        self._patience = patience
        self._clock = clock
        self.stamps = stamps
        self.held = False
        self.taken = False
        self._doubtful = False
        self._seen: Verdict | None = None

    @property
    def is_open(self) -> bool:
        """Whether there is, or may be, something to let go of."""
        return self.held or self._doubtful

    async def come(self, budget: Budget) -> Verdict:
        """What is there when the lease is held, or there is no use in waiting for it. Raises StoreDown.

        The first attempt, if none was made yet, spends of the question's `budget`; to wait for others is not
        the store's doing.
        """
        verdict = self._seen
        if verdict is None:
            verdict = await budget.spend(self.attempt)
        deadline, wait = self._clock() + self._patience.others, _FIRST_WAIT
        while verdict.claim is Claim.THEIRS and self._clock() < deadline:
            await asyncio.sleep(wait * (0.5 + random()))
            wait = min(wait * _GROWTH, _LONGEST_WAIT)
            verdict = await Budget(self._patience.command).spend(self.attempt)
        return verdict

    async def kept(self, work: Awaitable[T]) -> T:
        """The result of `work`, during which the lease is renewed again and again."""
        if not self.held:
            return await work
        renewals = _Renewals(self._lease, self._patience.lease / _RENEWALS)
        try:
            return await work
        finally:
            await renewals.end()

    def end_with(self, keep: Callable[[LoadLease | None], Awaitable[bool]]) -> Coroutine[None, None, None]:
        """What keeps the answer, and lets go of the lease in the same trip, if that is done: as `end`."""
        lease = self._lease if self.is_open else None
        self._forget()

        async def kept() -> None:
            done = False
            try:
                done = await keep(lease)
            finally:
                if lease and not done:
                    await lease.release(unshared=False)

        return kept()

    def end(self, *, unshared: bool) -> Coroutine[None, None, None]:
        """What lets go of the lease; from now on it is for whoever awaits that. It never raises."""
        # What may be another's is never marked: it is only let go of, if it is ours.
        unshared, held = unshared and self.held, self.is_open
        self._forget()
        return self._end(unshared=unshared, held=held)

    async def _end(self, *, unshared: bool, held: bool) -> None:
        if held:
            await self._lease.release(unshared=unshared)

    async def attempt(self) -> Verdict:
        """To take the lease, with a look. Raises StoreDown.

        While it is under way, and after one that broke off, nobody knows whether the lease is ours.
        """
        self._doubtful = True
        verdict = self._seen = await self._look(self._lease)
        self._doubtful = False
        self.held = verdict.claim is Claim.OURS
        return verdict

    def _forget(self) -> None:
        self.held = self._doubtful = False
        self._seen = None


class _Renewals:
    """Of a lease, one every so many seconds. Most loads end before the first, and need no task for it."""

    def __init__(self, lease: LoadLease, every: float) -> None:
        self._lease = lease
        self._every = every
        self._task: asyncio.Task[None] | None = None
        self._first = asyncio.get_running_loop().call_later(every, self._begin)

    async def end(self) -> None:
        """None is under way any more."""
        self._first.cancel()
        if self._task:
            self._task.cancel()
            await ended(self._task)

    def _begin(self) -> None:
        self._task = asyncio.create_task(self._renew(), name="cache lease")

    async def _renew(self) -> None:
        while True:
            with suppress(StoreDown):
                await self._lease.renew()
            await asyncio.sleep(self._every)
