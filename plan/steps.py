"""A plan in steps: all groups, what is measured beside them, which are shown, and the page of them."""

from collections.abc import Iterator

from sqlglot import exp

from model.model import Model
from plan.axis import axis_of
from plan.bound import BoundPlan, Ends
from plan.groups import Step, group_steps, table_of
from plan.having import having
from plan.identifiers import identifier
from plan.leaf import named
from plan.measures import column, measured_columns, rank
from plan.nodes import left_join
from plan.order import ordered, page
from plan.parts import Plan, Ranking
from plan.sets import SET, is_set
from plan.source import RANK, TOP
from plan.stack import GROUPS_OF, SEEN
from plan.statement import Mark

POSITION = "group__position"
COUNT = "group__count"
MEASURED = "measured groups"
NUMBERED = "numbered groups"
RANKED = "ranked "
MOST_SUBTOTALS = 10_000
"""Rows of one subtotal; an answer says when there are more."""


def in_steps(model: Model, plan: Plan, bound: BoundPlan) -> exp.Select:
    """The last step, with all others before it."""
    steps: list[Step] = []
    if plan.ranking and plan.ranking.plan:
        steps += _top_values(model, plan.ranking, plan.ranking.plan, bound)
    steps += group_steps(model, plan, bound, dict(bound.viewer))
    columns = list(measured_columns(model, plan))
    if columns:
        everything = exp.select(exp.Star(), *columns, copy=False)
        steps.append((MEASURED, everything.from_(table_of(steps[-1][0]), copy=False)))
    shown = list(_shown(model, plan, bound))
    if plan.layout.masked:
        steps.append((NUMBERED, _numbered(plan, steps[-1][0], shown)))
        found = _page_of_sets(plan, bound)
    else:
        found = _page(plan, steps[-1][0], shown, bound)
    for name, query in steps:
        # The types of nulls are read from leaves (see Stack), which does not make them worth materializing.
        once = False if GROUPS_OF in name else None
        found = found.with_(identifier(name), as_=query, materialized=once, copy=False)
    return found


def _top_values(model: Model, ranking: Ranking, plan: Plan, bound: BoundPlan) -> Iterator[Step]:
    """The best values by the metric over base rows."""
    assert bound.ranked is not None  # noqa: S101  it is there with the plan
    *before, (last, groups) = group_steps(model, plan, bound.ranked, dict(bound.viewer), RANKED)
    yield from before
    yield last, groups
    keys = [column(name) for name in ranking.keys]
    ranked = exp.select(*keys, named(rank(ranking, masked=False), RANK), copy=False)
    inner = ranked.from_(table_of(last), copy=False).subquery("ranked", copy=False)
    best = exp.select(exp.Star(), copy=False).from_(inner, copy=False)
    yield TOP, best.where(*_up_to(bound.top, RANK), copy=False)


def _up_to(last: Mark | None, position: str) -> Iterator[exp.Expr]:
    if last:
        yield exp.LTE(this=exp.column(position), expression=last.written())


def _shown(model: Model, plan: Plan, bound: BoundPlan) -> Iterator[exp.Expr]:
    """The conditions for groups to be shown; rows of other sets pass those that are about groups."""
    if bound.having:
        yield _or_other_set(having(model, bound.having, lambda metric: column(metric.name)), plan)
    if plan.ranking and plan.ranking.plan is None:
        yield from (_or_other_set(best, plan) for best in _up_to(bound.top, RANK))
    if plan.ranking and plan.ranking.plan and not plan.ranking.others:
        yield exp.Not(this=exp.Is(this=column(plan.ranking.flag), expression=exp.true()))
    if any(window.looks_back for window in plan.query.windows):
        yield exp.Not(this=exp.Is(this=exp.column(SEEN), expression=exp.null()))
    yield from _within_range(model, plan, bound.shown)


def _or_other_set(condition: exp.Expr, plan: Plan) -> exp.Expr:
    if not plan.sets:
        return exp.paren(condition, copy=False)
    other = exp.GT(this=exp.column(SET), expression=exp.Literal.number(0))
    return exp.paren(exp.or_(condition, other, copy=False), copy=False)


