"""The grains of time and the parts of time that a question may group by."""

from enum import StrEnum

AXIS = "time"
"""The axis that metrics of all tables share: each metric's own default time dimension."""


class Grain(StrEnum):
    """A bucket of time, from fine to coarse."""

    MINUTE_15 = "minute_15"
    MINUTE_30 = "minute_30"
    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"

    @property
    def is_instant(self) -> bool:
        """Finer than a day: such a bucket is an instant, a coarser one a local date."""
        return self in {Grain.MINUTE_15, Grain.MINUTE_30, Grain.HOUR}


class Part(StrEnum):
    """A part of local time, as an integer. Weeks and their days are ISO 8601: Monday is 1."""

    HOUR_OF_DAY = "hour_of_day"
    DAY_OF_WEEK = "day_of_week"
    DAY_OF_MONTH = "day_of_month"
    DAY_OF_YEAR = "day_of_year"
    ISO_WEEK = "iso_week"
    MONTH_OF_YEAR = "month_of_year"
    QUARTER_OF_YEAR = "quarter_of_year"


TIME_SUFFIXES: dict[str, Grain | Part] = {str(step): step for step in (*Grain, *Part)}


def split_grain(name: str) -> tuple[str, Grain | Part | None]:
    """`shipped_on__month` -> (`shipped_on`, MONTH); a name without a known suffix stays whole."""
    stem, mark, suffix = name.rpartition("__")
    if mark and suffix in TIME_SUFFIXES:
        return stem, TIME_SUFFIXES[suffix]
    return name, None
