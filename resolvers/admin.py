"""What administrators ask of the cache: figures, clearing, deleting one answer."""

from dataclasses import dataclass

from cache.cache import Cache
from cache.pattern import OutsidePrefix
from cache.store import StoreDown
from model.faults import Fault
from model.viewer import Viewer
from resolvers.analytics import Analytics
from resolvers.question import Question
from resolvers.roles import require_admin


@dataclass(frozen=True, slots=True)
class Figures:
    """Our own counts, and what the Redis server says of itself."""

    status: str
    memory_used_mb: float | None
    total_keys: int | None
    connected_clients: int | None
    uptime_seconds: int | None
    hit_rate: float
    hits: int
    misses: int
    flights_joined: int
    database_ms_saved: int


@dataclass(frozen=True, slots=True)
class Cleared:
    deleted: int
    pattern: str
    message: str


@dataclass(frozen=True, slots=True)
class Deleted:
    deleted: bool
    cache_key: str
    message: str


class Admin:
    """Every change raises UNAUTHENTICATED for a viewer who is not an administrator."""

    def __init__(self, cache: Cache, analytics: Analytics) -> None:
        self._cache = cache
        self._analytics = analytics

    async def figures(self) -> Figures:
        """Those of the server are null while it is down; nothing raises."""
        stats = await self._cache.stats()
        server = stats.server
        return Figures(
            status=stats.status,
            memory_used_mb=server.memory_used_mb if server else None,
            total_keys=server.keys if server else None,
            connected_clients=server.connected_clients if server else None,
            uptime_seconds=server.uptime_seconds if server else None,
            hit_rate=stats.hit_rate,
            hits=stats.hits,
            misses=stats.misses,
            flights_joined=stats.flights_joined,
            database_ms_saved=stats.load_ms_saved,
        )

    async def clear(self, pattern: str, viewer: Viewer) -> Cleared:
        """Raises INVALID_PATTERN outside our prefix and CACHE_UNAVAILABLE when nothing could be cleared."""
        require_admin(viewer)
        try:
            count = await self._cache.clear(pattern)
        except OutsidePrefix as error:
            raise Fault("INVALID_PATTERN", str(error), pattern=pattern) from error
        except StoreDown as error:
            raise _unavailable(error) from error
        answers = "1 answer was" if count == 1 else f"{count} answers were"
        return Cleared(count, pattern, f"{answers} deleted from the cache.")

    async def delete_key(self, name: str, viewer: Viewer) -> Deleted:
        """Delete the answer under `name`, as `metadata.cacheKey` told it."""
        require_admin(viewer)
        try:
            found = await self._cache.delete(name)
        except OutsidePrefix as error:
            raise Fault("INVALID_PATTERN", str(error), cacheKey=name) from error
        except StoreDown as error:
            raise _unavailable(error) from error
        return Deleted(found, name, "The answer was deleted." if found else "There was no such answer.")

    async def delete_question(self, question: Question, viewer: Viewer) -> Deleted:
        """Delete the answer to `question`, found by the same key that reading it uses."""
        require_admin(viewer)
        plan = self._analytics.plan(question, viewer)
        return await self.delete_key(self._analytics.key(plan, viewer).name, viewer)


def _unavailable(error: StoreDown) -> Fault:
    """The reason stays the cause: it may hold an address."""
    fault = Fault("CACHE_UNAVAILABLE", "Redis is not there. Nothing was deleted; try again when it is back.")
    fault.__cause__ = error
    return fault
