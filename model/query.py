"""A question, as a value: what the API's arguments mean once relative dates are resolved."""

from dataclasses import dataclass
from enum import StrEnum

from model.dates import Interval
from model.filters import EVERYTHING, And, Condition, Filter, Not, Or
from model.grain import Grain

SHARE = "__share"
OTHERS = "__others"
PREVIOUS = "__previous"
CHANGE = "__change"
CHANGE_RATIO = "__change_ratio"
COMPARED = (PREVIOUS, CHANGE, CHANGE_RATIO)
"""What a comparison adds to the name of a metric."""


class Direction(StrEnum):
    """Which end comes first; nulls are last both ways."""

    ASC = "ASC"
    DESC = "DESC"


@dataclass(frozen=True, slots=True)
class OrderBy:
    """`name` is a metric, selected or not, a selected dimension, or the name of an asked share or change."""

    name: str
    direction: Direction = Direction.ASC


@dataclass(frozen=True, slots=True)
class Share:
    """A metric over its whole: all rows that pass, or those of the same values of `within`."""

    metric: str
    within: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The key of a row that holds it."""
        return f"{self.metric}{SHARE}"


@dataclass(frozen=True, slots=True)
class Window:
    """A metric over several buckets of time: all so far, the last `rolling`, or since a unit began.

    Exactly one of the three is said. `mean` divides what a rolling window sums up by its buckets.
    """

    metric: str
    running: bool = False
    rolling: int | None = None
    to_date: Grain | None = None
    mean: bool = False

    @property
    def name(self) -> str:
        """The key of a row that holds it."""
        if self.rolling is not None:
            kind = "rolling_mean" if self.mean else "rolling"
            return f"{self.metric}__{kind}_{self.rolling}"
        return f"{self.metric}__{self.to_date}_to_date" if self.to_date else f"{self.metric}__running"

    @property
    def looks_back(self) -> bool:
        """Whether it sees buckets before the range."""
        return not self.running


@dataclass(frozen=True, slots=True)
class Top:
    """The `n` best values of dimension `of` by metric `by`, for each combination of values of `within`."""

    n: int
    by: str
    of: str = ""
    within: tuple[str, ...] = ()
    others: bool = False
    direction: Direction = Direction.DESC


@dataclass(frozen=True, slots=True)
class Query:
    """`metrics` by `dimensions` of the rows that pass `filters` within `interval`.

    `having` is a filter over metrics, selected or not: it decides which groups are shown. `search` is text
    that one of the selected text dimensions holds, whatever the case. Local time is that of `timezone`
    (IANA). `limit` and `offset` count groups. `totals` and `subtotals` ask for the metrics over all rows that
    pass the filters, whatever is shown of the groups. `compared_with` is another range, whose buckets stand
    beside those of `interval` by position. With `deduplicate` a row that meets several values of a dimension
    counts once for each of them.
    """

    metrics: tuple[str, ...]
    timezone: str
    dimensions: tuple[str, ...] = ()
    filters: Filter = EVERYTHING
    having: Filter = EVERYTHING
    interval: Interval | None = None
    order_by: tuple[OrderBy, ...] = ()
    limit: int = 1000
    offset: int = 0
    totals: bool = False
    shares: tuple[Share, ...] = ()
    search: str | None = None
    fill: bool = False
    compared_with: Interval | None = None
    top: Top | None = None
    subtotals: tuple[tuple[str, ...], ...] = ()
    windows: tuple[Window, ...] = ()
    deduplicate: bool = False
    group_count: bool = False

    def arguments(self) -> dict[str, object]:
        """What the cache key is made of: absent is not there. Meant for a normalized question."""
        return self.fixed() | self.values()

    def fixed(self) -> dict[str, object]:
        """Those of the arguments that questions of one shape have in common."""
        told: dict[str, object] = {
            "metrics": self.metrics,
            "dimensions": self.dimensions,
            "timezone": self.timezone,
            "order": tuple((order.name, str(order.direction)) for order in self.order_by),
            "totals": self.totals,
            "shares": tuple((share.metric, share.within) for share in self.shares),
        }
        return told | {name: value for name, value in self._modifiers().items() if value}

    def values(self) -> dict[str, object]:
        """Those of the arguments by which questions of one shape differ."""
        told: dict[str, object] = {
            "filters": _encoded(self.filters),
            "having": _encoded(self.having),
            "interval": _bounds(self.interval),
            "limit": self.limit,
            "offset": self.offset,
        }
        if self.compared_with:
            told["compare"] = _bounds(self.compared_with)
        return told

    def _modifiers(self) -> dict[str, object]:
        top = self.top
        return {
            "fill": self.fill,
            "top": (top.n, top.by, top.of, top.within, top.others, str(top.direction)) if top else None,
            "subtotals": self.subtotals,
            "windows": tuple(window.name for window in self.windows),
            "deduplicate": self.deduplicate,
            "group_count": self.group_count,
        }


def _bounds(interval: Interval | None) -> object:
    return (interval.start, interval.end, interval.first, interval.last) if interval else None


def _encoded(tree: Filter) -> object:
    match tree:
        case Condition(name, op, values):
            return (str(op), name, values)
        case And(parts):
            return ("and", tuple(map(_encoded, parts)))
        case Or(parts):
            return ("or", tuple(map(_encoded, parts)))
        case Not(part):
            return ("not", _encoded(part))
