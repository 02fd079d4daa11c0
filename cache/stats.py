"""The cache's own figures: the server's counters belong to every application that uses it."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Final, Literal, TypeVar

from cache.event import Event, EventName, Measure, Observe, Operation, unmeasured
from cache.histogram import Histogram, Latencies
from cache.hit import Source
from cache.store import Server

K = TypeVar("K")

MOST_WAITING: Final = 256
_HITS: Final = {
    Source.MEMORY: Operation.MEMORY_HIT,
    Source.REDIS: Operation.REDIS_HIT,
    Source.STALE: Operation.STALE_HIT,
}


class MissReason(Enum):
    """Why there was nothing to show. The order is that of the way of a look."""

    STORE_DOWN = "store down"
    ABSENT = "absent"
    TOO_BIG = "too big"
    """Absent, because it was too big to be kept when it was loaded last."""
    DAMAGED = "damaged"
    INVALIDATED = "invalidated"
    """Its stamps are not those of now."""
    EXPIRED = "expired"
    TOO_OLD = "too old"
    """Good, but older than the caller takes."""
    REFRESHED = "refreshed"
    """The caller did not want what is kept."""


@dataclass(frozen=True, slots=True)
class MemoryFigures:
    """Of the answers in the memory of a process, or of several."""

    entries: int = 0
    bytes: int = 0
    max_bytes: int = 0
    evictions: int = 0

    def __add__(self, other: "MemoryFigures") -> "MemoryFigures":
        return MemoryFigures(
            self.entries + other.entries,
            self.bytes + other.bytes,
            self.max_bytes + other.max_bytes,
            self.evictions + other.evictions,
        )


@dataclass(frozen=True, slots=True)
class Counts:
    """Counted by a process since it started, or by several.

    A hit is a caller answered without a load, a miss is a look that found nothing to show. A caller
    who joined another's load is neither: it is counted in `flights_joined`.
    """

    hits_by_source: Mapping[Source, int] = field(default_factory=dict)
    misses_by_reason: Mapping[MissReason, int] = field(default_factory=dict)
    flights_joined: int = 0
    loads: int = 0
    loads_failed: int = 0
    refreshes: int = 0
    """Loads in the background, for answers that were shown stale or would have ended soon."""
    too_big: int = 0
    not_admitted: int = 0
    """Answers that were not written to the store: cheap ones at their first sight, or over a quota."""
    load_ms_saved: int = 0
    """What the loads behind the hits and the joined flights had cost, added up."""
    bytes_stored: int = 0
    memory: MemoryFigures = MemoryFigures()
    latencies: Mapping[Operation, Latencies] = field(default_factory=dict)

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

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(
            hits_by_source=_sum(self.hits_by_source, other.hits_by_source),
            misses_by_reason=_sum(self.misses_by_reason, other.misses_by_reason),
            flights_joined=self.flights_joined + other.flights_joined,
            loads=self.loads + other.loads,
            loads_failed=self.loads_failed + other.loads_failed,
            refreshes=self.refreshes + other.refreshes,
            too_big=self.too_big + other.too_big,
            not_admitted=self.not_admitted + other.not_admitted,
            load_ms_saved=self.load_ms_saved + other.load_ms_saved,
            bytes_stored=self.bytes_stored + other.bytes_stored,
            memory=self.memory + other.memory,
            latencies={
                each: self.latencies.get(each, Latencies()) + other.latencies.get(each, Latencies())
                for each in self.latencies.keys() | other.latencies.keys()
            },
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Stats(Counts):
    """The counts of one process, beside what the server says of itself: nothing while it is down."""

    status: Literal["up", "down"]
    server: Server | None


@dataclass(frozen=True, slots=True)
class Condition:
    """How one process stands to its store now."""

    left_alone: bool
    """The store failed several times in a row, and is asked again only now and then."""
    heard: bool
    """The store is known to have been there within the last moment: memory may be trusted."""


class Tally:
    """The running counts of one process. `measure` is told of all durations, too."""

    def __init__(self, measure: Measure = unmeasured) -> None:
        self._done: Counter[Operation] = Counter()
        self._waiting: dict[Operation, list[float]] = {operation: [] for operation in Operation}
        self.misses: Counter[MissReason] = Counter()
        self.joined = 0
        self.loads = 0
        self.failed = 0
        self.refreshes = 0
        self.too_big = 0
        self.not_admitted = 0
        self.saved_ms = 0
        self.bytes_stored = 0
        self._measure = measure
        self._histograms = {operation: Histogram() for operation in Operation}

    def watching(self, observe: Observe) -> Observe:
        """Hands events on, and notes how long questions took that they tell of."""

        def watch(event: Event) -> None:
            if event.name is EventName.JOINED:
                self.took(Operation.JOINED, event.ms)
            observe(event)

        return watch

    def hits(self, source: Source, ms: float, saved_ms: int, count: int = 1) -> None:
        """So many answers were shown without a load after `ms`; all loads would have taken `saved_ms`."""
        self.saved_ms += saved_ms
        self.took(_HITS[source], ms, count)

    def took(self, operation: Operation, ms: float, count: int = 1) -> None:
        """Durations are noted together: one by one that costs more than a hit may."""
        waiting = self._waiting[operation]
        if count == 1:
            waiting.append(ms)
        else:
            waiting.extend((ms,) * count)
        if len(waiting) >= MOST_WAITING:
            self._settle(operation)

    def counts(self, memory: MemoryFigures) -> Counts:
        """A copy of the counts, with all that is zero."""
        return Counts(**self._counted(memory))

    def stats(self, server: Server | None, memory: MemoryFigures) -> Stats:
        """The same. `server` is None when the store is down."""
        status: Literal["up", "down"] = "down" if server is None else "up"
        return Stats(status=status, server=server, **self._counted(memory))

    def _settle(self, operation: Operation) -> None:
        waiting, histogram = self._waiting[operation], self._histograms[operation]
        if waiting:
            self._done[operation] += len(waiting)
            for ms in waiting:
                histogram.record(ms)
            self._measure(operation, tuple(waiting))
            waiting.clear()

    def _counted(self, memory: MemoryFigures) -> dict[str, Any]:
        for operation in Operation:
            self._settle(operation)
        return {
            "hits_by_source": {source: self._done[operation] for source, operation in _HITS.items()},
            "misses_by_reason": {each: self.misses[each] for each in MissReason},
            "flights_joined": self.joined,
            "loads": self.loads,
            "loads_failed": self.failed,
            "refreshes": self.refreshes,
            "too_big": self.too_big,
            "not_admitted": self.not_admitted,
            "load_ms_saved": self.saved_ms,
            "bytes_stored": self.bytes_stored,
            "memory": memory,
            "latencies": {each: found.latencies() for each, found in self._histograms.items()},
        }


def _sum(one: Mapping[K, int], other: Mapping[K, int]) -> dict[K, int]:
    return {each: one.get(each, 0) + other.get(each, 0) for each in one.keys() | other.keys()}
