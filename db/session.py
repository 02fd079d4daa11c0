"""One connection with its prepared statements: one round trip for a statement seen before."""

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import asyncpg

from db.connection import Wire
from db.database import Column, Result, Row
from db.errors import (
    BadValue,
    ConnectionLost,
    DatabaseError,
    Misconfigured,
    QueryTimeout,
    Refused,
    Unavailable,
    error_of,
)

# The table changed under a prepared statement, or a pooler handed us another server connection.
_STALE = (
    asyncpg.InvalidCachedStatementError,
    asyncpg.OutdatedSchemaCacheError,
    asyncpg.InvalidSQLStatementNameError,
)
# A date before year 1 or after 9999 arrives as ValueError or OverflowError from asyncpg's decoder.
_FAILURES = (
    TimeoutError,
    OSError,
    ValueError,
    OverflowError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
)
# A value that cannot be sent leaves the exchange half done, and the transaction of its statement open.
_HALF_DONE = (TimeoutError, asyncpg.InterfaceError, asyncpg.DataError, UnicodeEncodeError)


@dataclass(frozen=True, slots=True)
class _Statement:
    prepared: Any
    columns: tuple[Column, ...]


class Session:
    """Runs one statement at a time; when `interrupted`, it must `settle` before it is used again."""

    def __init__(self, wire: Wire, statement_cache_size: int) -> None:
        self._wire = wire
        self._statements: OrderedDict[str, _Statement] = OrderedDict()
        self._cache_size = statement_cache_size
        self.interrupted = False

    @property
    def closed(self) -> bool:
        return bool(self._wire.is_closed())

    async def fetch(self, text: str, args: Sequence[object], *, limit_s: float, timeout_ms: int) -> Result:
        """Run a statement for at most `limit_s`; `timeout_ms` is the limit that people are told."""
        self.interrupted = True
        try:
            async with asyncio.timeout(limit_s):
                result = await self._run_prepared(text, args, limit_s)
        except _FAILURES as error:
            self.interrupted = isinstance(error, _HALF_DONE) and not self.closed
            raise self._explained(error, timeout_ms) from error
        self.interrupted = False
        self._stay_read_only()
        return result

    async def _run_prepared(self, text: str, args: Sequence[object], limit_s: float) -> Result:
        try:
            return await self._run(text, args, limit_s)
        except _STALE:
            self._statements.clear()
            return await self._run(text, args, limit_s)

    async def _run(self, text: str, args: Sequence[object], limit_s: float) -> Result:
        started = perf_counter()
        statement = await self._statement(text, limit_s)
        rows: Sequence[Row] = await statement.prepared.fetch(*args, timeout=limit_s)
        return Result(statement.columns, rows, (perf_counter() - started) * 1000)

    async def _statement(self, text: str, limit_s: float) -> _Statement:
        known = self._statements.get(text)
        if known is not None:
            self._statements.move_to_end(text)
            return known
        prepared = await self._wire.prepare(text, timeout=limit_s)
        columns = tuple(Column(each.name, each.type.name) for each in prepared.get_attributes())
        return self._remember(text, _Statement(prepared, columns))

    def _remember(self, text: str, statement: _Statement) -> _Statement:
        if self._cache_size:
            self._statements[text] = statement
            if len(self._statements) > self._cache_size:
                # asyncpg closes it in PostgreSQL when the next one is prepared.
                self._statements.popitem(last=False)
        return statement

    def _stay_read_only(self) -> None:
        """End the connection when a statement opened a transaction or lifted the guard."""
        # PostgreSQL reports the setting by itself since version 14, so looking costs nothing.
        guard = getattr(self._wire.get_settings(), "default_transaction_read_only", "on")
        if self._wire.is_in_transaction() or guard != "on":
            self.terminate()

    def _explained(self, error: Exception, timeout_ms: int) -> DatabaseError:
        if isinstance(error, TimeoutError):
            return QueryTimeout(timeout_ms, detail="no answer from PostgreSQL within the limit")
        if isinstance(error, asyncpg.PostgresError):
            return _of_postgres(error, timeout_ms)
        if isinstance(error, asyncpg.InternalClientError):
            # So it calls a statement that is sent between a server's last word and the end of the connection.
            self.terminate()
            return ConnectionLost(detail=str(error))
        if isinstance(error, OSError) or (self.closed and not isinstance(error, ValueError)):
            return ConnectionLost(detail=str(error))
        if isinstance(error, UnicodeEncodeError | asyncpg.InterfaceError):
            return Refused(detail=str(error))
        return BadValue(detail=str(error))

    async def settle(self) -> bool:
        """Wait for the cancelled statement to end, and say whether the connection is usable again."""
        try:
            # Waits for the acknowledgement first, within the cancel timeout, or ends the connection.
            await self._wire.execute("select")
        except _FAILURES:
            self.terminate()
        self.interrupted = False
        return not self.closed

    async def close(self, timeout_s: float) -> None:
        """Say goodbye; a server that does not answer within the timeout is left."""
        try:
            await self._wire.close(timeout=timeout_s)
        except _FAILURES:
            self.terminate()

    def terminate(self) -> None:
        self._statements.clear()
        self._wire.terminate()


def _of_postgres(error: asyncpg.PostgresError, timeout_ms: int) -> DatabaseError:
    known = error_of(error.sqlstate or "XX000", str(error), timeout_ms=timeout_ms)
    # On a connection that has worked, every way of being unavailable means that this connection is lost.
    if isinstance(known, Unavailable) and not isinstance(known, Misconfigured):
        return ConnectionLost(sqlstate=known.sqlstate, detail=known.detail)
    return known
