"""Joins to the row that was valid at a time, as slowly changing dimensions keep them."""

from collections.abc import Iterator

from sqlglot import exp

from model.dimension import Dimension
from model.model import Model
from model.table import Join, Validity
from model.value import ValueType
from plan import time
from plan.identifiers import column
from plan.nodes import cast


def valid_at(model: Model, join: Join, valid: Validity, left: str, right: str) -> Iterator[exp.Expr]:
    """From its start until just before its end, which is open where it is null."""
    here = _time(model, join.table, valid.at)
    start, end = _time(model, join.target, valid.start), _time(model, join.target, valid.end)
    moment, begins = column(left, valid.at), column(right, valid.start)
    ends = column(right, valid.end)
    since = _comparable(moment, here, begins, start, model.timezone)
    until = _comparable(moment.copy(), here, ends, end or start, model.timezone)
    yield exp.GTE(this=since[0], expression=since[1])
    open_end = exp.Is(this=ends.copy(), expression=exp.null())
    before = exp.LT(this=until[0], expression=until[1])
    yield exp.paren(exp.or_(before, open_end, copy=False), copy=False)


def _time(model: Model, table: str, name: str) -> Dimension | None:
    """The declared time of that column; without one, both sides are taken to be of one type."""
    return next((each for each in model.time_columns(table) if each.sql.column == name), None)


def _comparable(
    moment: exp.Expr, here: Dimension | None, bound: exp.Expr, there: Dimension | None, zone: str
) -> tuple[exp.Expr, exp.Expr]:
    """Both as they can be compared: as they are when they are alike, else as days or as instants.

    Days begin in the model's zone: what was valid does not depend on who asks.
    """
    if here is None or there is None or (here.type, here.zone) == (there.type, there.zone):
        return moment, bound
    if there.type is ValueType.DATE:
        return cast(time.local(moment, here, zone), "date"), bound
    return _instant(moment, here, zone), _instant(bound, there, zone)


def _instant(value: exp.Expr, dimension: Dimension, zone: str) -> exp.Expr:
    if dimension.type is ValueType.DATE:
        return time.at_zone(cast(value, "timestamp"), zone)
    return time.instant(value, dimension)
