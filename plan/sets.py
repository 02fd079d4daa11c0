"""Grouping sets: groups, totals and the wholes of shares in one pass over the rows.

A column tells the sets apart, because null does not: a key may be null in a group.
"""

from sqlglot import exp

from plan.identifiers import identifier
from plan.parts import Plan
from plan.statement import Parameters

SET = "grouping__set"
"""The last column: 0 for a group, else the mask of the keys that were not grouped by."""

POSITION = "group__position"
Keys = frozenset[str]
"""The names of the dimensions of one grouping set."""


def sets_of(plan: Plan) -> tuple[Keys, ...]:
    """What is grouped by, beside the groups themselves; nothing when groups are all that is asked for."""
    found: dict[Keys, None] = {}
    if plan.has_totals:
        found[frozenset()] = None
    for share in plan.query.shares:
        found[frozenset(share.within)] = None
    found.pop(frozenset(plan.query.dimensions), None)
    return tuple(found)


def mask_of(keys: Keys, dimensions: tuple[str, ...]) -> int:
    """What GROUPING tells of a row of this set: a bit for each key that is not in it, the last one lowest."""
    bits = "".join("0" if name in keys else "1" for name in dimensions)
    return int(bits or "0", 2)


def grouping_sets(dimensions: tuple[str, ...], sets: tuple[Keys, ...]) -> exp.Expr:
    """GROUPING SETS of all keys, and of each of `sets`; keys are told by their position in the select."""
    every = frozenset(dimensions)
    tuples = [_positions(dimensions, keys) for keys in (every, *sets)]
    return exp.GroupingSets(expressions=tuples)


def _positions(dimensions: tuple[str, ...], keys: Keys) -> exp.Tuple:
    found = [index for index, name in enumerate(dimensions, 1) if name in keys]
    return exp.Tuple(expressions=[exp.Literal.number(index) for index in found])


def set_column(keys: list[exp.Expr]) -> exp.Expr:
    return exp.Anonymous(this="GROUPING", expressions=[key.copy() for key in keys])


def is_set(mask: int) -> exp.Expr:
    return exp.EQ(this=exp.column(SET), expression=exp.Literal.number(mask))


def or_other_set(condition: exp.Expr, column: exp.Expr) -> exp.Expr:
    """`having` speaks of groups; totals and wholes are of all rows whatever is shown of them."""
    return exp.or_(condition, exp.GT(this=column, expression=exp.Literal.number(0)), copy=False)


def page_of_sets(found: exp.Select, order: list[exp.Expr], plan: Plan, parameters: Parameters) -> exp.Select:
    """The asked page of groups in their order, one more to tell that there are more, and then the total."""
    position = exp.Window(
        this=exp.RowNumber(),
        partition_by=[exp.column(SET)],
        order=exp.Order(expressions=order),
    )
    numbered = exp.select(exp.Star(), exp.alias_(position, POSITION), copy=False)
    numbered = numbered.from_(found.subquery("grouped", copy=False), copy=False)
    columns = [exp.column(identifier(name)) for name in (*plan.names, SET)]
    shown = exp.select(*columns, copy=False).from_(numbered.subquery("numbered", copy=False), copy=False)
    shown = shown.where(_on_page(plan, parameters), copy=False)
    return shown.order_by(exp.column(SET), exp.column(POSITION), copy=False)


def _on_page(plan: Plan, parameters: Parameters) -> exp.Expr:
    first, last = plan.query.offset, plan.query.offset + plan.query.limit + 1
    after = exp.GT(this=exp.column(POSITION), expression=parameters.bind(first, "bigint"))
    until = exp.LTE(this=exp.column(POSITION), expression=parameters.bind(last, "bigint"))
    page = exp.and_(is_set(0), after, until, copy=False)
    if not plan.has_totals:
        return page
    total = mask_of(frozenset(), plan.query.dimensions)
    return exp.or_(page, is_set(total), copy=False)
