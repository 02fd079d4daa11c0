"""Metrics: aggregates of one table, and quotients and formulas over other metrics."""

from dataclasses import dataclass
from enum import StrEnum

from model.expression import Sql
from model.value import ValueType


class MetricKind(StrEnum):
    """How a metric comes about. The last two are computed from metrics, the others from rows."""

    SUM = "sum"
    COUNT = "count"
    COUNT_DISTINCT = "count_distinct"
    AVG = "avg"
    MIN = "min"
    MAX = "max"
    MEDIAN = "median"
    PERCENTILE = "percentile"
    RATIO = "ratio"
    DERIVED = "derived"

    @property
    def is_aggregate(self) -> bool:
        return self not in {MetricKind.RATIO, MetricKind.DERIVED}


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Semi-additive: of each bucket of time only the rows of one moment count, that of the last `over`.

    `over` and `per` are columns of the metric's table: with `per`, each combination of their values has its
    own last moment. `first` takes the first moment instead.
    """

    over: str
    per: tuple[str, ...] = ()
    first: bool = False


@dataclass(frozen=True, slots=True)
class Metric:
    """One number per group.

    An aggregate has `table`, `sql` (none for a plain count) and perhaps `where`; `only` narrows it to rows
    whose dimensions have one of the values, also dimensions that are looked up. A ratio or derived metric
    has `sql` over the names in `inputs` and no table. Division in it is numeric, and by zero gives null.
    `percentile` lies between 0 and 1. `value` is the type of what it comes to, as `having` compares it; the
    least and the greatest of a `timestamp` are instants, read in `zone`.
    """

    name: str
    kind: MetricKind
    table: str | None = None
    sql: Sql | None = None
    where: Sql | None = None
    only: tuple[tuple[str, tuple[str | int | float | bool, ...]], ...] = ()
    percentile: float | None = None
    inputs: tuple[str, ...] = ()
    snapshot: Snapshot | None = None
    value: ValueType = ValueType.DECIMAL
    zone: str | None = None
    title: str = ""
    description: str = ""
    unit: str = ""
    format: str = ""
    currency: str = ""
    deprecated: str = ""
