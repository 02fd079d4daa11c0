"""What a plan is made of: groupings, leaves, and what lies below them."""

from dataclasses import dataclass
from enum import StrEnum

from model.descents import Descent
from model.dimension import Dimension
from model.grain import Grain, Part
from model.metric import Metric
from model.query import Query
from model.routes import Route
from model.table import Table


class ColumnKind(StrEnum):
    """What a key of a row is."""

    DIMENSION = "DIMENSION"
    TIME = "TIME"
    METRIC = "METRIC"


@dataclass(frozen=True, slots=True)
class Grouping:
    """A dimension that rows are grouped by, under the name that the question used."""

    name: str
    dimension: Dimension
    step: Grain | Part | None = None

    @property
    def kind(self) -> ColumnKind:
        is_time = self.dimension.type.is_time and not isinstance(self.step, Part)
        return ColumnKind.TIME if is_time else ColumnKind.DIMENSION


@dataclass(frozen=True, slots=True)
class Leaf:
    """One aggregate: the metrics of one table at its own grain, before anything else is joined to it.

    `routes` tells how each other table is looked up. The groupings of all leaves have the same names; behind
    `time__...` stands each table's own time.
    """

    table: Table
    metrics: tuple[Metric, ...]
    groupings: tuple[Grouping, ...]
    routes: dict[str, Route]
    time: Dimension | None
    below: tuple["Below", ...] = ()

    @property
    def tables(self) -> set[str]:
        looked_up = {join.target for route in self.routes.values() for join in route}
        return {self.table.name, *looked_up}.union(*(each.leaf.tables for each in self.below))

    def below_for(self, dimension: Dimension) -> "Below | None":
        """Where the dimension is found when a row meets many of its table; none when it is looked up."""
        if dimension.table in self.routes:
            return None
        return next((each for each in self.below if dimension.table in each.covers), None)


@dataclass(frozen=True, slots=True)
class Below:
    """Rows further down, of which one row of a leaf may meet many: filters on them are semi-joins.

    `covers` are the tables whose dimensions are read there; `leaf` tells how.
    """

    descent: Descent
    leaf: Leaf
    covers: frozenset[str]


@dataclass(frozen=True, slots=True)
class Plan:
    """The leaves of a question, and what is made of them.

    `fingerprint` is of the definitions used, `tables` are all that are read: both belong to the cache.
    """

    query: Query
    metrics: tuple[Metric, ...]
    leaves: tuple[Leaf, ...]
    fingerprint: str

    @property
    def groupings(self) -> tuple[Grouping, ...]:
        return self.leaves[0].groupings

    @property
    def names(self) -> tuple[str, ...]:
        """The keys of a row, in order."""
        shares = (share.name for share in self.query.shares)
        return (*self.query.dimensions, *self.query.metrics, *shares)

    @property
    def has_totals(self) -> bool:
        """Whether a row over all groups is asked for; without groups every answer is one."""
        return self.query.totals and bool(self.groupings) and len(self.names) > len(self.groupings)

    @property
    def tables(self) -> tuple[str, ...]:
        return tuple(sorted(set().union(*(leaf.tables for leaf in self.leaves))))
