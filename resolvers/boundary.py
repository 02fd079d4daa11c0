"""Until when a question means the range that it means now."""

from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from model.dates import Current, Last, ToDate
from plan.ranges import SUB_DAY, floor, midnight
from resolvers.question import Question

_QUARTER: Final = timedelta(minutes=15)


def boundary_of(question: Question, now: datetime, zone: ZoneInfo) -> datetime | None:
    """The next moment from which its dates may be others; None when none of them is relative.

    Days and coarser units turn at midnight of the question's zone, finer ones at a quarter of an hour at the
    earliest: zones differ by multiples of that.
    """
    relative = [
        each for each in (question.date_range, question.compare) if isinstance(each, Last | Current | ToDate)
    ]
    if not relative:
        return None
    if any(each.unit in SUB_DAY for each in relative):
        return floor(now, _QUARTER, ZoneInfo("UTC")) + _QUARTER
    return midnight(now.astimezone(zone).date() + timedelta(days=1), zone).astimezone(UTC)
