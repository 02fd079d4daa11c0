"""A connection of its own that leads, listens and polls: read-only, never shared, never waited for long."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import asyncpg

from db.connection import Wire, connect
from db.database import Row
from db.errors import ConnectionLost, DatabaseError
from db.prepared import Prepared
from db.session import Session
from db.settings import PoolSettings

_STATEMENTS = 20
_FAILURES = (
    TimeoutError,
    OSError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
)

# Between the last words of a server and the end of its connection, asyncpg speaks of states of its own.
_HANGS_UP = "the server is hanging up"


@dataclass(frozen=True, slots=True)
class LineSettings(PoolSettings):
    """For a connection whose end PostgreSQL must notice soon: others wait for the lock that it holds."""

    statement_timeout_ms: int = 2_000
    application_name: str = "servery events"
    statement_cache_size: int = _STATEMENTS

    def server_settings(self) -> dict[str, str]:
        return {
            **PoolSettings.server_settings(self),
            "tcp_keepalives_idle": "5",
            "tcp_keepalives_interval": "2",
            "tcp_keepalives_count": "3",
            "tcp_user_timeout": "10000",
            # Months are read as text.
            "datestyle": "ISO, YMD",
        }


class Line:
    """Every method raises DatabaseError and nothing else. Once its connection failed, it is of no use."""

    def __init__(self, wire: Wire, settings: LineSettings) -> None:
        self._wire = wire
        self._session = Session(wire, Prepared(settings.statement_cache_size))
        self._limit_ms = settings.statement_timeout_ms
        self._woken = asyncio.Event()
        self.backend = 0
        """The server process that took part in the last try to lock."""
        wire.add_termination_listener(self._wake)

    @classmethod
    async def open(cls, settings: LineSettings) -> Self:
        """Connect within the connect timeout."""
        try:
            return cls(await connect(settings), settings)
        except asyncpg.InternalClientError as error:
            raise ConnectionLost(detail=_HANGS_UP) from error

    async def fetch(self, text: str, args: Sequence[object] = ()) -> Sequence[Row]:
        """Run one statement. When there is no answer within the limit, the line is closed."""
        try:
            # PostgreSQL's own limit comes first where it can.
            limit_s = self._limit_ms / 1000 + 0.25
            result = await self._session.fetch(text, args, limit_s=limit_s, timeout_ms=self._limit_ms)
        except asyncpg.InternalClientError as error:
            self.close()
            raise ConnectionLost(detail=_HANGS_UP) from error
        except DatabaseError:
            if self._session.interrupted:
                self.close()
            raise
        return result.rows

    async def lock(self, key: int) -> bool:
        """Try to hold a lock for as long as this line is open; nobody is waited for."""
        rows = await self.fetch("select pg_try_advisory_lock($1), pg_backend_pid()", (key,))
        held, self.backend = rows[0]
        return bool(held)

    async def listen(self, channel: str) -> None:
        """Let a notification on `channel` end a `rest`."""
        try:
            await self._wire.add_listener(channel, self._wake)
        except _FAILURES as error:
            self.close()
            raise ConnectionLost(detail=f"it does not let us listen: {error}") from error

    async def rest(self, longest_s: float) -> None:
        """Wait, until there is a notification or the connection ends, but no longer than this."""
        try:
            async with asyncio.timeout(longest_s):
                await self._woken.wait()
        except TimeoutError:
            return
        self._woken.clear()

    @property
    def closed(self) -> bool:
        return self._session.closed

    def close(self) -> None:
        """At once, without a word that might be waited for."""
        self._session.terminate()

    def _wake(self, *_: Any) -> None:
        self._woken.set()
