"""Filters over groups: the values are those of metrics, shown or not."""

from collections.abc import Callable

from sqlglot import exp

from model.dimension import Dimension
from model.expression import Sql
from model.metric import Metric
from model.model import Model
from plan.bound import Bound
from plan.time import instant
from plan.written import written


def having(model: Model, bound: Bound, value: Callable[[Metric], exp.Expr]) -> exp.Expr:
    """True exactly for the groups that pass; `value` writes a metric over them."""

    def read(bound: Bound) -> exp.Expr:
        metric = model.metrics[bound.name]
        return instant(value(metric), as_dimension(metric)) if bound.as_instant else value(metric)

    return written(bound, read, no_semi_join)


def no_semi_join(below: int, _bound: Bound) -> exp.Expr:
    raise LookupError(f"a group has nothing below it, and yet the step {below} down was asked for")


def as_dimension(metric: Metric) -> Dimension:
    """A metric as `having` compares it: a value of a group, of the metric's own type."""
    return Dimension(metric.name, "", Sql(metric.name, exp.column(metric.name)), metric.value)
