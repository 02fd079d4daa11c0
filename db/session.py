"""One connection with its prepared statements: one round trip for a statement seen before."""

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from secrets import token_hex
from time import perf_counter
from typing import Any

import asyncpg

from db.connection import AS_TEXT, Wire
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
from db.prepared import UNKNOWN_NAME, Prepared

# The table changed under a prepared statement.
_STALE = (asyncpg.InvalidCachedStatementError, asyncpg.OutdatedSchemaCacheError)
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
# A pooler handed us another process: a new connection starts without names, while on this one asyncpg would
# close those that it knows between a new statement and its run, which may part the two. And the other is
# what asyncpg calls a statement that is sent between a server's last word and the end of the connection.
_BEYOND_USE = (asyncpg.InvalidSQLStatementNameError, asyncpg.InternalClientError)
# A value that cannot be sent leaves the exchange half done, and the transaction of its statement open.
_HALF_DONE = (TimeoutError, asyncpg.InterfaceError, asyncpg.DataError, UnicodeEncodeError)


@dataclass(frozen=True, slots=True)
class _Statement:
    """`as_text` are the places of the arguments that must be texts."""

    prepared: Any
    columns: tuple[Column, ...]
    as_text: tuple[int, ...]

    def sent(self, args: Sequence[object]) -> Sequence[object]:
        """The arguments, as they can be sent."""
        if not self.as_text:
            return args
        found = list(args)
        for place in self.as_text:
            if place < len(found):
                found[place] = _text(found[place])
        return found


class Session:
    """Runs one statement at a time; when `interrupted`, it must `settle` before it is used again."""

    def __init__(self, wire: Wire, prepared: Prepared) -> None:
        self._wire = wire
        self._statements: OrderedDict[str, _Statement] = OrderedDict()
        self._prepared = prepared
        # Where a pooler hands us a process that others have used, their names must mean nothing to us.
        self._names = map(f"servery_{token_hex(8)}_{{}}".format, count(1))
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
        found: list[Row] = await statement.prepared.fetch(*statement.sent(args), timeout=limit_s)
        rows = found.copy()
        # asyncpg keeps the list until its next statement: an idle connection would hold as many rows.
        found.clear()
        return Result(statement.columns, rows, (perf_counter() - started) * 1000)

    async def _statement(self, text: str, limit_s: float) -> _Statement:
        kept = self._prepared.size
        known = self._statements.get(text) if kept else None
        if known is not None:
            self._statements.move_to_end(text)
            return known
        # One without a name lasts until the next, and a pooler changes no process before it was run.
        prepared = await self._wire.prepare(text, name=next(self._names) if kept else "", timeout=limit_s)
        columns = tuple(Column(each.name, each.type.name) for each in prepared.get_attributes())
        types = (each.name.removesuffix("[]") for each in prepared.get_parameters())
        as_text = tuple(place for place, name in enumerate(types) if name in AS_TEXT)
        return self._remember(text, _Statement(prepared, columns, as_text))

    def _remember(self, text: str, statement: _Statement) -> _Statement:
        if self._prepared.size:
            self._statements[text] = statement
            if len(self._statements) > self._prepared.size:
                # asyncpg closes it in PostgreSQL when the next one is prepared.
                self._statements.popitem(last=False)
        return statement

    def _stay_read_only(self) -> None:
        """End the connection when a statement opened a transaction or lifted the guard."""
        if self._wire.is_in_transaction() or self._wire.guard != "on":
            self.terminate()

    def _explained(self, error: Exception, timeout_ms: int) -> DatabaseError:
        if isinstance(error, TimeoutError):
            return QueryTimeout(timeout_ms, detail="no answer from PostgreSQL within the limit")
        if isinstance(error, asyncpg.InvalidSQLStatementNameError):
            self._prepared.doubt(UNKNOWN_NAME)
        elif isinstance(error, asyncpg.PostgresError):
            return _of_postgres(error, timeout_ms)
        if isinstance(error, _BEYOND_USE):
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


def _text(value: object) -> object:
    """A value, or each of a list, as its text; null stays null."""
    if isinstance(value, list):
        return [_text(each) for each in value]
    return None if value is None else str(value)


def _of_postgres(error: asyncpg.PostgresError, timeout_ms: int) -> DatabaseError:
    known = error_of(error.sqlstate or "XX000", str(error), timeout_ms=timeout_ms)
    # On a connection that has worked, every way of being unavailable means that this connection is lost.
    if isinstance(known, Unavailable) and not isinstance(known, Misconfigured):
        return ConnectionLost(sqlstate=known.sqlstate, detail=known.detail)
    return known