def _within_range(model: Model, plan: Plan, ends: Ends) -> Iterator[exp.Expr]:
    """Buckets of another range, or of what windows look back to, that lie outside the question's own.

    A row of a set without buckets has none and passes.
    """
    axis = axis_of(model, plan.query)
    for end, compare in zip(ends, (exp.GTE, exp.LTE), strict=True):
        if axis and end:
            inside = compare(this=column(axis[0]), expression=end.written())
            yield exp.Not(this=exp.Is(this=exp.paren(inside, copy=False), expression=exp.false()))


def _order(plan: Plan) -> list[exp.Expr]:
    return [ordered(column(order.name), order.direction) for order in plan.query.order_by]


def _page(plan: Plan, source: str, shown: list[exp.Expr], bound: BoundPlan) -> exp.Select:
    """The asked page of groups, and one more to tell that there are more."""
    found = exp.select(*(column(name) for name in plan.names), copy=False)
    found = found.from_(table_of(source), copy=False)
    if plan.sets:
        shown = [is_set(0), *shown]
    if shown:
        found = found.where(*shown, copy=False)
    if not plan.groupings:
        return found
    return page(found.order_by(*_order(plan), copy=False), *bound.page)


def _numbered(plan: Plan, source: str, shown: list[exp.Expr]) -> exp.Select:
    """The groups that are shown, in their order, each set by itself."""
    order = exp.Order(expressions=_order(plan)) if plan.query.order_by else None
    partition = [exp.column(SET)] if plan.sets else None
    position = exp.Window(this=exp.RowNumber(), partition_by=partition, order=order)
    columns: list[exp.Expr] = [exp.Star(), named(position, POSITION)]
    if not plan.sets:
        columns.append(named(_only_set(plan, shown), SET))
    found = exp.select(*columns, copy=False).from_(table_of(source), copy=False)
    if _is_total_alone(plan):
        return found
    return found.where(*shown, copy=False) if shown else found


def _is_total_alone(plan: Plan) -> bool:
    """Without dimensions, the row is the total even where `having` hides the group."""
    return not plan.groupings and plan.layout.total == 1


def _only_set(plan: Plan, shown: list[exp.Expr]) -> exp.Expr:
    zero = exp.Literal.number(0)
    if not _is_total_alone(plan):
        return zero
    passes = exp.and_(*shown, copy=False)
    return exp.Case(ifs=[exp.If(this=passes, true=zero)], default=exp.Literal.number(1))


def _page_of_sets(plan: Plan, bound: BoundPlan) -> exp.Select:
    """A page of groups, and all rows of the other sets that are asked for, one set after the other."""
    columns = [column(name) for name in plan.names]
    columns.append(exp.column(SET))
    on_page = _on_page(plan, bound.page)
    order = (exp.column(SET), exp.column(POSITION))
    if not plan.query.group_count:
        found = exp.select(*columns, copy=False).from_(table_of(NUMBERED), copy=False)
        return found.where(on_page, copy=False).order_by(*order, copy=False)
    # Joined to the count, so that it is there when the page is empty.
    count = exp.select(named(exp.Count(this=exp.Star(), big_int=True), COUNT), copy=False)
    count = count.from_(table_of(NUMBERED), copy=False).where(is_set(0), copy=False)
    found = exp.select(*columns, exp.column(COUNT), copy=False)
    found = found.from_(count.subquery("counted", copy=False), copy=False)
    return left_join(found, table_of(NUMBERED), on_page).order_by(*order, copy=False)


def _between(before: Mark | None, last: Mark | None) -> Iterator[exp.Expr]:
    if before:
        yield exp.GT(this=exp.column(POSITION), expression=before.written())
    yield from _up_to(last, POSITION)


def _on_page(plan: Plan, ends: Ends) -> exp.Expr:
    shown: list[exp.Expr] = [exp.and_(is_set(0), *_between(*ends), copy=False)]
    layout = plan.layout
    if layout.total:
        shown.append(is_set(layout.total))
    for mask in layout.subtotals:
        few = exp.LTE(this=exp.column(POSITION), expression=exp.Literal.number(MOST_SUBTOTALS + 1))
        shown.append(exp.and_(is_set(mask), few, copy=False))
    return exp.or_(*shown, copy=False)
