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
    here, start = _time(model, join.table, valid.at), _time(model, join.target, valid.start)
    moment = _comparable(column(left, valid.at), here, start, model.timezone)
    end = column(right, valid.end)
    yield exp.GTE(this=moment, expression=column(right, valid.start))
    open_end = exp.Is(this=end, expression=exp.null())
    before = exp.LT(this=moment.copy(), expression=end.copy())
    yield exp.paren(exp.or_(before, open_end, copy=False), copy=False)


def _time(model: Model, table: str, name: str) -> Dimension | None:
    """The declared time of that column; without one, both sides are taken to be of one type."""
    return next((each for each in model.time_columns(table) if each.sql.column == name), None)


def _comparable(moment: exp.Expr, here: Dimension | None, there: Dimension | None, zone: str) -> exp.Expr:
    """Days and instants meet in the model's zone: what was valid does not depend on who asks."""
    if here is None or there is None:
        return moment
    if there.type is ValueType.DATE and here.type is not ValueType.DATE:
        return cast(time.local(moment, here, zone), "date")
    if here.type is ValueType.DATE and there.type is ValueType.TIMESTAMPTZ:
        return time.at_zone(cast(moment, "timestamp"), zone)
    return time.instant(moment, here) if there.type is ValueType.TIMESTAMPTZ else moment
