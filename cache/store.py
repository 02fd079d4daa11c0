"""What the cache asks of the place that keeps its bytes."""

from dataclasses import dataclass
from enum import Enum
from typing import Protocol


class StoreDown(Exception):
    """The store did not do what it was asked, for whatever cause."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"The cache's store is not available: {reason}.")
        self.reason = reason


class Missing(Enum):
    """Why nothing was found. A value that is null is found like any other."""

    ABSENT = "absent"
    UNREADABLE = "unreadable"
    """Something lies under the name, but nothing that this room has written."""


@dataclass(frozen=True, slots=True)
class Found:
    """`remaining_ms` is the life that is left by the store's own clock."""

    body: bytes
    remaining_ms: int


@dataclass(frozen=True, slots=True)
class Server:
    """Figures of the server behind the store. `keys` counts only those under our prefix."""

    memory_used_mb: float
    keys: int
    keys_exact: bool
    """False when there was no time to count all of them: then there are at least `keys`."""
    connected_clients: int
    uptime_seconds: int


class Store(Protocol):
    """Every method raises `StoreDown` and nothing else when it fails, within a bounded time.

    `delete` and `clear` raise `OutsidePrefix` before they touch anything that is not ours.
    """

    async def get(self, name: str) -> Found | Missing: ...

    async def put(self, name: str, body: bytes, ttl_ms: int) -> None: ...

    async def delete(self, name: str) -> bool:
        """Whether there was something to delete."""
        ...

    async def clear(self, pattern: str) -> int:
        """How many keys this call deleted."""
        ...

    async def info(self) -> Server: ...

    async def close(self) -> None:
        """Never raises; a closed store is not used again."""
        ...
