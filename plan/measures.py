"""What is measured beside the plain metrics of a group: shares, changes, windows and ranks, over columns."""

from collections.abc import Iterator

from sqlglot import exp

from model.model import Model
from model.query import CHANGE, CHANGE_RATIO, PREVIOUS, Direction, Share
from model.value import ValueType
from plan.aggregates import quotient
from plan.axis import axis_of
from plan.identifiers import identifier
from plan.leaf import named
from plan.order import ordered
from plan.parts import Plan, Ranking, set_keys
from plan.sets import SET, is_set, mask_of
from plan.source import RANK
from plan.windows import WindowWriter

NUMBERS = {ValueType.INTEGER, ValueType.DECIMAL, ValueType.FLOAT}


def measured_columns(model: Model, plan: Plan) -> Iterator[exp.Expr]:
    """A column for each, over the columns of the groups."""
    if plan.query.compared_with:
        for metric in plan.metrics:
            yield from _changes(metric.name, is_number=metric.value in NUMBERS)
    for share in plan.query.shares:
        yield named(_share(share, plan), share.name)
    yield from _windows(model, plan)
    if plan.ranking and plan.ranking.plan is None:
        yield named(rank(plan.ranking, masked=bool(plan.sets)), RANK)


def column(name: str) -> exp.Expr:
    return exp.column(identifier(name))


def _changes(name: str, *, is_number: bool) -> Iterator[exp.Expr]:
    """The difference, and its part of what was before. A time or a text has none."""
    if not is_number:
        yield from (named(exp.null(), f"{name}{end}") for end in (CHANGE, CHANGE_RATIO))
        return
    difference = exp.Sub(this=column(name), expression=column(f"{name}{PREVIOUS}"))
    yield named(difference, f"{name}{CHANGE}")
    yield named(quotient(difference.copy(), column(f"{name}{PREVIOUS}")), f"{name}{CHANGE_RATIO}")


def _share(share: Share, plan: Plan) -> exp.Expr:
    """The value over that of the row of its whole, which stands in the same partition."""
    value = column(share.metric)
    within = set_keys(share.within, plan.ranking)
    whole = exp.Filter(
        this=exp.Max(this=value.copy()),
        expression=exp.Where(this=is_set(mask_of(within, plan.keys))),
    )
    partition = [column(name) for name in plan.keys if name in within]
    part = quotient(value, exp.Window(this=whole, partition_by=partition))
    if not within:
        return part
    # A row without these keys shares its nulls with a group whose keys are null: it is no part of that group.
    masks = [mask_of(each, plan.keys) for each in (frozenset(plan.keys), *plan.sets) if each >= within]
    has_keys = exp.In(this=exp.column(SET), expressions=[exp.Literal.number(mask) for mask in masks])
    return exp.Case(ifs=[exp.If(this=has_keys, true=part)])


def _windows(model: Model, plan: Plan) -> Iterator[exp.Expr]:
    axis = axis_of(model, plan.query)
    if not plan.query.windows or axis is None:
        return
    field = next(each for each in plan.groupings if each.name == axis[0])
    writer = WindowWriter(model, plan.keys, field, plan.query.timezone, masked=bool(plan.sets))
    for window in plan.query.windows:
        yield named(writer.write(window), window.name)


def rank(ranking: Ranking, *, masked: bool) -> exp.Expr:
    """The place of each value among those of the same `within`; ties go to the lesser value."""
    partition = [column(name) for name in ranking.within] + ([exp.column(SET)] if masked else [])
    best = ordered(column(ranking.by), ranking.direction)
    tie = ordered(column(ranking.of), Direction.ASC)
    order = exp.Order(expressions=[best, tie])
    return exp.Window(this=exp.RowNumber(), partition_by=partition or None, order=order)
