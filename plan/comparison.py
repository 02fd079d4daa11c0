"""The range that a comparison is with: the one before, the same a year before, or any other."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from model.dates import CompareTo, Current, DateRange, Interval, Last, ToDate
from model.faults import Fault
from model.grain import Grain
from plan.ranges import of_days, of_instants, resolve, shifted


def compared_range(  # noqa: PLR0917  what a range depends on
    asked: DateRange | None,
    interval: Interval | None,
    with_: CompareTo | DateRange,
    now: datetime,
    zone: ZoneInfo,
    week_start: int,
) -> Interval:
    """The absolute range to compare `interval`, which `asked` said, with.

    The previous period of a range said in units is so many units before; of days or instants it has the same
    length and ends where the range begins. Raises INVALID_COMPARE for a range with an open end.
    """
    if asked is None or interval is None or interval.start is None or interval.end is None:
        message = "compare needs a dateRange with both ends. Say one, such as {last: {n: 30, unit: DAY}}."
        raise Fault("INVALID_COMPARE", message)
    try:
        match with_:
            case CompareTo.PREVIOUS_PERIOD:
                return _period_before(asked, interval, now, zone, week_start)
            case CompareTo.PREVIOUS_YEAR:
                return _year_before(interval, zone)
            case _:
                return _closed(resolve(with_, now, zone, week_start))
    except (OverflowError, ValueError):
        message = "The range to compare with begins before the year 1. Ask for a later dateRange."
        raise Fault("INVALID_COMPARE", message) from None


def _closed(interval: Interval) -> Interval:
    if interval.start is None or interval.end is None:
        raise Fault("INVALID_COMPARE", "The range to compare with has an open end. Say both.")
    return interval


def _period_before(
    asked: DateRange, interval: Interval, now: datetime, zone: ZoneInfo, week_start: int
) -> Interval:
    match asked:
        case Last(n=n):
            return resolve(replace(asked, offset=asked.offset - n), now, zone, week_start)
        case Current() | ToDate():
            return resolve(replace(asked, offset=asked.offset - 1), now, zone, week_start)
        case _:
            return _same_length(interval, zone)


def _same_length(interval: Interval, zone: ZoneInfo) -> Interval:
    """Whole days are counted as days, which may have 23 or 25 hours."""
    if interval.whole_days and interval.first and interval.last:
        days = interval.last - interval.first + timedelta(days=1)
        return of_days(interval.first - days, interval.first - timedelta(days=1), zone)
    assert interval.start and interval.end  # noqa: S101, PT018  or the range was refused
    return of_instants(interval.start - (interval.end - interval.start), interval.start, zone)


def _year_before(interval: Interval, zone: ZoneInfo) -> Interval:
    """Whole months are compared with whole months, so February has all of its days."""
    first, last = interval.first, interval.last
    assert first and last and interval.start and interval.end  # noqa: S101, PT018  or the range was refused
    if not interval.whole_days:
        return of_instants(_year_earlier(interval.start, zone), _year_earlier(interval.end, zone), zone)
    after = last + timedelta(days=1)
    if first.day == 1 and after.day == 1:
        end = shifted(after, Grain.YEAR, -1) - timedelta(days=1)
        return of_days(shifted(first, Grain.YEAR, -1), end, zone)
    return of_days(shifted(first, Grain.YEAR, -1), shifted(last, Grain.YEAR, -1), zone)


def _year_earlier(moment: datetime, zone: ZoneInfo) -> datetime:
    """The same local time a year before."""
    wall = moment.astimezone(zone)
    day = shifted(wall.date(), Grain.YEAR, -1)
    return datetime.combine(day, wall.timetz()).replace(tzinfo=zone, fold=wall.fold).astimezone(UTC)
