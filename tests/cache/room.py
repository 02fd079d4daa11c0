"""A cache with its store, its database and its clock in the test's hand."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from cache import ANY, Breaker, Cache, Freshness, Hit, Lifetime, Limits
from cache.ask import Load
from cache.turn import Patience
from tests.cache.fakes import Clock, Database, FakeStore, Watcher, key

LIFETIME = Lifetime.of(timedelta(seconds=300))
"""Fresh for 300 s, give or take a tenth, and then gone."""

THREE_STAGES = Lifetime.of(
    timedelta(seconds=100), while_revalidating=timedelta(seconds=100), if_error=timedelta(seconds=200)
)
"""Fresh for 100 s, shown while it is loaded anew until 200 s, an excuse for errors until 300 s."""

TAGS = ("table:sales", "channel:2")


class Chance:
    """Half-way, if not told otherwise: then there is no jitter."""

    def __init__(self) -> None:
        self.next = 0.5

    def __call__(self) -> float:
        return self.next


class Room:
    """A cache with everything around it in the test's hand.

    Another room over the same `store` is another process of the same deployment.
    """

    def __init__(
        self,
        *,
        store: FakeStore | None = None,
        tracks: bool = False,
        patience: Patience | None = None,
        **limits: Any,
    ) -> None:
        self.clock = store.clock if store else Clock()
        self.store = store or FakeStore(self.clock, tracks=tracks)
        self.database = Database()
        self.seen = Watcher()
        self.chance = Chance()
        self.cache = Cache(
            self.store,
            limits=Limits(**limits),
            breaker=Breaker(failures=5, pause=1.0, clock=self.clock),
            patience=patience,
            forgivable=(ConnectionError,),
            observe=self.seen,
            clock=self.clock,
            wall_clock=lambda: 1_750_000_000.0,
            chance=self.chance,
        )

    def ask(
        self, number: int = 1, freshness: Freshness = ANY, lifetime: Lifetime = LIFETIME
    ) -> asyncio.Task[Hit]:
        return asyncio.create_task(self.answer(number, freshness, lifetime))

    async def answer(
        self,
        number: int = 1,
        freshness: Freshness = ANY,
        lifetime: Lifetime = LIFETIME,
        *,
        load: Load | None = None,
        tags: Sequence[str] = TAGS,
    ) -> Hit:
        return await self.cache.get_or_load(
            key(number), load or self.database.load, tags=tags, lifetime=lifetime, freshness=freshness
        )
