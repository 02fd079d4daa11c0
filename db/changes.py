"""Reads which tables changed, each committed row once, whatever the order of the commits.

What is new since a snapshot are the rows of transactions that were not over then and are now: those at or
after its end, and those that were running. The snapshot to go on from is that of the very statement that
read them. Reading takes rights to read, and no more, so several deployments may follow one database.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from db.database import Row
from db.errors import DatabaseError, Refused
from db.listener import Line
from db.outbox.source import Source
from db.outbox.statements import text
from db.snapshot import Snapshot

CHANNEL: Final = "servery_changes"

_ABSENT: Final = {"3F000", "42P01", "42501"}
"""There is no such schema or table, or no right to read it."""


class NotInstalled(DatabaseError):
    """There are no change events to read, or none that we may; `detail` says which."""


@dataclass(frozen=True, slots=True)
class Change:
    """Rows of `relation` changed in these months, told by `axis`; none for either means any.

    Where a person told the months, there is no axis: they are those of whoever reads.
    """

    relation: str
    axis: str | None
    months: tuple[date, ...] | None


@dataclass(frozen=True, slots=True)
class Batch:
    """What was committed up to `until`. `at` is the server's clock in seconds, `oldest_s` the age of a row.

    `backend` is the process that answered; another one than before is a pooler's doing.
    """

    until: Snapshot
    at: float
    backend: int
    changes: tuple[Change, ...]
    oldest_s: float


@dataclass(frozen=True, slots=True)
class Shape:
    """A relation as it stands. `text` is another one when parts came or went, or were written anew."""

    relation: str
    parts: int
    covered: int
    has_triggers: bool
    text: str


async def changes_since(line: Line, since: Snapshot) -> Batch:
    """Raises NotInstalled, and DatabaseError for all else."""
    args = (str(since.xmax), [*map(str, since.running)], [*map(str, since.told)])
    rows = await _asked(line, text("changes"), args)
    until, is_standby, at, backend = rows[0][:4]
    found = [row[4:] for row in rows if row[4] is not None]
    snapshot = Snapshot.read(until)
    if is_standby:
        snapshot = snapshot.of_standby([*since.told, *(xid for row in found for xid in row[4])])
    changes = tuple(_change(*row[:3]) for row in found)
    return Batch(snapshot, at, backend, changes, max((row[3] for row in found), default=0.0))


async def server_of(line: Line) -> str:
    """Another text for another server, another history of it, or one that may have lost what it had told.

    Empty when it cannot be known. Raises DatabaseError.
    """
    try:
        is_standby = (await line.fetch("select pg_is_in_recovery()"))[0][0]
        rows = await line.fetch(text("server_standby" if is_standby else "server_primary"))
    except Refused:
        # Some hosts keep these functions to themselves.
        return ""
    told = rows[0][0] if rows else None
    return str(told or "")


async def is_standby(line: Line) -> bool:
    return bool((await line.fetch("select pg_is_in_recovery()"))[0][0])


async def shapes(line: Line) -> tuple[Shape, ...]:
    """Of every relation for which change events were installed. Raises NotInstalled, and DatabaseError."""
    rows = await _asked(line, text("shape"), ())
    return tuple(Shape(row[0], row[4], row[5], row[3] is not None, row[6]) for row in rows)


async def titles_of(line: Line, sources: Sequence[Source]) -> dict[str, str]:
    """The relation behind each source, by the source's name; sources that are not there are left out."""
    names, schemas = [each.name for each in sources], [each.schema for each in sources]
    asked = [names, schemas, [each.table for each in sources], [""] * len(sources)]
    return {row[0]: row[4] for row in await line.fetch(text("found"), asked)}


async def _asked(line: Line, statement: str, args: Sequence[object]) -> Sequence[Row]:
    try:
        return await line.fetch(statement, args)
    except DatabaseError as error:
        if error.sqlstate in _ABSENT:
            raise NotInstalled(sqlstate=error.sqlstate, detail=error.detail) from error
        raise


def _change(relation: str, axis: str | None, months: Sequence[str | None] | None) -> Change:
    days = [date.fromisoformat(month) for month in months or () if month]
    # A month that lies outside the calendar that we count by leaves any.
    return Change(relation, axis, tuple(days) if months and all(months) else None)
