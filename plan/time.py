"""Time in SQL: buckets and parts of local time over columns of each time type."""

from sqlglot import exp

from model.dimension import Dimension
from model.grain import Grain, Part
from model.value import ValueType
from plan.nodes import cast
from plan.positions import Shift

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


def _trunc(grain: Grain, wall: exp.Expr) -> exp.Expr:
    return exp.Anonymous(this="date_trunc", expressions=[_text(str(grain)), wall])


def _days(count: int) -> exp.Interval:
    return exp.Interval(this=_text(str(count)), unit=exp.var("days"))


def _text(value: str) -> exp.Expr:
    return exp.Literal.string(value)


def _is_compound(value: exp.Expr) -> bool:
    return isinstance(value, exp.Binary | exp.Unary | exp.Case | exp.AtTimeZone)
