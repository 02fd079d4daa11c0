"""A comparison of buckets of days is a range of the column itself, which an index may serve."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

from model.dates import Interval
from model.filters import Op
from model.grain import Grain
from plan.ranges import midnight, shifted, start_of


def bucket_range(op: Op, value: date, grain: Grain, zone: ZoneInfo, week_start: int) -> Interval | None:
    """The days whose bucket compares with `value`; none when no bucket does.

    A bucket is known by its first day, so `value` need not be one: then nothing is equal to it.
    """
    start = start_of(value, grain, week_start)
    after = shifted(start, grain, 1)
    from_value = value if start == value else after
    match op:
        case Op.GTE:
            return _days(from_value, None, zone)
        case Op.GT:
            return _days(after, None, zone)
        case Op.LT:
            return _days(None, from_value, zone)
        case Op.LTE:
            return _days(None, after, zone)
        case _:
            return _days(value, after, zone) if start == value else None


def _days(first: date | None, end: date | None, zone: ZoneInfo) -> Interval:
    """From the day `first` until just before the day `end`."""
    return Interval(
        midnight(first, zone) if first else None,
        midnight(end, zone) if end else None,
        first,
        end - timedelta(days=1) if end else None,
    )
