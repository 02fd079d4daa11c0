"""What of a model's tables is in the database, each relation once, however many tables are made of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from db.outbox.owner import Owner
from db.outbox.source import Axis, Source
from db.outbox.statements import text

KINDS = {"v": "a view", "m": "a materialized view", "f": "a foreign table"}
"""What has no triggers that see all of its changes."""


@dataclass(frozen=True, slots=True)
class Relation:
    """`title` is its name as SQL; `names` are the model's. `axis` is told only where the column fits it.

    `obstacle` says why it can have no triggers, and is empty where it can.
    """

    oid: int
    schema: str
    table: str
    title: str
    names: tuple[str, ...]
    axis: Axis | None
    polled: bool
    obstacle: str
    owner: str
    is_ours: bool
    doubts: tuple[str, ...]

    @property
    def has_triggers(self) -> bool:
        """Whether it is to have them."""
        return not self.obstacle and not self.polled

    @property
    def function(self) -> str:
        """The name of its trigger's function: short, whatever the relation is called."""
        return f"on_{sha256(self.title.encode()).hexdigest()[:16]}"


async def relations_of(owner: Owner, sources: Sequence[Source]) -> tuple[Relation, ...]:
    """Sorted by their titles. A source that the database does not have is left out."""
    asked = [
        [each.name for each in sources],
        [each.schema for each in sources],
        [each.table for each in sources],
        [each.axis.column if each.axis else "" for each in sources],
    ]
    rows: dict[int, list[Any]] = {}
    for row in await owner.rows(text("found"), *asked):
        rows.setdefault(row[1], []).append(row)
    by_name = {source.name: source for source in sources}
    return tuple(sorted((_relation(each, by_name) for each in rows.values()), key=lambda found: found.title))


def _relation(rows: Sequence[Any], sources: dict[str, Source]) -> Relation:
    _, oid, schema, table, title, kind, owner, is_ours, is_partly_foreign, _ = rows[0]
    own = [(sources[row[0]], row[-1]) for row in rows]
    axes = [(source.axis, found) for source, found in own if source.axis]
    fitting = [axis for axis, found in axes if axis.type == found]
    obstacle = KINDS.get(kind, "partly a foreign table" if is_partly_foreign else "")
    return Relation(
        oid,
        schema,
        table,
        title,
        names=tuple(sorted(source.name for source, _ in own)),
        axis=fitting[0] if fitting else None,
        polled=all(source.polled for source, _ in own),
        obstacle=obstacle,
        owner=owner,
        is_ours=is_ours,
        doubts=tuple(_doubts(axes, fitting)),
    )


def _doubts(axes: Iterable[tuple[Axis, str | None]], fitting: Sequence[Axis]) -> Iterable[str]:
    for axis, found in axes:
        if axis.type != found:
            is_what = f"is {found}, not {axis.type}" if found else "is no column of a known type"
            yield f"{axis.column} {is_what}: every change counts for all months."
    for other in dict.fromkeys(axis.text for axis in fitting[1:] if axis != fitting[0]):
        yield f"months are told by {fitting[0].text}; for tables by {other} every change counts for all."
