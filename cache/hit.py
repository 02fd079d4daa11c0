"""What goes into the cache and what comes out."""

from dataclasses import dataclass
from enum import Enum


class Source(Enum):
    """Where an answer came from, nearest first."""

    MEMORY = "memory"
    REDIS = "redis"
    STALE = "stale"
    DATABASE = "database"


@dataclass(frozen=True, slots=True)
class Loaded:
    """An answer fresh from its source; the cache never looks into `body`."""

    body: bytes
    rows: int


@dataclass(frozen=True, slots=True)
class Hit:
    """An answer. `age_ms` counts from the start of its load; it is 0 for an answer loaded just now.

    `shared` tells that another caller had asked for the same thing and both got this answer. `cost_ms` is
    what its load took, whenever that was.
    """

    body: bytes
    rows: int
    source: Source
    age_ms: int
    shared: bool = False
    cost_ms: int = 0
