"""A store that keeps nothing: every look-up is a miss, and nothing fails."""

from collections.abc import AsyncIterator, Sequence

from cache.store import Look, Missing, Server
from cache.tokens import Mode, Stamps


class EmptyStore:
    """For questions that are to be answered by the database, without a server beside it."""

    def known(self, tags: Sequence[str]) -> Stamps | None:  # noqa: ARG002  the store's own shape
        return None

    def last_known(self, tags: Sequence[str]) -> Stamps | None:  # noqa: ARG002
        return None

    def changes(self) -> int:
        return 0

    def heard_changes(self) -> int | None:
        return None

    async def look(self, name: str, tags: Sequence[str]) -> Look:  # noqa: ARG002
        return Look(Missing.ABSENT, dict.fromkeys(tags, ""))

    async def put(self, name: str, body: bytes, ttl_ms: int) -> None:
        pass

    async def invalidate(self, tags: Sequence[str], mode: Mode) -> None:
        pass

    async def delete(self, name: str) -> bool:  # noqa: ARG002
        return False

    async def clear(self, pattern: str, mode: Mode) -> int:  # noqa: ARG002
        return 0

    async def names(self, pattern: str) -> AsyncIterator[str]:  # noqa: ARG002
        nothing: tuple[str, ...] = ()
        for name in nothing:
            yield name

    def lease(self, name: str) -> "NoLease":  # noqa: ARG002
        return NoLease()

    async def note(self, topic: str, text: str, ttl_ms: int) -> None:
        pass

    async def notes(self, glob: str) -> dict[str, str]:  # noqa: ARG002
        return {}

    async def ping(self) -> None:
        pass

    async def info(self) -> Server:
        return Server(0.0, 0, keys_exact=True, connected_clients=0, uptime_seconds=0)

    async def close(self) -> None:
        pass


class NoLease(EmptyStore):
    """Everybody has it."""

    async def take(self) -> bool:
        return True

    async def renew(self) -> None:
        pass

    async def release(self, *, unshared: bool) -> None:
        pass
