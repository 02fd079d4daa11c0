"""The cache's own figures: the server's counters belong to every application that uses it."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Literal

from cache.hit import Source
from cache.store import Server


class MissReason(Enum):
    ABSENT = "absent"
    DAMAGED = "damaged"
    STORE_DOWN = "store down"


@dataclass(frozen=True, slots=True)
class Stats:
    """Counted in this process since it started, beside what the server says of itself.

    A hit is a caller answered without a load, a miss is a look that found nothing usable. A caller
    who joined another's load is neither: it is counted in `flights_joined`.
    """

    status: Literal["up", "down"]
    server: Server | None
    hits_by_source: Mapping[Source, int]
    misses_by_reason: Mapping[MissReason, int]
    flights_joined: int
    loads: int
    loads_failed: int
    too_big: int
    load_ms_saved: int
    """What the loads behind the hits and the joined flights had cost, added up."""

    @property
    def hits(self) -> int:
        return sum(self.hits_by_source.values())

    @property
    def misses(self) -> int:
        return sum(self.misses_by_reason.values())

    @property
    def hit_rate(self) -> float:
        """From 0.0 to 1.0; 0.0 when nothing was asked yet."""
        looks = self.hits + self.misses
        return self.hits / looks if looks else 0.0


@dataclass(slots=True)
class Tally:
    """The running counts of one process."""

    hits: Counter[Source] = field(default_factory=Counter)
    misses: Counter[MissReason] = field(default_factory=Counter)
    joined: int = 0
    loads: int = 0
    failed: int = 0
    too_big: int = 0
    saved_ms: int = 0

    def stats(self, server: Server | None) -> Stats:
        """A copy of the counts. `server` is None when the store is down."""
        return Stats(
            status="down" if server is None else "up",
            server=server,
            hits_by_source={source: self.hits[source] for source in Source},
            misses_by_reason={reason: self.misses[reason] for reason in MissReason},
            flights_joined=self.joined,
            loads=self.loads,
            loads_failed=self.failed,
            too_big=self.too_big,
            load_ms_saved=self.saved_ms,
        )
