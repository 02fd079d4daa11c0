"""A connection that may change what the database holds, for the commands that an owner runs."""

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any

import asyncpg

from db.connection import Wire, connect
from db.errors import ConnectionLost, DatabaseError, error_of
from db.settings import PoolSettings

STATEMENT_S = 60.0
LOCK_MS = 3_000
"""How long a table is waited for. Its writers wait meanwhile, so it is not long."""

# One command at a time, which waits for the one before it.
_ONE_AT_A_TIME = "select pg_advisory_xact_lock(7310862301465027)"


@dataclass(frozen=True, slots=True)
class OwnerSettings(PoolSettings):
    """May write; one connection, for one command."""

    def server_settings(self) -> dict[str, str]:
        return {
            **PoolSettings.server_settings(self),
            "application_name": "servery events",
            "default_transaction_read_only": "off",
        }


class Owner:
    """Runs statements in transactions of its own. Every method raises DatabaseError and nothing else."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    async def rows(self, text: str, *args: object) -> Sequence[Any]:
        with _explained():
            found: Sequence[Any] = await self._wire.fetch(text, *args, timeout=STATEMENT_S)
            return found

    async def value(self, text: str, *args: object) -> Any:
        with _explained():
            return await self._wire.fetchval(text, *args, timeout=STATEMENT_S)

    async def run(self, script: str) -> None:
        """Statements separated by semicolons, without arguments."""
        with _explained():
            await self._wire.execute(script, timeout=STATEMENT_S)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[None]:
        """All that is done inside, or nothing. A lock that is not to be had soon is `Overloaded`."""
        with _explained():
            async with self._wire.transaction():
                await self._wire.execute(f"set local lock_timeout = {LOCK_MS:d}", timeout=STATEMENT_S)
                await self._wire.execute(_ONE_AT_A_TIME, timeout=STATEMENT_S)
                yield


@asynccontextmanager
async def owner(url: str) -> AsyncIterator[Owner]:
    """Connect for the length of the block."""
    settings = OwnerSettings(
        url,
        statement_timeout_ms=round(STATEMENT_S * 1000),
        connect_timeout_ms=10_000,
        cancel_timeout_ms=10_000,
        statement_cache_size=0,  # a pooler may stand between
    )
    wire = await connect(settings)
    try:
        yield Owner(wire)
    finally:
        wire.terminate()


@contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except DatabaseError:
        raise
    except asyncpg.PostgresError as error:
        limit = round(STATEMENT_S * 1000)
        raise error_of(error.sqlstate or "XX000", str(error), timeout_ms=limit) from error
    except (TimeoutError, OSError, asyncpg.InterfaceError) as error:
        raise ConnectionLost(detail=str(error) or "no answer from PostgreSQL within the limit") from error
