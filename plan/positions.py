"""Where buckets stand: the first of a range, how many there are, and how far two ranges lie apart."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from model.dates import Interval
from model.grain import Grain
from plan.ranges import MONTHS, SUB_DAY, floor, midnight, of_instants, shifted, start_of


@dataclass(frozen=True, slots=True)
class Shift:
    """How far buckets move: by months, days or, when they are instants, by a span of time."""

    months: int = 0
    days: int = 0
    span: timedelta | None = None

    @property
    def moves(self) -> bool:
        return bool(self.months or self.days or self.span)


Bucket = date | datetime
"""A local day for the day and coarser grains, an instant for finer ones."""


def first_bucket(interval: Interval, grain: Grain, zone: ZoneInfo, week_start: int) -> Bucket | None:
    """The bucket that the range begins in; none when its start is open."""
    if grain in SUB_DAY:
        return floor(interval.start, SUB_DAY[grain], zone) if interval.start else None
    return start_of(interval.first, grain, week_start) if interval.first else None


def last_bucket(interval: Interval, grain: Grain, zone: ZoneInfo, week_start: int) -> Bucket | None:
    """The bucket that the range ends in; none when its end is open."""
    if grain in SUB_DAY:
        moment = interval.end - timedelta(microseconds=1) if interval.end else None
        return floor(moment, SUB_DAY[grain], zone) if moment else None
    return start_of(interval.last, grain, week_start) if interval.last else None


def bucket_count(first: Bucket, last: Bucket, grain: Grain) -> int:
    """How many buckets there are from the one to the other, both included; an upper bound for instants."""
    if isinstance(first, datetime) and isinstance(last, datetime):
        return int((last - first) / SUB_DAY[grain]) + 1
    if grain in MONTHS:
        return (last.year * 12 + last.month - first.year * 12 - first.month) // MONTHS[grain] + 1
    return (last.toordinal() - first.toordinal()) // (7 if grain is Grain.WEEK else 1) + 1


def shift_between(earlier: Bucket, later: Bucket, grain: Grain) -> Shift:
    """What moves the bucket `earlier` to `later`, and every bucket after it to the same position there."""
    if isinstance(earlier, datetime) and isinstance(later, datetime):
        return Shift(span=later - earlier)
    if grain in MONTHS:
        return Shift(months=(later.year - earlier.year) * 12 + later.month - earlier.month)
    return Shift(days=later.toordinal() - earlier.toordinal())


def back(bucket: Bucket, grain: Grain, count: int) -> Bucket:
    """`count` buckets earlier."""
    if isinstance(bucket, datetime):
        return bucket - SUB_DAY[grain] * count
    return shifted(bucket, grain, -count)


def beside(here: Interval, there: Interval, grain: Grain, zone: ZoneInfo, week_start: int) -> Interval:
    """The part of the closed range `there` whose buckets stand beside one of `here`."""
    ends = [find(here, grain, zone, week_start) for find in (first_bucket, last_bucket)]
    first = first_bucket(there, grain, zone, week_start)
    if ends[0] is None or ends[1] is None or first is None or there.end is None:
        return there
    after = back(first, grain, -bucket_count(ends[0], ends[1], grain))
    end = after if isinstance(after, datetime) else midnight(after, zone)
    return there if end >= there.end else of_instants(there.start, end, zone)
