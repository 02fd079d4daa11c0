"""Tables and the joins between them."""

from dataclasses import dataclass, field
from enum import StrEnum

from model.expression import Sql
from model.refresh import Refresh


class JoinKind(StrEnum):
    """How many rows of the target meet one row of the joining table."""

    MANY_TO_ONE = "many_to_one"
    ONE_TO_MANY = "one_to_many"

    @property
    def turned(self) -> "JoinKind":
        """The same join seen from the other side."""
        return JoinKind.ONE_TO_MANY if self is JoinKind.MANY_TO_ONE else JoinKind.MANY_TO_ONE


@dataclass(frozen=True, slots=True)
class Validity:
    """The column `at` of the joining table lies in `start` to just before `end` of the target.

    A null `end` is open. Slowly changing dimensions keep one row for each such range.
    """

    at: str
    start: str
    end: str


@dataclass(frozen=True, slots=True)
class Join:
    """A way from `table` to `target`: `on` pairs a column of the one with a column of the other."""

    name: str
    table: str
    target: str
    on: tuple[tuple[str, str], ...]
    kind: JoinKind = JoinKind.MANY_TO_ONE
    valid: Validity | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """A fact or lookup table. `source` is its name in the database, perhaps with a schema.

    `time` names the time dimension behind `time__...` for this table's metrics: one of its own, or of a
    table that its rows look up. `paths` names the joins to follow to a table to which there are several ways.
    `row_filter` holds for the rows that a viewer may see. `refresh` tells when rows have changed, where the
    database does not tell it by itself.
    """

    name: str
    source: tuple[str, ...]
    key: tuple[str, ...]
    time: str | None = None
    joins: tuple[Join, ...] = ()
    description: str = ""
    paths: tuple[tuple[str, tuple[str, ...]], ...] = field(default=())
    row_filter: Sql | None = None
    # Not in the repr, and so in no fingerprint: it changes no answer.
    refresh: Refresh | None = field(default=None, repr=False)

    def join(self, name: str) -> Join | None:
        """The join of that name, if there is one."""
        return next((join for join in self.joins if join.name == name), None)
