"""Filters over groups: the values are those of metrics, shown or not."""

from collections.abc import Callable

from sqlglot import exp

from model.dimension import Dimension
from model.expression import Sql
from model.filters import Filter
from model.metric import Metric
from model.model import Model
from plan.conditions import FilterWriter, Operand
from plan.statement import Parameters


def having(
    model: Model, tree: Filter, value: Callable[[Metric], exp.Expr], parameters: Parameters
) -> exp.Expr:
    """True exactly for the groups that pass; `value` writes a metric over them."""

    def operand(name: str) -> Operand:
        metric = model.metrics[name]
        return Operand(value(metric), as_dimension(metric))

    return FilterWriter(operand, parameters).write(tree)


def as_dimension(metric: Metric) -> Dimension:
    """A metric as `having` compares it: a value of a group, of the metric's own type."""
    return Dimension(metric.name, "", Sql(metric.name, exp.column(metric.name)), metric.value)
