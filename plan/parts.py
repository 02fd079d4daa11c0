"""What a plan is made of: leaves, what lies below them, and what is made of their groups."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from model.dates import Interval
from model.dimension import Dimension, Place
from model.filters import EVERYTHING
from model.metric import Metric, Snapshot
from model.query import COMPARED, OTHERS, Direction, Query
from model.routes import Route
from model.table import Join, JoinKind, Table
from model.viewer import ANONYMOUS, Viewer
from plan.fields import Field
from plan.positions import Shift
from plan.sets import Keys, mask_of


@dataclass(frozen=True, slots=True)
class Period:
    """The rows of one range. Metrics have `suffix` behind their names, buckets move by `shift`."""

    interval: Interval | None
    suffix: str = ""
    shift: Shift | None = None


@dataclass(frozen=True, slots=True)
class Leaf:
    """One aggregate: metrics of one table at its own grain, before anything else is joined to it.

    `routes` tells how each other place is found; a step to many rows on the way makes the leaf `fanned`.
    The groupings of all leaves have the same names; behind `time__...` stands each table's own time. `sets`
    are the grouping sets that it answers. With `snapshot` only rows of one moment count.
    """

    table: Table
    metrics: tuple[Metric, ...]
    groupings: tuple[Field, ...]
    routes: Mapping[Place, Route]
    time: Dimension | None
    period: Period = Period(None)
    below: tuple["Below", ...] = ()
    sets: tuple[Keys, ...] = ()
    snapshot: Snapshot | None = None

    @property
    def is_fanned(self) -> bool:
        """Whether one row of the table may meet many on the way to a key."""
        return any(_multiplies(route) for route in self.routes.values())

    @property
    def fanned_keys(self) -> Keys:
        """The keys of which one row may have several."""
        return frozenset(
            each.name for each in self.groupings if _multiplies(self.routes[each.dimension.place])
        )

    @property
    def tables(self) -> set[str]:
        looked_up = {join.target for route in self.routes.values() for join in route}
        return {self.table.name, *looked_up}.union(*(each.leaf.tables for each in self.below))

    def below_for(self, dimension: Dimension) -> "Below | None":
        """Where the dimension is found when a row meets many of its table; none when it is looked up."""
        if dimension.place in self.routes:
            return None
        return next((each for each in self.below if dimension.place in each.covers), None)


def _multiplies(route: Route) -> bool:
    return any(join.kind is JoinKind.ONE_TO_MANY for join in route)


@dataclass(frozen=True, slots=True)
class Below:
    """Rows further down, of which one row of a leaf may meet many: filters on them are semi-joins.

    `covers` are the places whose dimensions are read there; `leaf` tells how.
    """

    step: Join
    leaf: Leaf
    covers: frozenset[Place]


@dataclass(frozen=True, slots=True)
class Ranking:
    """The values that `top` keeps.

    `plan` ranks them from base rows and each leaf is joined to the best; without one, the groups themselves
    are ranked, because no other rows are gathered.
    """

    n: int
    of: str
    within: tuple[str, ...]
    others: bool
    by: str
    direction: Direction
    plan: "Plan | None"

    @property
    def keys(self) -> tuple[str, ...]:
        return (*self.within, self.of)

    @property
    def flag(self) -> str:
        """The key that tells the gathered others from a value that is null."""
        return f"{self.of}{OTHERS}"


@dataclass(frozen=True, slots=True)
class Layout:
    """What the rows of an answer hold beside the plan's names.

    With `masked` a column tells groups (0) from the `total` and the `subtotals`; with `counted` another one
    says how many groups there are.
    """

    masked: bool
    counted: bool
    total: int | None
    subtotals: tuple[int, ...]


class Shape:
    """What plans have in common that differ in their values alone. Each is equal to itself only."""

    __slots__ = ("__weakref__",)


@dataclass(frozen=True, slots=True)
class Plan:
    """The leaves of a question, and what is made of them.

    `behind` are metrics that are needed and not shown, `windowed` those of windows by name. `sets` are what
    is grouped by beside the groups themselves. `fingerprint` is of the definitions used, `tables` are all
    that are read: both belong to the cache, and so does `scope`, what the row filters know of the `viewer`.
    """

    query: Query
    metrics: tuple[Metric, ...]
    leaves: tuple[Leaf, ...]
    fingerprint: str
    behind: tuple[Metric, ...] = ()
    sets: tuple[Keys, ...] = ()
    ranking: Ranking | None = None
    windowed: Mapping[str, Metric] = field(default_factory=dict)
    viewer: Viewer = ANONYMOUS
    scope: tuple[tuple[str, object], ...] = ()
    notes: tuple[str, ...] = field(default=())
    shape: Shape = field(default_factory=Shape, compare=False, repr=False)

    @property
    def groupings(self) -> tuple[Field, ...]:
        return self.leaves[0].groupings

    @property
    def keys(self) -> tuple[str, ...]:
        """What rows are grouped by: the dimensions, and whether they are the others of a ranking."""
        flag = (self.ranking.flag,) if self.ranking and self.ranking.plan else ()
        return (*self.query.dimensions, *flag)

    @property
    def values(self) -> tuple[str, ...]:
        """The keys of a row that are measured, in order."""
        query = self.query
        compared = [f"{name}{end}" for name in query.metrics for end in COMPARED if query.compared_with]
        shares = [share.name for share in query.shares]
        return (*query.metrics, *compared, *shares, *(window.name for window in query.windows))

    @property
    def names(self) -> tuple[str, ...]:
        """The keys of a row, in order."""
        gathers = self.ranking and self.ranking.plan and self.ranking.others
        return (*(self.keys if gathers else self.query.dimensions), *self.values)

    @property
    def layout(self) -> Layout:
        query = self.query
        total = mask_of(frozenset(), self.keys) if query.totals and self.values else None
        if total == 0 and query.having != EVERYTHING:
            # Without dimensions the one group is also the total, which stays when `having` hides the group.
            total = 1
        subtotals = tuple(mask_of(set_keys(each, self.ranking), self.keys) for each in query.subtotals)
        masked = bool(total or subtotals or query.group_count)
        return Layout(masked, query.group_count, total, subtotals)

    @property
    def is_flat(self) -> bool:
        """Whether one select is all there is to it: one leaf, and nothing is made of its groups."""
        query = self.query
        made = query.shares or query.windows or query.compared_with or query.fill or query.group_count
        return len(self.leaves) == 1 and not (made or self.sets or self.ranking or self.layout.masked)

    @property
    def tables(self) -> tuple[str, ...]:
        own: set[str] = set().union(*(leaf.tables for leaf in self.leaves))
        ranked = self.ranking.plan.tables if self.ranking and self.ranking.plan else ()
        return tuple(sorted(own.union(ranked)))


def set_keys(names: Iterable[str], ranking: Ranking | None) -> Keys:
    """The keys of a set: with the ranked dimension goes the flag that tells its others."""
    found = frozenset(names)
    return found | {ranking.flag} if ranking and ranking.plan and ranking.of in found else found
