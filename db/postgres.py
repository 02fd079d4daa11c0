"""PostgreSQL behind the `Database` protocol: deadlines, one retry, and events when it goes and comes back."""

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import Self

from db.database import Result
from db.errors import Conflict, ConnectionLost, Overloaded, QueryTimeout, Unavailable
from db.events import Back, Lost, Observe, Slow, unobserved
from db.pool import Pool, Usage
from db.settings import PoolSettings

# PostgreSQL's own statement timeout comes first where it can: it leaves the connection clean.
_GRACE_S = 0.25


class PostgresDatabase:
    """A pool of read-only connections. Making one touches no socket; the first question connects.

    PostgreSQL may be down at any time, also at the start: questions fail with `Unavailable` at once,
    and succeed again as soon as it is back.
    """

    def __init__(
        self,
        settings: PoolSettings,
        *,
        observe: Observe = unobserved,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings = settings
        self._observe = observe
        self._clock = clock
        self._pool = Pool(settings, observe)
        self._lost_since: float | None = None

    @classmethod
    async def open(cls, settings: PoolSettings, *, observe: Observe = unobserved) -> Self:
        """Return a database with `min_size` connections open; with 0 it does not connect at all."""
        database = cls(settings, observe=observe)
        await database.warm()
        return database

    async def warm(self) -> None:
        """Open `min_size` connections, so that the first questions need not."""
        await self._pool.warm(self._settings.min_size)

    async def fetch(self, text: str, args: Sequence[object] = (), *, timeout_ms: int | None = None) -> Result:
        """Run one read-only statement, again when its connection broke or another transaction was in its way.

        Both attempts share one limit: `timeout_ms`, or the statement timeout where that is shorter.
        """
        try:
            result = await self._fetch_within(text, args, timeout_ms)
        except Unavailable as error:
            self._report_lost(error)
            raise
        except Overloaded as error:
            if self._lost_since is None:
                raise
            # Slots are full of attempts to connect: saying "busy" would hide that PostgreSQL is gone.
            raise Unavailable(sqlstate=error.sqlstate, detail=error.detail) from error
        self._report_back()
        if result.ms >= self._settings.slow_query_ms:
            self._observe(Slow(text, result.ms, len(result.rows)))
        return result

    async def ready(self) -> float:
        """Prove one round trip and return its milliseconds. `Overloaded` means alive, but busy."""
        result = await self.fetch("select 1", timeout_ms=self._settings.connect_timeout_ms)
        return result.ms

    @property
    def usage(self) -> Usage:
        """Its connections, for those who watch."""
        return self._pool.usage

    async def close(self) -> None:
        """Let what is in flight finish within the close timeout, end the rest, refuse what comes later."""
        await self._pool.close()

    async def _fetch_within(self, text: str, args: Sequence[object], timeout_ms: int | None) -> Result:
        longest = self._settings.statement_timeout_ms
        limit_ms = min(timeout_ms or longest, longest)
        limit_s = limit_ms / 1000 + (_GRACE_S if limit_ms == longest else 0)
        started = asyncio.get_running_loop().time()
        try:
            return await self._attempt(text, args, limit_s, limit_ms)
        except (ConnectionLost, Conflict) as error:
            left_s = limit_s - (asyncio.get_running_loop().time() - started)
            if left_s <= 0:
                raise QueryTimeout(limit_ms, sqlstate=error.sqlstate, detail=error.detail) from error
            return await self._attempt(text, args, left_s, limit_ms)

    async def _attempt(self, text: str, args: Sequence[object], limit_s: float, limit_ms: int) -> Result:
        session = await self._pool.acquire()
        try:
            return await session.fetch(text, args, limit_s=limit_s, timeout_ms=limit_ms)
        finally:
            self._pool.release(session)

    def _report_lost(self, error: Unavailable) -> None:
        if self._lost_since is None:
            self._lost_since = self._clock()
            self._observe(Lost(error.detail))

    def _report_back(self) -> None:
        if self._lost_since is not None:
            after_ms = (self._clock() - self._lost_since) * 1000
            self._lost_since = None
            self._observe(Back(after_ms))
