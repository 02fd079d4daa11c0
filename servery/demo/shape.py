"""The shape of the two years: when people come, and what is unusual about some days."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Self
from zoneinfo import ZoneInfo

import numpy as np

from servery.demo.draw import Floats, Ints

ZONE = ZoneInfo("America/Sao_Paulo")
YEARS = 2
YEARLY_GROWTH = 1.18

BAD_WEEK_SALES = 0.6
"""In the bad week, sales are 40 % down."""
PROMOTION_SALES = 2.5
"""On the promotion day, there are two and a half times the usual orders."""

WEEKDAYS = (0.76, 0.80, 0.86, 0.95, 1.24, 1.42, 1.16)
MONTHS = (0.95, 0.94, 0.98, 0.98, 1.03, 1.02, 1.03, 0.99, 0.98, 1.00, 1.02, 1.15)

_NO_ONE = (0.0,) * 7
# Weights by local hour, from midnight to 23:00.
TABLE_HOURS = (0.1, *_NO_ONE, 0.3, 0.5, 0.9, 4.5, 8.5, 7.0, 2.6, 1.2, 1.0, 1.5, 3.2, 6.5, 7.4, 5.0, 2.2, 0.6)
HOME_HOURS = (1.4, 0.5, *_NO_ONE, 0.2, 0.8, 3.6, 5.6, 4.0, 1.4, 0.8, 0.9, 1.7, 4.6, 8.6, 9.4, 7.6, 5.2, 3.0)
WEEKEND_NIGHT = 1.5
"""Fridays and Saturdays, the hours from 21:00 to 01:00 weigh more."""

RUSH_HOURS = (12, 13, 19, 20, 21)

_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Days:
    """Every day of the example in order; arrays have one element for each."""

    first: date
    last: date
    midnight: Ints
    """Local midnight, in microseconds since 2000-01-01 UTC, as PostgreSQL counts."""
    weekday: Ints
    month: Ints
    promotion: int
    """The place of the promotion day in the arrays."""

    @classmethod
    def until(cls, last: date) -> Self:
        """Take the 24 months that end with `last`."""
        first = first_day(last)
        days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
        return cls(
            first=first,
            last=last,
            midnight=np.array([microseconds(day) for day in days]),
            weekday=np.array([day.weekday() for day in days]),
            month=np.array([day.month - 1 for day in days]),
            promotion=(promotion_day(last) - first).days,
        )

    def __len__(self) -> int:
        return len(self.midnight)

    @property
    def elapsed(self) -> Floats:
        """From 0 on the first day to 1 on the last."""
        return np.linspace(0.0, 1.0, len(self))


def first_day(last: date) -> date:
    """Return the day after the same day two years earlier; 29 February counts as the 28th."""
    day = 28 if (last.month, last.day) == (2, 29) else last.day
    return last.replace(year=last.year - YEARS, day=day) + timedelta(days=1)


def bad_week(last: date) -> tuple[date, date]:
    """Return Monday and Sunday of the bad week, about thirteen weeks before the end."""
    near = last - timedelta(days=91)
    monday = near - timedelta(days=near.weekday())
    return monday, monday + timedelta(days=6)


def promotion_day(last: date) -> date:
    """Return the Thursday of the promotion, about six weeks before the end."""
    near = last - timedelta(days=40)
    return near - timedelta(days=(near.weekday() - 3) % 7)


def microseconds(day: date) -> int:
    """Return local midnight of `day` as PostgreSQL stores it."""
    return (datetime.combine(day, time(), tzinfo=ZONE) - _EPOCH) // _MICROSECOND


def day_weights(days: Days) -> Floats:
    """Return how busy each day is for a store that neither opens late nor grows by itself."""
    weights = np.power(YEARLY_GROWTH, YEARS * days.elapsed)
    weights *= np.array(WEEKDAYS)[days.weekday]
    weights *= np.array(MONTHS)[days.month]
    monday, sunday = (max((day - days.first).days, 0) for day in bad_week(days.last))
    weights[monday : sunday + 1] *= BAD_WEEK_SALES
    weights[days.promotion] *= PROMOTION_SALES
    return weights


def hour_weights() -> Floats:
    """Return four rows by local hour: table and home, on plain days, then on Fridays and Saturdays."""
    plain = np.array([TABLE_HOURS, HOME_HOURS])
    weekend = plain.copy()
    weekend[:, [21, 22, 23, 0]] *= WEEKEND_NIGHT
    return np.concatenate([plain, weekend])
