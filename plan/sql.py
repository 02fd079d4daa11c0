"""A plan becomes a statement."""

from collections.abc import Callable, Iterator

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
from plan.sets import SET, or_other_set, page_of_sets, set_column, sets_of
from plan.shares import with_shares
from plan.stack import read_stacked, stacked
from plan.statement import Parameters, Statement

ReadLeaf = Callable[[Metric], exp.Expr]


def render(model: Model, plan: Plan) -> Statement:
    """The SQL of `plan`: groups in the plan's order, then metrics, one row more than the limit.

    Where totals or shares are asked for there is a last column more, SET, and the total is the last row.
    """
    parameters = Parameters()
    writers = [LeafWriter(model, leaf, plan.query, parameters) for leaf in plan.leaves]
    read = writers[0].aggregate if len(writers) == 1 else read_stacked
    # Written before the groups: a leaf joins what was read of it by then.
    having = _having(model, plan, writers, read, parameters)
    order = list(_order(model, plan, read))
    found = _groups(model, plan, writers, read)
    if having is not None:
        found = found.having(having, copy=False)
    if sets_of(plan):
        if plan.query.shares:
            found = with_shares(found, plan.query.shares, plan.query.dimensions)
        found = page_of_sets(found, _order_of_columns(plan), plan, parameters)
    elif plan.groupings:
        found = _page(found.order_by(*order, copy=False), plan, parameters)
    return Statement(found.sql(DIALECT, pretty=True), tuple(parameters.values))


def _groups(model: Model, plan: Plan, writers: list[LeafWriter], read: ReadLeaf) -> exp.Select:
    """All groups with the asked metrics, and with those that order them, where order comes later."""
    sets = sets_of(plan)
    names = [metric.name for metric in plan.metrics]
    if sets:
        names += [each.name for each in plan.query.order_by if each.name not in plan.names]
        names += [share.metric for share in plan.query.shares]
    outputs = [
        named(metric_expression(model, model.metrics[name], read), name) for name in dict.fromkeys(names)
    ]
    return writers[0].select(outputs, sets) if len(writers) == 1 else stacked(writers, outputs, sets)


def _having(
    model: Model, plan: Plan, writers: list[LeafWriter], read: ReadLeaf, parameters: Parameters
) -> exp.Expr | None:
    """A filter over groups, written with the aggregates themselves."""
    if plan.query.having == EVERYTHING:
        return None

    def value(metric: Dimension) -> exp.Expr:
        return exp.paren(metric_expression(model, model.metrics[metric.name], read), copy=False)

    def lookup(name: str) -> Dimension:
        return as_dimension(model.metrics[name])

    condition = FilterWriter(lookup, value, parameters).write(plan.query.having)
    if not sets_of(plan):
        return condition
    keys = [writers[0].group(grouping) for grouping in plan.groupings]
    return or_other_set(condition, set_column(keys) if len(writers) == 1 else exp.column(SET))


def _page(found: exp.Select, plan: Plan, parameters: Parameters) -> exp.Select:
    """One row beyond the limit tells that there are more."""
    query = plan.query
    found = found.limit(parameters.bind(query.limit + 1, "bigint"), copy=False)
    return found.offset(parameters.bind(query.offset, "bigint"), copy=False) if query.offset else found


def _order(model: Model, plan: Plan, read: ReadLeaf) -> Iterator[exp.Expr]:
    """By columns that are shown, or by metrics that are not."""
    for order in plan.query.order_by:
        if order.name in plan.names:
            yield _ordered(order, exp.column(identifier(order.name)))
        else:
            yield _ordered(order, metric_expression(model, model.metrics[order.name], read))


def _order_of_columns(plan: Plan) -> list[exp.Expr]:
    """The same where every metric that orders has a column already."""
    return [_ordered(order, exp.column(identifier(order.name))) for order in plan.query.order_by]


def _ordered(order: OrderBy, by: exp.Expr) -> exp.Expr:
    return exp.Ordered(this=by, desc=order.direction is Direction.DESC, nulls_first=False)
