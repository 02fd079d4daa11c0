"""The range that windows see: from the first bucket that a window of the range reaches back to."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from model.dates import Interval
from model.grain import Grain
from model.model import Model
from model.query import Query, Window
from plan.axis import axis_of
from plan.positions import Bucket, back, first_bucket
from plan.ranges import midnight, start_of


def window_interval(model: Model, query: Query) -> Interval | None:
    """The question's range with a start early enough for all its windows; open where it is open."""
    interval, axis = query.interval, axis_of(model, query)
    if interval is None or axis is None:
        return interval
    grain = axis[1]
    zone = ZoneInfo(query.timezone)
    first = first_bucket(interval, grain, zone, model.week_start)
    if first is None:
        return interval
    try:
        start = min(
            _start(window, first, grain, zone, model.week_start)
            for window in query.windows
            if window.looks_back
        )
        day = start.astimezone(zone).date()
    except (OverflowError, ValueError):  # before the year 1 there is nothing
        return Interval(None, interval.end, None, interval.last, interval.whole_days)
    return Interval(start, interval.end, day, interval.last, interval.whole_days)


def _start(window: Window, first: Bucket, grain: Grain, zone: ZoneInfo, week_start: int) -> datetime:
    if window.to_date:
        day = first.astimezone(zone).date() if isinstance(first, datetime) else first
        return midnight(start_of(day, window.to_date, week_start), zone)
    return _instant(back(first, grain, (window.rolling or 1) - 1), zone)


def _instant(bucket: date | datetime, zone: ZoneInfo) -> datetime:
    return bucket if isinstance(bucket, datetime) else midnight(bucket, zone)
