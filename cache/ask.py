"""One caller's wish, and what came of it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeAlias

from cache.hit import Hit, Loaded
from cache.key import CacheKey
from cache.lifetime import Freshness, Lifetime
from cache.wanted import Wanted

Load: TypeAlias = Callable[[], Awaitable[Loaded]]


@dataclass(frozen=True, slots=True)
class Ask:
    """`tags` are those of the question and those that every answer has. `started` is by the cache's clock.

    With `newer` only a load that began since will do; with `again` any entry but the one that was seen.
    """

    wanted: Wanted
    load: Load
    lifetime: Lifetime
    freshness: Freshness
    started: float
    newer: bool = False
    again: bool = False

    @property
    def key(self) -> CacheKey:
        return self.wanted.key

    @property
    def tags(self) -> tuple[str, ...]:
        return self.wanted.tags

    @property
    def name(self) -> str:
        return self.wanted.key.name

    def takes(self, landing: "Landing") -> bool:
        """Whether an answer that another caller waited for will do."""
        if self.newer:
            return landing.read_at >= self.started
        return self.freshness.accepts(landing.age_ms_for(self))


@dataclass(frozen=True, slots=True)
class Landing:
    """An answer, what its load cost, and when its data was read, by the cache's clock."""

    hit: Hit
    cost_ms: int
    read_at: float

    def age_ms_for(self, ask: Ask) -> int:
        """How old its data was when it was asked for: for those who came while it was loaded."""
        return max(0, round((ask.started - self.read_at) * 1000))
