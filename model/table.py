"""Tables and the joins between them."""

from dataclasses import dataclass
from enum import StrEnum


class JoinKind(StrEnum):
    """How many rows of the target meet one row of the joining table."""

    MANY_TO_ONE = "many_to_one"
    ONE_TO_MANY = "one_to_many"


@dataclass(frozen=True, slots=True)
class Join:
    """A way from `table` to `target`: `on` pairs a column of the one with a column of the other."""

    name: str
    table: str
    target: str
    on: tuple[tuple[str, str], ...]
    kind: JoinKind = JoinKind.MANY_TO_ONE


@dataclass(frozen=True, slots=True)
class Table:
    """A fact or lookup table. `source` is its name in the database, perhaps with a schema.

    `time` names the time dimension behind `time__...` for this table's metrics: one of its own, or of a
    table that its rows look up.
    """

    name: str
    source: tuple[str, ...]
    key: tuple[str, ...]
    time: str | None = None
    joins: tuple[Join, ...] = ()
    description: str = ""
