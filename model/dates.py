"""Ranges of time: as a person asks for them, and as absolute bounds."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from model.grain import Grain


@dataclass(frozen=True, slots=True)
class Days:
    """Local days, both included; a missing bound leaves that side open."""

    first: date | None = None
    last: date | None = None


@dataclass(frozen=True, slots=True)
class Instants:
    """From `start` until just before `end`; a missing bound leaves that side open. Both are aware."""

    start: datetime | None = None
    end: datetime | None = None


@dataclass(frozen=True, slots=True)
class Last:
    """`n` complete local units that end before the current one, and that one too with `include_current`."""

    n: int
    unit: Grain
    include_current: bool = False
    offset: int = 0


@dataclass(frozen=True, slots=True)
class Current:
    """The whole local unit that now lies in."""

    unit: Grain
    offset: int = 0


@dataclass(frozen=True, slots=True)
class ToDate:
    """From the start of the current local unit through today."""

    unit: Grain
    offset: int = 0


DateRange = Days | Instants | Last | Current | ToDate
"""What a question may say. `offset` moves a relative range by so many of its units, -1 into the past."""


class CompareTo(StrEnum):
    """Which other range to compare with, where none is said."""

    PREVIOUS_PERIOD = "PREVIOUS_PERIOD"
    PREVIOUS_YEAR = "PREVIOUS_YEAR"


@dataclass(frozen=True, slots=True)
class Interval:
    """Absolute bounds, half-open, in UTC. `first` and `last` are the local days it touches, both included.

    `whole_days`: both bounds are local midnights (or open), so the days say the same as the instants.
    """

    start: datetime | None
    end: datetime | None
    first: date | None
    last: date | None
    whole_days: bool = True
