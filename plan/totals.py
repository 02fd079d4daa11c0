"""Totals: a row over all groups, from the rows themselves, told apart from a group whose key is null."""

from sqlglot import exp

from plan.identifiers import identifier
from plan.parts import Plan
from plan.statement import Parameters

SET = "grouping__set"
"""The last column: 0 for a group, more for the total."""

POSITION = "group__position"


def with_total(positions: list[exp.Expr]) -> exp.Expr:
    """GROUPING SETS of all groups and of everything."""
    return exp.GroupingSets(expressions=[exp.Tuple(expressions=positions), exp.Tuple(expressions=[])])


def set_of(keys: list[exp.Expr]) -> exp.Expr:
    """0 where every key is grouped by. Null does not tell: a key may be null in a group."""
    return exp.Anonymous(this="GROUPING", expressions=[key.copy() for key in keys])


def or_total(condition: exp.Expr, is_total: exp.Expr) -> exp.Expr:
    """`having` speaks of groups; the total is of all rows whatever is shown of them."""
    return exp.or_(condition, exp.GT(this=is_total, expression=exp.Literal.number(0)), copy=False)


def page_with_total(
    found: exp.Select, order: list[exp.Expr], plan: Plan, parameters: Parameters
) -> exp.Select:
    """The asked page of groups in their order, one more to tell that there are more, and then the total."""
    groups = found.subquery("grouped", copy=False)
    partition = [exp.column(identifier(SET))]
    position = exp.Window(this=exp.RowNumber(), partition_by=partition, order=exp.Order(expressions=order))
    numbered = exp.select(exp.Star(), copy=False).select(exp.alias_(position, POSITION), copy=False)
    numbered = numbered.from_(groups, copy=False)
    columns = [exp.column(identifier(name)) for name in (*plan.names, SET)]
    shown = exp.select(*columns, copy=False).from_(numbered.subquery("numbered", copy=False), copy=False)
    shown = shown.where(_on_page(plan, parameters), copy=False)
    return shown.order_by(exp.column(SET), exp.column(POSITION), copy=False)


def _on_page(plan: Plan, parameters: Parameters) -> exp.Expr:
    first, count = plan.query.offset, plan.query.limit + 1
    position, is_total = exp.column(POSITION), exp.GT(this=exp.column(SET), expression=exp.Literal.number(0))
    after = exp.GT(this=position, expression=parameters.bind(first, "bigint"))
    until = exp.LTE(this=position.copy(), expression=parameters.bind(first + count, "bigint"))
    return exp.or_(is_total, exp.and_(after, until, copy=False), copy=False)
