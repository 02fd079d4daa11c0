"""A database that counts, questions about it, and what each reader is owed."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final, Protocol, TypeAlias

from cache import CacheKey, Mode
from tests.cache.fakes import PREFIX

QUESTIONS: Final = {
    "one channel": ("channel:2", "date:2024-01"),
    "two months": ("date:2024-01", "date:2024-02"),
    "all times": ("channel:2",),
}
TAGS: Final = ("channel:2", "date:2024-01", "date:2024-02")
KEYS: Final = {name: CacheKey.of(PREFIX, {"question": name}, scope={}, version="v1") for name in QUESTIONS}

SHARED: Final = "shared"
"""From a load that another caller had begun."""

OLD_LOAD: Final = "old load"
"""The same, flagged as stale, because nobody would have told of an invalidation since."""

Load: TypeAlias = Callable[[], Awaitable[int]]


class Unavailable(Exception):
    """The database did not answer."""


class Cut(Exception):
    """An order was not carried out, and whoever gave it was told so."""


class Kind(Enum):
    """By what an invalidation says what it means."""

    TAG = "tag"
    DELETE = "delete"
    CLEAR = "clear"
    NARROW_CLEAR = "narrow clear"


@dataclass(frozen=True, slots=True)
class Order:
    """An invalidation of a tag, or of the question called `target`, or of all."""

    kind: Kind
    target: str
    mode: Mode

    def concerns(self, question: str) -> bool:
        match self.kind:
            case Kind.TAG:
                return self.target in QUESTIONS[question]
            case Kind.CLEAR:
                return True
            case Kind.DELETE | Kind.NARROW_CLEAR:
                return self.target == question


class Trust(Enum):
    """What a read is held to."""

    STRICT = "strict"
    """To every invalidation that had returned when it started."""
    TOLD = "told"
    """To those of its own cache, and those of others whose message had arrived."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What a reader was given: the tick at which its data was read, and from where."""

    tick: int
    source: str


@dataclass(frozen=True, slots=True)
class Floors:
    """Data from before these ticks must not be shown: `purged` not even when the database fails.

    `own` are the cache's own orders.
    """

    fresh: int = 0
    purged: int = 0
    own: int = 0

    def raised(self, tick: int, mode: Mode, *, own: bool, heard: bool) -> "Floors":
        return Floors(
            fresh=max(self.fresh, tick),
            purged=max(self.purged, tick) if mode is Mode.PURGE and heard else self.purged,
            own=max(self.own, tick) if own else self.own,
        )


class Ledger:
    """Ticks of the database, when they were, and the floors of each cache and question."""

    def __init__(self, caches: int, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._ticks = [clock()]
        self._floors = [dict.fromkeys(QUESTIONS, Floors()) for _ in range(caches)]

    def tick(self) -> int:
        self._ticks.append(self._clock())
        return len(self._ticks) - 1

    def time_of(self, tick: int) -> float:
        return self._ticks[tick]

    def owed(self, cache: int, question: str) -> Floors:
        return self._floors[cache][question]

    def raise_floors(
        self, cache: int, order: Order, tick: int, *, own: bool = False, heard: bool = False
    ) -> None:
        """From now on what `order` concerns is shown by `cache` only if it was read after `tick`.

        Unless the cache has `heard` of it, older answers may still be shown flagged.
        """
        floors = self._floors[cache]
        for question in filter(order.concerns, QUESTIONS):
            floors[question] = floors[question].raised(tick, order.mode, own=own, heard=heard)


class Design(Protocol):
    """A way to keep answers: one or several caches over one server."""

    @property
    def caches(self) -> int: ...

    @property
    def kinds(self) -> Sequence[Kind]: ...

    async def read(self, cache: int, question: str, load: Load) -> Shown:
        """Raises what `load` raises."""
        ...

    async def order(self, cache: int, order: Order) -> None:
        """Raises Cut."""
        ...
