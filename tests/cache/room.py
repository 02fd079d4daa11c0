"""A cache with its store, its database and its clock in the test's hand."""

import asyncio
from datetime import timedelta

from cache import Breaker, Cache, Hit, Limits
from tests.cache.fakes import Clock, Database, FakeStore, Watcher, key

TTL = timedelta(seconds=300)


class Room:
    """A cache with everything around it in the test's hand."""

    def __init__(self, **limits: int) -> None:
        self.clock = Clock()
        self.store = FakeStore(self.clock)
        self.database = Database()
        self.seen = Watcher()
        self.cache = Cache(
            self.store,
            limits=Limits(**limits),
            breaker=Breaker(failures=5, pause=1.0, clock=self.clock),
            observe=self.seen,
            clock=self.clock,
            wall_clock=lambda: 1_750_000_000.0,
        )

    def ask(self, number: int = 1) -> asyncio.Task[Hit]:
        return asyncio.create_task(self.answer(number))

    async def answer(self, number: int = 1) -> Hit:
        return await self.cache.get_or_load(key(number), self.database.load, ttl=TTL)
