"""Which days or instants a dateRange covers, and which one it is compared with."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from tests.engine.clock import MINUTES, MONTHS, Clock, Moment, months_later

Told = Mapping[str, Any]
"""A dateRange as a question writes it."""


@dataclass(frozen=True, slots=True)
class Range:
    """Days, both included, or instants from `start` until just before `end`. What is None is open."""

    first: date | None = None
    last: date | None = None
    start: datetime | None = None
    end: datetime | None = None
    of_days: bool = True

    def holds(self, moment: Moment | None, clock: Clock) -> bool:
        """A row without a time is in no range that has an end; an open one holds every row."""
        if self == Range():
            return True
        if moment is None:
            return False
        if self.of_days:
            day = clock.local(moment).date()
            return (self.first is None or self.first <= day) and (self.last is None or day <= self.last)
        assert isinstance(moment, datetime)
        return (self.start is None or self.start <= moment) and (self.end is None or moment < self.end)

    @property
    def with_all_before(self) -> "Range":
        """Also everything before it."""
        return Range(last=self.last, end=self.end, of_days=self.of_days)

    def ends(self, clock: Clock, *, of_dates: bool) -> tuple[Moment | None, Moment | None]:
        """The first and the last moment that is covered, as days or as instants."""
        if of_dates:
            assert self.of_days
            return self.first, self.last
        start, end = self.instants(clock)
        return start, None if end is None else end - timedelta(microseconds=1)

    def instants(self, clock: Clock) -> tuple[datetime | None, datetime | None]:
        if not self.of_days:
            return self.start, self.end
        return (
            None if self.first is None else clock.midnight(self.first),
            None if self.last is None else clock.midnight(self.last + timedelta(days=1)),
        )


OPEN = Range()


def range_of(told: Told | None, now: datetime, clock: Clock) -> Range:
    """The range that is meant at the instant `now`."""
    if told is None:
        return OPEN
    if relative := set(told) & {"last", "current", "toDate"}:
        return _relative(relative.pop(), told, now, clock)
    if {"start", "end"} & set(told):
        start, end = (told.get(each) for each in ("start", "end"))
        return Range(start=_instant(start), end=_instant(end), of_days=False)
    first, last = (told.get(each) for each in ("startDate", "endDate"))
    return Range(first and date.fromisoformat(first), last and date.fromisoformat(last))


def _instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text).astimezone(UTC)


def _relative(word: str, told: Told, now: datetime, clock: Clock) -> Range:
    offset = told.get("offset", 0)
    today = now.astimezone(clock.zone).date()
    if word == "last":
        count, unit = told["last"]["n"], told["last"]["unit"].lower()
        ahead = offset + (1 if told.get("includeCurrent") else 0)
        return _units(unit, ahead - count, count, now, clock)
    unit = told[word].lower()
    if word == "current":
        return _units(unit, offset, 1, now, clock)
    start = clock.later(clock.day_bucket(today, unit), unit, offset)
    return Range(start, _moved(today, unit, offset))


def _units(unit: str, ahead: int, count: int, now: datetime, clock: Clock) -> Range:
    """`count` units; the first of them is `ahead` units after the current one."""
    if unit in MINUTES:
        length = timedelta(minutes=MINUTES[unit])
        current = clock.bucket(now, unit)
        assert isinstance(current, datetime)
        start = current + ahead * length
        return Range(start=start, end=start + count * length, of_days=False)
    current = clock.day_bucket(now.astimezone(clock.zone).date(), unit)
    first = clock.later(current, unit, ahead)
    return Range(first, clock.later(first, unit, count) - timedelta(days=1))


def _moved(day: date, unit: str, count: int) -> date:
    """The same day of another unit: of another month its last day, where it has no such day."""
    if unit in MONTHS:
        return months_later(day, count * MONTHS[unit])
    return day + timedelta(days=count * (7 if unit == "week" else 1))


def compared_with(compare: Told, told: Told, now: datetime, clock: Clock) -> Range:
    """The range that `compare` sets beside the question's own."""
    if "dateRange" in compare:
        return range_of(compare["dateRange"], now, clock)
    own = range_of(told, now, clock)
    if compare["to"] == "PREVIOUS_YEAR":
        return _a_year_before(own)
    if set(told) & {"current", "toDate"}:
        return range_of({**told, "offset": told.get("offset", 0) - 1}, now, clock)
    if "last" in told:
        return range_of({**told, "offset": told.get("offset", 0) - told["last"]["n"]}, now, clock)
    return _just_before(own)


def _just_before(own: Range) -> Range:
    if own.of_days:
        assert own.first is not None
        assert own.last is not None
        return Range(own.first - (own.last - own.first) - timedelta(days=1), own.first - timedelta(days=1))
    assert own.start is not None
    assert own.end is not None
    return Range(start=own.start - (own.end - own.start), end=own.start, of_days=False)


def _a_year_before(own: Range) -> Range:
    assert own.first is not None
    assert own.last is not None
    first, last = months_later(own.first, -12), months_later(own.last, -12)
    tomorrow = own.last + timedelta(days=1)
    if own.first.day == 1 and tomorrow.day == 1:
        last = months_later(tomorrow, -12) - timedelta(days=1)
    return Range(first, last)
