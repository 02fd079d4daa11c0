"""What the cache tells whoever watches it."""

from collections.abc import Callable
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
    STORE_LOST = "store_lost"
    STORE_BACK = "store_back"


@dataclass(frozen=True, slots=True)
class Event:
    """`key` is the name or pattern concerned, "" where there is none; `ms` is how long it took."""

    name: EventName
    key: str = ""
    ms: float = 0.0
    detail: str = ""


Observe: TypeAlias = Callable[[Event], None]
"""Called on the event loop, so it must neither block nor raise."""


def unobserved(_event: Event) -> None:
    """For caches that nobody watches."""
