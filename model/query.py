"""A question, as a value: what the API's arguments mean once relative dates are resolved."""

from dataclasses import dataclass
from enum import StrEnum

from model.dates import Interval
from model.filters import EVERYTHING, And, Condition, Filter, Not, Or

SHARE = "__share"


class Direction(StrEnum):
    """Which end comes first; nulls are last both ways."""

    ASC = "ASC"
    DESC = "DESC"


@dataclass(frozen=True, slots=True)
class OrderBy:
    """`name` is a metric, selected or not, a selected dimension, or the name of an asked share."""

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
class Query:
    """`metrics` by `dimensions` of the rows that pass `filters` within `interval`.

    `having` is a filter over metrics, selected or not: it decides which groups are shown.
    Local time is that of `timezone` (IANA). `limit` and `offset` count groups. `totals` asks for the metrics
    over all rows that pass the filters as well, whatever is shown of the groups.
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

    def arguments(self) -> dict[str, object]:
        """What the cache key is made of. Meant for a normalized question."""
        interval = self.interval
        return {
            "metrics": self.metrics,
            "dimensions": self.dimensions,
            "filters": _encoded(self.filters),
            "having": _encoded(self.having),
            "interval": (interval.start, interval.end, interval.first, interval.last) if interval else None,
            "timezone": self.timezone,
            "order": tuple((order.name, str(order.direction)) for order in self.order_by),
            "limit": self.limit,
            "offset": self.offset,
            "totals": self.totals,
            "shares": tuple((share.metric, share.within) for share in self.shares),
        }


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
