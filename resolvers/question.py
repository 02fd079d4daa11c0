"""A question as it is asked: dates may still be relative, and what is left out has its default."""

from dataclasses import dataclass
from datetime import datetime

from model.dates import CompareTo, DateRange
from model.filters import EVERYTHING, Filter
from model.model import Model
from model.query import OrderBy, Query, Share, Top, Window
from plan.comparison import compared_range
from plan.ranges import resolve, zone_of


@dataclass(frozen=True, slots=True)
class Question:
    """The arguments of `analytics`. Without a timezone the model's holds; without a limit, the service's."""

    metrics: tuple[str, ...]
    dimensions: tuple[str, ...] = ()
    filters: Filter = EVERYTHING
    having: Filter = EVERYTHING
    date_range: DateRange | None = None
    timezone: str | None = None
    order_by: tuple[OrderBy, ...] = ()
    limit: int | None = None
    offset: int = 0
    totals: bool = False
    shares: tuple[Share, ...] = ()
    search: str | None = None
    fill: bool = False
    compare: CompareTo | DateRange | None = None
    top: Top | None = None
    subtotals: tuple[tuple[str, ...], ...] = ()
    windows: tuple[Window, ...] = ()
    deduplicate: bool = False
    group_count: bool = False


def query_of(question: Question, model: Model, now: datetime, default_limit: int) -> Query:
    """The question with absolute dates as of `now`.

    Raises INVALID_TIMEZONE, INVALID_DATE_RANGE or INVALID_COMPARE.
    """
    name = model.timezone if question.timezone is None else question.timezone
    zone = zone_of(name)
    asked, compare = question.date_range, question.compare
    interval = resolve(asked, now, zone, model.week_start) if asked else None
    other = compared_range(asked, interval, compare, now, zone, model.week_start) if compare else None
    return Query(
        metrics=question.metrics,
        timezone=name,
        dimensions=question.dimensions,
        filters=question.filters,
        having=question.having,
        interval=interval,
        order_by=question.order_by,
        limit=default_limit if question.limit is None else question.limit,
        offset=question.offset,
        totals=question.totals,
        shares=question.shares,
        search=question.search,
        fill=question.fill,
        compared_with=other,
        top=question.top,
        subtotals=question.subtotals,
        windows=question.windows,
        deduplicate=question.deduplicate,
        group_count=question.group_count,
    )
