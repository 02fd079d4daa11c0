"""What the cache asks of the place that keeps its bytes."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from cache.tokens import Mode, Stamps


class StoreDown(Exception):
    """The store did not do what it was asked, for whatever cause."""

    def __init__(self, reason: str) -> None:
        self.reason = reason.rstrip(".")
        super().__init__(f"The cache's store is not available: {self.reason}.")


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
class Look:
    """What lay under a name, and the tokens of its tags at the same time."""

    found: Found | Missing
    stamps: Stamps
    claim: "Claim | None" = None
    """What came of the attempt that was made before it, with a lease."""


class Claim(Enum):
    """What came of an attempt to hold a lease."""

    OURS = "ours"
    THEIRS = "theirs"
    """Another process holds it."""
    UNSHARED = "unshared"
    """Nobody need be waited for: the last holder kept nothing, or what lies there is no lease."""


@dataclass(frozen=True, slots=True)
class Server:
    """Figures of the server behind the store. `keys` counts only answers under our prefix."""

    memory_used_mb: float
    keys: int
    keys_exact: bool
    """False when there was no time to count all of them: then there are at least `keys`."""
    connected_clients: int
    uptime_seconds: int
    evicted_keys: int = 0


class Lease(Protocol):
    """A lock that one process holds for a while, so that the others need not do the same work."""

    async def take(self) -> bool:
        """Whether this process holds it now. Raises StoreDown."""
        ...

    async def renew(self) -> None:
        """Hold it longer. Never raises: who lost it does its work all the same."""
        ...

    async def release(self, *, unshared: bool) -> None:
        """Let go. `unshared` tells those who wait that nothing was kept for them. Never raises."""
        ...


class LoadLease(Lease, Protocol):
    """One for the load of an answer: what goes with it anyway travels with it."""

    async def look(self, name: str, tags: Sequence[str]) -> Look:
        """Try to take it, and then look, as the store does, whatever came of the attempt. Raises StoreDown.

        Whoever has let go before the attempt had put his answer before the look.
        """
        ...

    async def put(self, name: str, body: bytes, ttl_ms: int) -> None:
        """Put the answer, as the store does, and then let go. When it fails, nobody knows whether it did."""
        ...


class Store(Protocol):
    """Every method raises `StoreDown` and nothing else when it fails, within a bounded time.

    `delete` and `clear` raise `OutsidePrefix` before they touch anything that is not ours.
    """

    def known(self, tags: Sequence[str]) -> Stamps | None:
        """The tokens of these tags without asking, when this process is told of every change; else None."""
        ...

    def last_known(self, tags: Sequence[str]) -> Stamps | None:
        """The same, as they were when the server was last heard."""
        ...

    def changes(self) -> int:
        """A number that is another after each change that this process was told of."""
        ...

    def heard_changes(self) -> int | None:
        """The same number while this process is told of changes; None while it is not."""
        ...

    async def look(self, name: str, tags: Sequence[str]) -> Look:
        """What is there now. Tags without a token are given one."""
        ...

    async def put(self, name: str, body: bytes, ttl_ms: int) -> None: ...

    async def invalidate(self, tags: Sequence[str], mode: Mode) -> None:
        """New tokens: one write each. When it returns, no look finds the old ones."""
        ...

    async def delete(self, name: str) -> bool:
        """Whether there was something to delete. What is being loaded under that name is invalidated, too."""
        ...

    async def clear(self, pattern: str, mode: Mode) -> int:
        """Invalidate all that matches; with PURGE also delete it, and return how many this call deleted."""
        ...

    def names(self, pattern: str) -> AsyncIterator[str]:
        """The names of the answers that match, in no order, some perhaps twice."""
        ...

    def lease(self, name: str) -> LoadLease:
        """Where `name` holds that of an answer in braces, it lies beside that."""
        ...

    async def note(self, topic: str, text: str, ttl_ms: int) -> None:
        """Keep a small text under `topic`, for other processes of the same deployment."""
        ...

    async def notes(self, glob: str) -> dict[str, str]:
        """The texts of all topics that match."""
        ...

    async def ping(self) -> None:
        """Prove one round trip."""
        ...

    async def info(self) -> Server: ...

    async def close(self) -> None:
        """Never raises; a closed store is not used again."""
        ...
