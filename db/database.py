"""What a database is to the other rooms: a question goes in, columns and rows come out."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

Row = Sequence[Any]
"""One row, read by position. NUMERIC, json and jsonb are exact text; None is SQL's null."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of an answer; `type` is PostgreSQL's own name for it, as in `int8` or `timestamptz`."""

    name: str
    type: str


@dataclass(frozen=True, slots=True)
class Result:
    """The answer to one statement; `columns` are known even when there are no rows.

    `ms` is what PostgreSQL and the wire took, without the wait for a connection.
    """

    columns: tuple[Column, ...]
    rows: Sequence[Row]
    ms: float


class Database(Protocol):
    """Rows on request. Every method raises `db.errors.DatabaseError` and nothing else."""

    async def fetch(self, text: str, args: Sequence[object] = (), *, timeout_ms: int | None = None) -> Result:
        """Run one read-only statement; `timeout_ms` may shorten the database's own limit, never lengthen it.

        Cancelling the caller's task cancels the statement in the database.
        """
        ...

    async def ready(self) -> float:
        """Prove one round trip and return its milliseconds. `Overloaded` means alive, but busy."""
        ...

    async def close(self) -> None:
        """Let what is in flight finish within a bound, end what has not, and refuse all that comes later."""
        ...
