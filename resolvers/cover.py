"""Which months or years an interval touches, and which of them a month, a year or a day belongs to."""

import re
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from model.dates import Interval
from model.dimension import Dimension
from model.value import ValueType
from resolvers.tags import ANY, month_of, year_of

MOST_MONTHS: Final = 24
MOST_YEARS: Final = 20
EVERYTHING: Final = (ANY,)

_LEAST: Final = timedelta(microseconds=1)
_WRITTEN: Final = re.compile(r"[0-9]{4}(-[0-9]{2}){0,2}")


def days_of(interval: Interval | None, time: Dimension | None, zone: ZoneInfo) -> tuple[date, date] | None:
    """The first and the last day, both included, on which `time` may lie; none when an end is open.

    They are days of `zone`, whatever the question's. A column of dates has no zone: its days are those that
    the question names.
    """
    if interval is None or interval.start is None or time is None:
        return None
    last = last_day_of(interval, time, zone)
    first = interval.first if time.type is ValueType.DATE else _day(interval.start, zone)
    return (first, last) if first and last else None


def last_day_of(interval: Interval | None, time: Dimension | None, zone: ZoneInfo) -> date | None:
    """The same for the end alone."""
    if interval is None or interval.end is None or time is None:
        return None
    return interval.last if time.type is ValueType.DATE else _day(interval.end - _LEAST, zone)


def _day(moment: datetime, zone: ZoneInfo) -> date | None:
    try:
        return moment.astimezone(zone).date()
    except OverflowError:  # within a day of an end of the calendar
        return None


def cover_of(days: tuple[date, date] | None) -> tuple[str, ...]:
    """Few pieces that hold all these days: their months, else their years, else everything."""
    if days is None:
        return EVERYTHING
    first, last = days
    return _pieces(first.year * 12 + first.month - 1, last.year * 12 + last.month - 1)


@lru_cache(maxsize=4096)
def _pieces(first: int, last: int) -> tuple[str, ...]:
    """Of months that are counted from the year 0."""
    if last - first < MOST_MONTHS:
        return tuple(f"{month // 12:04}-{month % 12 + 1:02}" for month in range(first, last + 1))
    if last // 12 - first // 12 < MOST_YEARS:
        return tuple(f"{year:04}" for year in range(first // 12, last // 12 + 1))
    return EVERYTHING


def pieces_with(day: date) -> tuple[str, ...]:
    """Every piece of any cover that holds this day's month."""
    return month_of(day), year_of(day), ANY


def pieces_told(text: str) -> tuple[str, ...]:
    """Every piece of any cover that may hold a day of `2026`, `2026-01` or `2026-01-15`; none for else."""
    if not _WRITTEN.fullmatch(text):
        return ()
    try:
        day = date.fromisoformat(f"{text}-01-01"[:10])
    except ValueError:
        return ()
    if len(text) > 4:
        return pieces_with(day)
    return (*(month_of(day.replace(month=month)) for month in range(1, 13)), text, ANY)
