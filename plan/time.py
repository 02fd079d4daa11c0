"""Time in SQL: buckets, parts of local time, and ranges over columns of each time type."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlglot import exp

from model.dates import Interval
from model.dimension import Dimension
from model.filters import Op
from model.grain import Grain, Part
from model.value import ValueType
from plan.nodes import cast
from plan.positions import Bucket, Shift
from plan.ranges import midnight
from plan.statement import Parameters

PART_FIELDS = {
    Part.HOUR_OF_DAY: "hour",
    Part.DAY_OF_WEEK: "isodow",
    Part.DAY_OF_MONTH: "day",
    Part.DAY_OF_YEAR: "doy",
    Part.ISO_WEEK: "week",
    Part.MONTH_OF_YEAR: "month",
    Part.QUARTER_OF_YEAR: "quarter",
}
BINS = {Grain.MINUTE_15: "15 minutes", Grain.MINUTE_30: "30 minutes"}
COMPARISONS: dict[Op, Callable[..., exp.Expr]] = {
    Op.EQ: exp.EQ,
    Op.GT: exp.GT,
    Op.GTE: exp.GTE,
    Op.LT: exp.LT,
    Op.LTE: exp.LTE,
}


def instant(column: exp.Expr, dimension: Dimension) -> exp.Expr:
    """The column as a timestamptz; a timestamp is read in its own zone."""
    if dimension.type is ValueType.TIMESTAMP:
        return at_zone(column, dimension.zone or "UTC")
    return column


def local(column: exp.Expr, dimension: Dimension, zone: str) -> exp.Expr:
    """The column as a timestamp of `zone`. A date is never shifted."""
    if dimension.type is ValueType.DATE:
        return cast(column, "timestamp")
    if dimension.type is ValueType.TIMESTAMP and dimension.zone == zone:
        return column
    return at_zone(instant(column, dimension), zone)


def at_zone(value: exp.Expr, zone: str) -> exp.Expr:
    return exp.AtTimeZone(
        this=exp.paren(value, copy=False) if _is_compound(value) else value, zone=_text(zone)
    )


def bucket(column: exp.Expr, dimension: Dimension, grain: Grain, zone: str, week_start: int) -> exp.Expr:
    """Day and coarser: the local date on which the bucket starts; finer: the instant at which it does.

    A coarse bucket is truncated in local time and stays local, so no hour is met twice; a fine one is
    truncated as an instant, so the two 01:00 hours of autumn stay apart.
    """
    if grain.is_instant:
        return _fine_bucket(instant(column, dimension), grain, zone)
    if dimension.type is ValueType.DATE and grain is Grain.DAY:
        return column
    wall = local(column, dimension, zone)
    if grain is Grain.DAY:
        return cast(wall, "date")
    shift = _days(week_start - 1) if grain is Grain.WEEK and week_start != 1 else None
    if shift:
        moved = exp.Sub(this=exp.paren(wall, copy=False), expression=shift)
        truncated: exp.Expr = exp.Add(this=_trunc(grain, moved), expression=shift.copy())
    else:
        truncated = _trunc(grain, wall)
    return cast(truncated, "date")


def moved(bucket: exp.Expr, shift: Shift) -> exp.Expr:
    """A bucket of another range, at its position in this one."""
    if shift.span is not None:
        seconds = exp.Interval(this=_text(str(shift.span.total_seconds())), unit=exp.var("seconds"))
        return exp.Add(this=exp.paren(bucket, copy=False), expression=seconds)
    if shift.months:
        months = exp.Interval(this=_text(str(shift.months)), unit=exp.var("months"))
        later = exp.Add(this=exp.paren(bucket, copy=False), expression=months)
        return cast(later, "date")
    return exp.Add(this=exp.paren(bucket, copy=False), expression=exp.Literal.number(shift.days))


def bound_bucket(bucket: Bucket, parameters: Parameters) -> exp.Expr:
    return parameters.bind(bucket, "timestamptz" if isinstance(bucket, datetime) else "date")


def _fine_bucket(moment: exp.Expr, grain: Grain, zone: str) -> exp.Expr:
    if grain is Grain.HOUR:
        return exp.Anonymous(this="date_trunc", expressions=[_text("hour"), moment, _text(zone)])
    # Bins begin at a local midnight: zones differ by quarters of an hour.
    origin = at_zone(cast(_text("2000-01-01 00:00:00"), "timestamp"), zone)
    return exp.Anonymous(this="date_bin", expressions=[_text(BINS[grain]), moment, origin])


def part(column: exp.Expr, dimension: Dimension, which: Part, zone: str) -> exp.Expr:
    """A part of local time as an integer."""
    field = exp.Extract(this=exp.var(PART_FIELDS[which]), expression=local(column, dimension, zone))
    return cast(field, "int")


def within(
    column: exp.Expr,
    dimension: Dimension,
    interval: Interval,
    zone: ZoneInfo,
    parameters: Parameters,
) -> list[exp.Expr]:
    """The conditions that hold a time column within `interval`: half-open, on the raw column.

    A date counts as its local midnight, which lies inside when the whole day's first moment does.
    """
    if dimension.type is ValueType.DATE:
        return _dates_within(column, interval, zone, parameters)
    found = []
    if interval.start:
        found.append(compare_instant(column, dimension, Op.GTE, interval.start, parameters))
    if interval.end:
        found.append(compare_instant(column, dimension, Op.LT, interval.end, parameters))
    return found


def _dates_within(
    column: exp.Expr,
    interval: Interval,
    zone: ZoneInfo,
    parameters: Parameters,
) -> list[exp.Expr]:
    found: list[exp.Expr] = []
    if interval.first:
        first = interval.first
        if interval.start and midnight(first, zone) < interval.start:
            first += timedelta(days=1)
        found.append(exp.GTE(this=column.copy(), expression=parameters.bind(first, "date")))
    if interval.last:
        end = interval.last + timedelta(days=1)
        found.append(exp.LT(this=column.copy(), expression=parameters.bind(end, "date")))
    return found


def compare_instant(
    column: exp.Expr,
    dimension: Dimension,
    op: Op,
    value: datetime,
    parameters: Parameters,
) -> exp.Expr:
    """`column op value` for timestamptz and timestamp columns, on the raw column wherever that is exact."""
    comparison = COMPARISONS[op]
    if dimension.type is ValueType.TIMESTAMP:
        wall = _wall_time(value, ZoneInfo(dimension.zone or "UTC"))
        if wall is not None:
            return comparison(this=column.copy(), expression=parameters.bind(wall, "timestamp"))
    moment = instant(column.copy(), dimension)
    return comparison(this=moment, expression=parameters.bind(value, "timestamptz"))


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


def _trunc(grain: Grain, wall: exp.Expr) -> exp.Expr:
    return exp.Anonymous(this="date_trunc", expressions=[_text(str(grain)), wall])


def _days(count: int) -> exp.Interval:
    return exp.Interval(this=_text(str(count)), unit=exp.var("days"))


def _text(value: str) -> exp.Expr:
    return exp.Literal.string(value)


def _is_compound(value: exp.Expr) -> bool:
    return isinstance(value, exp.Binary | exp.Unary | exp.Case | exp.AtTimeZone)
