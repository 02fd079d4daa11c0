"""A lease that processes of a test take turns with."""

import asyncio
from dataclasses import dataclass, field

from cache.store import StoreDown
from tests.cache.fakes import opened


@dataclass(slots=True)
class Lock:
    """What lies in the store: the lease that holds it, if any."""

    holder: "FakeLease | None" = None
    down: bool = False
    asked: int = 0
    renewals: int = 0
    gate: asyncio.Event = field(default_factory=opened)
    """While it is closed, the store does not answer."""
    refused: asyncio.Event = field(default_factory=asyncio.Event)

    def lease(self) -> "FakeLease":
        return FakeLease(self)


@dataclass(slots=True, eq=False)
class FakeLease:
    lock: Lock

    async def take(self) -> bool:
        self.lock.asked += 1
        await self.lock.gate.wait()
        if self.lock.down:
            raise StoreDown("the test took it down")
        if self.lock.holder is not None:
            self.lock.refused.set()
            return False
        self.lock.holder = self
        return True

    async def renew(self) -> None:
        self.lock.renewals += 1

    async def release(self, *, unshared: bool) -> None:
        assert not unshared
        if self.lock.holder is self:
            self.lock.holder = None
