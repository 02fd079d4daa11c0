"""What the cache tells whoever watches it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias


class EventName(Enum):
    HIT = "hit"
    JOINED = "joined"
    MISS = "miss"
    SET = "set"
    NOT_STORED = "not_stored"
    DELETE = "delete"
    CLEAR = "clear"
    INVALIDATED = "invalidated"
    STORE_LOST = "store_lost"
    STORE_BACK = "store_back"
    STORE_CHANGED = "store_changed"
    """Another server answers than before, or the same one without its memory."""
    UNTRACKED = "untracked"
    """The server does not tell of changes: nothing is kept in memory, and tokens are asked for each time."""
    REFRESHING = "refreshing"
    """An answer is loaded in the background: it was shown stale, or it ends soon."""

    # As for operations below.
    __hash__ = object.__hash__


class NotStored(Enum):
    """Why an answer was not written to the store."""

    TOO_BIG = "too big"
    TOO_SLOW = "too slow"
    """It took longer to load than it may be kept."""
    NOT_ADMITTED = "not admitted"
    """It is cheap and was seen for the first time, or its tenant has written enough."""
    STORE_DOWN = "store down"


@dataclass(frozen=True, slots=True)
class Event:
    """`key` is the name or pattern concerned, "" where there is none; `ms` is how long it took.

    `word` is one of a few, to count by: the reason of a miss, or why an answer was not stored. `size` is how
    many bytes were stored.
    """

    name: EventName
    key: str = ""
    ms: float = 0.0
    detail: str = ""
    word: str = ""
    size: int = 0


Observe: TypeAlias = Callable[[Event], None]
"""Called on the event loop, so it must neither block nor raise."""


def unobserved(_event: Event) -> None:
    """For caches that nobody watches."""


class Operation(Enum):
    """What takes time. The first five are whole questions, by where their answers came from."""

    MEMORY_HIT = "memory hit"
    REDIS_HIT = "redis hit"
    STALE_HIT = "stale hit"
    JOINED = "joined"
    """Answered by a load that another caller had begun, in this process or in another one."""
    LOADED = "loaded"
    LOOK = "look"
    """One look into the store, also one that failed."""
    PUT = "put"
    LOAD = "load"
    """A load alone."""
    FAILED_LOAD = "failed load"

    # A member is itself and no other. The default, by name, is slow, and every question looks up some.
    __hash__ = object.__hash__


Measure: TypeAlias = Callable[[Operation, Sequence[float]], None]
"""Told how many milliseconds some took, on the event loop, many at a time and a little later."""


def unmeasured(_operation: Operation, _took_ms: Sequence[float]) -> None:
    """For caches that nobody measures."""
