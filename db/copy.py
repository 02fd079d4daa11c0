"""Bulk writing: scripts, single values and binary COPY over a session of its own.

The service itself only reads, through its pool. What fills a database goes this way.
"""

import struct
from collections.abc import AsyncIterable, AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass

import asyncpg

# Signature, no flags, no header extension; and the tuple count that means "no more".
_HEADER = b"PGCOPY\n\xff\r\n\0" + struct.pack("!ii", 0, 0)
_TRAILER = struct.pack("!h", -1)

# A load may take longer than a server's limit for questions, and it writes. Loads use every core
# by sessions side by side; parallel workers of each would only stand in each other's way.
_SETTINGS = {
    "application_name": "servery load",
    "default_transaction_read_only": "off",
    "maintenance_work_mem": "128MB",
    "max_parallel_maintenance_workers": "0",
    "max_parallel_workers_per_gather": "0",
    "statement_timeout": "0",
    "timezone": "UTC",
}
_CONNECT_SECONDS = 10.0
_CLOSE_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Target:
    """The table that a COPY fills, and the columns in the order of its fields."""

    schema: str
    table: str
    columns: tuple[str, ...]


class Session:
    """One connection that writes. Not for two tasks at once."""

    __slots__ = ("_connection",)

    def __init__(self, connection: "asyncpg.Connection[asyncpg.Record]") -> None:
        self._connection = connection

    def transaction(self) -> AbstractAsyncContextManager[object]:
        """Commit what is done inside when it ends well, else undo it all."""
        transaction: AbstractAsyncContextManager[object] = self._connection.transaction()
        return transaction

    async def run(self, script: str, args: Sequence[object] = ()) -> None:
        """Run one statement with its arguments, or several without any, separated by semicolons."""
        await self._connection.execute(script, *args)

    async def value(self, text: str, args: Sequence[object] = ()) -> object:
        """Return the first column of the first row, None when there is no row."""
        found: object = await self._connection.fetchval(text, *args)
        return found

    async def refill(self, target: Target, tuples: AsyncIterable[bytes]) -> None:
        """Put these tuples in the place of all rows; a chunk holds whole tuples, without header or trailer.

        Must run inside `transaction()`: rows of a table that was emptied in the same transaction
        need neither the write-ahead log (under `wal_level=minimal`) nor a vacuum later.
        """
        await self._connection.execute(f"truncate {_identifier(target.schema)}.{_identifier(target.table)}")
        await self._connection.copy_to_table(
            target.table,
            schema_name=target.schema,
            columns=target.columns,
            source=_framed(tuples),
            format="binary",
            freeze=True,
        )


@asynccontextmanager
async def session(url: str) -> AsyncIterator[Session]:
    """Open a session of its own for the `async with` block."""
    connection = await asyncpg.connect(url, timeout=_CONNECT_SECONDS, server_settings=_SETTINGS)
    try:
        yield Session(connection)
    except BaseException:
        # A COPY that broke off half-way leaves nothing worth a polite goodbye.
        connection.terminate()
        raise
    await connection.close(timeout=_CLOSE_SECONDS)


async def run_script(url: str, script: str) -> None:
    """Run a script in a session of its own."""
    async with session(url) as own:
        await own.run(script)


async def fetch_value(url: str, text: str, args: Sequence[object] = ()) -> object:
    """Return one value by a session of its own."""
    async with session(url) as own:
        return await own.value(text, args)


def _identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


async def _framed(tuples: AsyncIterable[bytes]) -> AsyncIterator[bytes]:
    yield _HEADER
    async for chunk in tuples:
        yield chunk
    yield _TRAILER


def driver_errors() -> tuple[type[Exception], ...]:
    """What a session raises when PostgreSQL refuses or goes away; its text is PostgreSQL's own."""
    return (asyncpg.PostgresError, asyncpg.InterfaceError, OSError)
