"""A store that keeps nothing: every look-up is a miss, and nothing fails."""

from cache.store import Found, Missing, Server


class EmptyStore:
    """For questions that are to be answered by the database, without a server beside it."""

    async def get(self, name: str) -> Found | Missing:  # noqa: ARG002  the store's own shape
        return Missing.ABSENT

    async def put(self, name: str, body: bytes, ttl_ms: int) -> None:
        pass

    async def delete(self, name: str) -> bool:  # noqa: ARG002
        return False

    async def clear(self, pattern: str) -> int:  # noqa: ARG002
        return 0

    async def info(self) -> Server:
        return Server(0.0, 0, keys_exact=True, connected_clients=0, uptime_seconds=0)

    async def close(self) -> None:
        pass
