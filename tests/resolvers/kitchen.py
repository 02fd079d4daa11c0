"""A warmer, and whoever answers what it asks."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field

from model.viewer import Viewer
from resolvers.traffic import Asked, Demand
from resolvers.turns import Turns
from resolvers.warm import Warmed, Warmer, Warming
from tests.cache.fakes import opened
from tests.resolvers.leases import Lock

ACME = Viewer("ana", "acme")


@dataclass(slots=True)
class Counter:
    """Answers questions: those that are `there` from the cache, those that are `bad` with an error."""

    there: set[str] = field(default_factory=set)
    bad: set[str] = field(default_factory=set)
    gate: asyncio.Event = field(default_factory=opened)
    heard: list[tuple[Asked, bool]] = field(default_factory=list)
    running: int = 0
    most_at_once: int = 0

    async def __call__(self, asked: Asked, *, refresh: bool) -> Warmed:
        self.heard.append((asked, refresh))
        self.running += 1
        self.most_at_once = max(self.most_at_once, self.running)
        try:
            await self.gate.wait()
            await asyncio.sleep(0)
        finally:
            self.running -= 1
        if asked.text in self.bad:
            return Warmed(asked, error_code="UNKNOWN_METRIC", error="There is no such metric.")
        there = asked.text in self.there and not refresh
        self.there.add(asked.text)
        return Warmed(asked, f"key of {asked.text}", "REDIS" if there else "DATABASE", 3, 1.5)

    @property
    def texts(self) -> list[str]:
        return [asked.text for asked, _ in self.heard]


@dataclass(slots=True)
class Kitchen:
    """A warmer, and all that it works with."""

    listed: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()
    lock: Lock | None = None
    counter: Counter = field(default_factory=Counter)
    told: list[Warming] = field(default_factory=list)
    warmer: Warmer = field(init=False)

    def __post_init__(self) -> None:
        turns = Turns(self.lock.lease, pause_s=0) if self.lock else None
        self.warmer = Warmer(self.counter, self.listed, self.traffic, turns=turns, told=self.told.append)

    async def traffic(self) -> list[Demand]:
        return [Demand(Asked(text, ACME), 1, 1) for text in self.asked]


def names(texts: Iterable[int]) -> tuple[str, ...]:
    return tuple(f"question {number}" for number in texts)
