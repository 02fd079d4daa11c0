"""Local time worked out by hand: where days begin, and the bucket and the parts of a moment."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

MINUTES = {"minute_15": 15, "minute_30": 30, "hour": 60}
MONTHS = {"month": 1, "quarter": 3, "year": 12}
DAY_GRAINS = ("day", "week", "month", "quarter", "year")
GRAINS = (*MINUTES, *DAY_GRAINS)
DAY_PARTS = ("day_of_week", "day_of_month", "day_of_year", "iso_week", "month_of_year", "quarter_of_year")
PARTS = ("hour_of_day", *DAY_PARTS)

Moment = date | datetime


@dataclass(frozen=True, slots=True)
class Clock:
    """A zone, and the day of the week (1 is Monday) on which weeks begin."""

    zone: ZoneInfo
    week_start: int = 1

    def local(self, moment: Moment) -> datetime:
        """The local time of an instant; a day stays what it is, at midnight."""
        if isinstance(moment, datetime):
            return moment.astimezone(self.zone)
        return datetime.combine(moment, time())

    def bucket(self, moment: Moment, grain: str) -> Moment:
        """The start of the bucket: a day, or for hours and finer an instant."""
        local = self.local(moment)
        if grain in MINUTES:
            # The offset is the moment's own, so that the hour which autumn repeats is two buckets.
            minute = local.hour * 60 + local.minute
            hours, minutes = divmod(minute - minute % MINUTES[grain], 60)
            floored = local.replace(hour=hours, minute=minutes, second=0, microsecond=0, tzinfo=None)
            return (floored - (local.utcoffset() or timedelta())).replace(tzinfo=UTC)
        return self.day_bucket(local.date(), grain)

    def day_bucket(self, day: date, grain: str) -> date:
        if grain == "day":
            return day
        if grain == "week":
            return day - timedelta(days=(day.isoweekday() - self.week_start) % 7)
        months = MONTHS[grain]
        return day.replace(month=(day.month - 1) // months * months + 1, day=1)

    def part(self, moment: Moment, part: str) -> int:
        local = self.local(moment)
        return {
            "hour_of_day": local.hour,
            "day_of_week": local.isoweekday(),
            "day_of_month": local.day,
            "day_of_year": local.timetuple().tm_yday,
            "iso_week": local.isocalendar().week,
            "month_of_year": local.month,
            "quarter_of_year": (local.month + 2) // 3,
        }[part]

    def midnight(self, day: date) -> datetime:
        """The first instant of a local day: the first of two midnights, or the end of a skipped one."""
        return datetime.combine(day, time(), self.zone).astimezone(UTC)

    def later(self, day: date, grain: str, count: int) -> date:
        """The start of the bucket `count` buckets after the one that starts on `day`."""
        if grain in {"day", "week"}:
            return day + timedelta(days=count * (7 if grain == "week" else 1))
        return months_later(day, count * MONTHS[grain])

    def buckets(self, first: Moment, last: Moment, grain: str) -> list[Moment]:
        """Every bucket from the one of `first` through the one of `last`."""
        if grain in MINUTES:
            assert isinstance(first, datetime)
            assert isinstance(last, datetime)
            moments = [*_quarters(first, last), last]
            return sorted({self.bucket(each, grain) for each in moments})
        start, end = self.local(first).date(), self.local(last).date()
        days = (start + timedelta(days=n) for n in range((end - start).days + 1))
        return sorted({self.day_bucket(day, grain) for day in days})


def _quarters(first: datetime, last: datetime) -> Iterator[datetime]:
    """Every change of offset lies on a quarter of an hour, and so does every start of a bucket."""
    yield first
    at = first.astimezone(UTC).replace(second=0, microsecond=0)
    at -= timedelta(minutes=at.minute % 15)
    while at <= last:
        if at >= first:
            yield at
        at += timedelta(minutes=15)


def months_later(day: date, months: int) -> date:
    """The same day of another month, or its last day when it has no such day."""
    index = day.year * 12 + day.month - 1 + months
    first = date(index // 12, index % 12 + 1, 1)
    following = date((index + 1) // 12, (index + 1) % 12 + 1, 1)
    return first.replace(day=min(day.day, (following - first).days))


def instant_of(wall: datetime, zone: ZoneInfo) -> datetime:
    """The instant of a wall time: the later of two; in a gap, that of the offset before it."""
    earlier, later = wall.replace(tzinfo=zone, fold=0), wall.replace(tzinfo=zone, fold=1)
    before, after = earlier.utcoffset(), later.utcoffset()
    assert before is not None
    assert after is not None
    return (earlier if before < after else later).astimezone(UTC)
