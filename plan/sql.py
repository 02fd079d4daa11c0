"""A plan becomes a statement."""

from collections.abc import Callable

from sqlglot import exp

from model.dimension import Dimension
from model.expression import DIALECT
from model.filters import EVERYTHING
from model.metric import Metric
from model.model import Model
from model.query import Direction, OrderBy
from plan.aggregates import metric_expression
from plan.conditions import FilterWriter
from plan.identifiers import identifier
from plan.leaf import LeafWriter, named
from plan.normal import as_dimension
from plan.parts import Plan
from plan.stack import read_stacked, stacked
from plan.statement import Parameters, Statement

ReadLeaf = Callable[[Metric], exp.Expr]


def render(model: Model, plan: Plan) -> Statement:
    """The SQL of `plan`: groups in the plan's order, then metrics, one row more than the limit."""
    parameters = Parameters()
    writers = [LeafWriter(model, leaf, plan.query, parameters) for leaf in plan.leaves]

    def outputs(leaf: ReadLeaf) -> list[exp.Expr]:
        return [named(metric_expression(model, metric, leaf), metric.name) for metric in plan.metrics]

    def ordered(leaf: ReadLeaf) -> list[exp.Expr]:
        return [_ordered(model, plan, order, leaf) for order in plan.query.order_by]

    if len(writers) == 1:
        read: ReadLeaf = writers[0].aggregate
        found = writers[0].select(outputs(read))
    else:
        read = read_stacked
        found = stacked(writers, outputs(read))
    if plan.query.having != EVERYTHING:
        found = found.having(_having(model, plan, read, parameters), copy=False)
    if plan.groupings:
        found = _page(found.order_by(*ordered(read), copy=False), plan, parameters)
    return Statement(found.sql(DIALECT, pretty=True), tuple(parameters.values))


def _having(model: Model, plan: Plan, read: ReadLeaf, parameters: Parameters) -> exp.Expr:
    """A filter over groups, written with the aggregates themselves."""

    def value(metric: Dimension) -> exp.Expr:
        return exp.paren(metric_expression(model, model.metrics[metric.name], read), copy=False)

    def lookup(name: str) -> Dimension:
        return as_dimension(model.metrics[name])

    return FilterWriter(lookup, value, parameters).write(plan.query.having)


def _page(found: exp.Select, plan: Plan, parameters: Parameters) -> exp.Select:
    """One row beyond the limit tells that there are more."""
    query = plan.query
    found = found.limit(parameters.bind(query.limit + 1, "bigint"), copy=False)
    return found.offset(parameters.bind(query.offset, "bigint"), copy=False) if query.offset else found


def _ordered(model: Model, plan: Plan, order: OrderBy, leaf: ReadLeaf) -> exp.Expr:
    """By the column that is shown, or by a metric that is not."""
    if order.name in plan.names:
        by: exp.Expr = exp.Column(this=identifier(order.name))
    else:
        by = metric_expression(model, model.metrics[order.name], leaf)
    return exp.Ordered(this=by, desc=order.direction is Direction.DESC, nulls_first=False)
