"""Windows along time: running totals, rolling windows and totals to date, over groups of buckets.

Only what can be put together again is windowed: sums of sums, the least of the least, and an average as the
quotient of its sum and its count. Formulas are computed over windowed aggregates.
"""

from collections.abc import Iterator
from dataclasses import replace

from sqlglot import exp

from model.faults import Fault
from model.grain import Grain
from model.metric import Metric, MetricKind
from model.model import Model
from model.query import Window
from plan.aggregates import metric_expression, quotient
from plan.fields import Field
from plan.identifiers import identifier
from plan.nodes import cast
from plan.sets import SET
from plan.time import bucket as bucket_of

WINDOW = "__window"
"""Behind the name of a metric whose rows begin before the range."""

SUMMED = {
    MetricKind.SUM: exp.Sum,
    MetricKind.COUNT: exp.Sum,
    MetricKind.MIN: exp.Min,
    MetricKind.MAX: exp.Max,
}
UNITS = {
    Grain.MINUTE_15: (15, "minutes"),
    Grain.MINUTE_30: (30, "minutes"),
    Grain.HOUR: (1, "hours"),
    Grain.DAY: (1, "days"),
    Grain.WEEK: (7, "days"),
    Grain.MONTH: (1, "months"),
    Grain.QUARTER: (3, "months"),
    Grain.YEAR: (12, "months"),
}


def window_parts(model: Model, metric: Metric) -> Iterator[Metric]:
    """The aggregates that a window over `metric` puts together. Raises INVALID_WINDOW where none can be."""
    for leaf in model.leaves(metric):
        if leaf.snapshot:
            raise _refused(metric, f"'{leaf.name}' counts the rows of one moment only")
        if leaf.kind is MetricKind.AVG:
            yield from _sum_and_count(leaf)
        elif leaf.kind in SUMMED:
            yield leaf
        else:
            raise _refused(metric, f"'{leaf.name}' is a {leaf.kind}")


def _refused(metric: Metric, why: str) -> Fault:
    message = (
        f"'{metric.name}' has no window: {why}, which cannot be put together from buckets. "
        "Ask for it without 'windows', by a coarser grain."
    )
    return Fault("INVALID_WINDOW", message, metric=metric.name)


def _sum_and_count(metric: Metric) -> tuple[Metric, Metric]:
    total = replace(metric, name=f"{metric.name}__sum", kind=MetricKind.SUM)
    return total, replace(metric, name=f"{metric.name}__count", kind=MetricKind.COUNT)


class WindowWriter:
    """Writes windows over columns of groups. `keys` are all, `field` is the grain of time among them."""

    def __init__(self, model: Model, keys: tuple[str, ...], field: Field, zone: str, *, masked: bool) -> None:
        self._model = model
        self._keys = keys
        self._field = field
        self._zone = zone
        self._masked = masked

    def write(self, window: Window) -> exp.Expr:
        """The metric over the window of each group."""
        suffix = WINDOW if window.looks_back else ""

        def leaf(metric: Metric) -> exp.Expr:
            if metric.kind is MetricKind.AVG:
                total, count = _sum_and_count(metric)
                return exp.paren(
                    quotient(self._over(total, window, suffix), self._over(count, window, suffix))
                )
            return self._over(metric, window, suffix)

        metric = self._model.metrics[window.metric]
        found = metric_expression(self._model, metric, leaf)
        if window.mean and window.rolling:
            found = quotient(found, exp.Literal.number(window.rolling))
        return self._within_buckets(found)

    def _within_buckets(self, found: exp.Expr) -> exp.Expr:
        """A total is no bucket, and a group without a time comes before or after nothing."""
        bucket = exp.Not(this=exp.Is(this=self._bucket(), expression=exp.null()))
        return exp.Case(ifs=[exp.If(this=bucket, true=found)])

    def _over(self, metric: Metric, window: Window, suffix: str) -> exp.Expr:
        value = exp.column(identifier(f"{metric.name}{suffix}"))
        over = exp.Window(
            this=SUMMED[metric.kind](this=value),
            partition_by=list(self._partition(window)) or None,
            order=exp.Order(expressions=[exp.Ordered(this=self._bucket(), nulls_first=False)]),
            spec=self._frame(window),
        )
        if metric.kind is MetricKind.COUNT:
            counted = exp.Coalesce(this=over, expressions=[exp.Literal.number(0)])
            return cast(counted, "bigint")
        return over

    def _partition(self, window: Window) -> Iterator[exp.Expr]:
        if self._masked:
            yield exp.column(SET)
        yield from (exp.column(identifier(name)) for name in self._keys if name != self._field.name)
        if window.to_date:
            yield self._unit(window.to_date)

    def _unit(self, unit: Grain) -> exp.Expr:
        """The unit that the bucket begins in, in local time."""
        week_start = self._model.week_start
        return bucket_of(self._bucket(), self._field.typed, unit, self._zone, week_start)

    def _frame(self, window: Window) -> exp.WindowSpec:
        """By the distance in time, not by the number of rows: buckets may be missing."""
        start: exp.Expr | str = "UNBOUNDED"
        if window.rolling is not None and isinstance(self._field.step, Grain):
            count, unit = UNITS[self._field.step]
            text = f"{count * (window.rolling - 1)} {unit}"
            start = cast(exp.Literal.string(text), "interval")
        return exp.WindowSpec(
            kind="RANGE", start=start, start_side="PRECEDING", end="CURRENT ROW", end_side=None
        )

    def _bucket(self) -> exp.Expr:
        return exp.column(identifier(self._field.name))
