"""What goes into the cache and what comes out."""

from dataclasses import dataclass
from enum import Enum

from cache.lifetime import Lifetime


class Source(Enum):
    """Where an answer came from, nearest first."""

    MEMORY = "memory"
    REDIS = "redis"
    STALE = "stale"
    DATABASE = "database"

    # As those of `cache.event.Operation`.
    __hash__ = object.__hash__


@dataclass(frozen=True, slots=True)
class Loaded:
    """An answer fresh from its source; the cache never looks into `body`.

    `rows_at` tells where its rows begin, which go on until its end: they are kept as a frame of their own.
    """

    body: bytes
    rows: int
    rows_at: int = 0


@dataclass(frozen=True, slots=True)
class Hit:
    """An answer. `age_ms` counts from the start of its load; it is 0 for an answer loaded just now.

    `shared` tells that another caller had asked for the same thing and both got this answer. `cost_ms` is
    what its load took, whenever that was. `lifetime` counts from the start of the load, as the age does; it
    is None where nothing is kept.
    """

    body: bytes
    rows: int
    source: Source
    age_ms: int
    shared: bool = False
    cost_ms: int = 0
    lifetime: Lifetime | None = None
