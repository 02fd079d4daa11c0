"""A plan becomes a statement: one select where that is all there is to it, else steps that have names."""

from sqlglot import Dialect, exp

from model.expression import DIALECT
from model.grain import Grain
from model.metric import Metric
from model.model import Model
from plan.aggregates import metric_expression
from plan.binding import bound_plan
from plan.bound import BoundPlan
from plan.groups import writers_of
from plan.having import having
from plan.identifiers import identifier
from plan.leaf import named
from plan.order import ordered, page
from plan.parts import Plan
from plan.statement import Statement
from plan.steps import in_steps

POSTGRES = Dialect.get_or_raise(DIALECT)

GROUPS = "groups"
"""The alias of the inner select, where there is one."""


def render(model: Model, plan: Plan, *, pretty: bool = False) -> Statement:
    """The SQL of `plan`: its names in order, then what `plan.layout` tells; one row more than the limit."""
    bound, args = bound_plan(model, plan)
    return Statement(text_of(model, plan, bound, pretty=pretty), args)


def text_of(model: Model, plan: Plan, bound: BoundPlan, *, pretty: bool = False) -> str:
    """Of values, it knows what is bound. Plans of one shape that are bound alike have one text."""
    found = _flat(model, plan, bound) if plan.is_flat else in_steps(model, plan, bound)
    return POSTGRES.generate(found, copy=False, pretty=pretty)


def _flat(model: Model, plan: Plan, bound: BoundPlan) -> exp.Select:
    """One leaf's groups, filtered, ordered and cut in the same select."""
    query = plan.query
    (writer,) = writers_of(model, plan, bound, dict(bound.viewer))

    def value(metric: Metric) -> exp.Expr:
        return metric_expression(model, metric, writer.aggregate)

    found = writer.select([named(value(metric), metric.name) for metric in plan.metrics])
    if bound.having:
        condition = having(model, bound.having, lambda metric: exp.paren(value(metric), copy=False))
        found = found.having(condition, copy=False)
    if not plan.groupings:
        return found
    shown = set(plan.names)
    if _is_sorted_by_key(plan) and shown.issuperset(order.name for order in query.order_by):
        # Ordered by a key in the same select, PostgreSQL sorts all rows to group them, instead of hashing.
        inner = found.subquery(GROUPS, copy=False)
        found = exp.select(*(exp.column(identifier(name)) for name in plan.names), copy=False)
        found = found.from_(inner, copy=False)
    for order in query.order_by:
        by = exp.column(identifier(order.name)) if order.name in shown else value(model.metrics[order.name])
        found = found.order_by(ordered(by, order.direction), copy=False)
    return page(found, *bound.page)


def _is_sorted_by_key(plan: Plan) -> bool:
    """Of hours and finer little is asked at once, so a sort of their rows costs less than another select."""
    first = next((each for each in plan.groupings if each.name == plan.query.order_by[0].name), None)
    fine = first is not None and isinstance(first.step, Grain) and first.step.is_instant
    return bool(plan.values) and first is not None and not fine
