"""Comparisons of time columns of each type with instants and ranges."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from model.dates import Interval
from model.filters import Op
from model.value import ValueType
from plan.bound import Bound, Kind
from plan.ranges import midnight
from plan.statement import Parameters

KINDS = {Op.EQ: Kind.EQ, Op.GT: Kind.GT, Op.GTE: Kind.GTE, Op.LT: Kind.LT, Op.LTE: Kind.LTE}


class Timed(NamedTuple):
    """A time that a condition speaks of; a timestamp is read in `zone`."""

    name: str
    type: ValueType
    zone: str | None
    is_raw: bool = False


def within(timed: Timed, interval: Interval, zone: ZoneInfo, parameters: Parameters) -> Iterator[Bound]:
    """The conditions that hold a time column within `interval`: half-open, on the raw column.

    A date counts as its local midnight, which lies inside when the whole day's first moment does.
    """
    if timed.type is ValueType.DATE:
        yield from _dates_within(timed, interval, zone, parameters)
        return
    if interval.start:
        yield compare_instant(timed, Op.GTE, interval.start, parameters)
    if interval.end:
        yield compare_instant(timed, Op.LT, interval.end, parameters)


def _dates_within(
    timed: Timed, interval: Interval, zone: ZoneInfo, parameters: Parameters
) -> Iterator[Bound]:
    if interval.first:
        first = interval.first
        if interval.start and midnight(first, zone) < interval.start:
            first += timedelta(days=1)
        yield Bound(Kind.GTE, timed.name, parameters.bind(first, "date"), is_raw=timed.is_raw)
    if interval.last:
        end = interval.last + timedelta(days=1)
        yield Bound(Kind.LT, timed.name, parameters.bind(end, "date"), is_raw=timed.is_raw)


def compare_instant(timed: Timed, op: Op, value: datetime, parameters: Parameters) -> Bound:
    """For timestamptz and timestamp columns, on the column itself wherever that is exact."""
    kind, name = KINDS[op], timed.name
    if timed.type is ValueType.TIMESTAMP:
        wall = _wall_time(value, ZoneInfo(timed.zone or "UTC"))
        if wall is not None:
            return Bound(kind, name, parameters.bind(wall, "timestamp"), is_raw=timed.is_raw)
    mark = parameters.bind(value, "timestamptz")
    return Bound(kind, name, mark, is_raw=timed.is_raw, as_instant=True)


def _wall_time(value: datetime, zone: ZoneInfo) -> datetime | None:
    """The wall time that PostgreSQL reads as `value`; none for the first of two equal hours.

    PostgreSQL takes an ambiguous wall time for the later one, so the earlier has no wall time of its own.
    """
    try:
        wall = value.astimezone(zone).replace(tzinfo=None)
        later = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
    except OverflowError:  # within a day of the end of the calendar
        return None
    return wall if later == value else None
