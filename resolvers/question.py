"""A question as it is asked: dates may still be relative, and what is left out has its default."""

from dataclasses import dataclass
from datetime import datetime

from model.dates import DateRange
from model.filters import EVERYTHING, Filter
from model.model import Model
from model.query import OrderBy, Query, Share
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


def query_of(question: Question, model: Model, now: datetime, default_limit: int) -> Query:
    """The question with absolute dates as of `now`. Raises INVALID_TIMEZONE or INVALID_DATE_RANGE."""
    name = question.timezone or model.timezone
    zone = zone_of(name)
    asked = question.date_range
    return Query(
        metrics=question.metrics,
        timezone=name,
        dimensions=question.dimensions,
        filters=question.filters,
        having=question.having,
        interval=resolve(asked, now, zone, model.week_start) if asked else None,
        order_by=question.order_by,
        limit=default_limit if question.limit is None else question.limit,
        offset=question.offset,
        totals=question.totals,
        shares=question.shares,
    )
