"""The queries: analytics, catalog and cacheStats."""

from dataclasses import asdict
from typing import Annotated, Any

import strawberry

from model.dates import Interval
from resolvers.analytics import Answer
from resolvers.question import Question
from schema.arguments import ArgumentReader
from schema.catalog import CatalogType, catalog_type
from schema.context import Info
from schema.inputs import DateRangeInput
from schema.names import Names
from schema.scalars import Date, DateTime, Rows
from schema.types import (
    AnalyticsResult,
    CacheStats,
    CacheStatus,
    Column,
    ColumnKind,
    ColumnType,
    QueryMetadata,
    ResolvedRange,
    Source,
)

METRICS = "Without metrics: the values of the dimensions, for the choices of a filter."
RANGE = "Rows of these days or instants only. Without it: rows of all time."
HAVING = "Groups that are shown, by their metrics, selected or not."
ZONE = "The IANA zone of local time: dates, days, hours. Without it: the model's."
TOTALS = "Also the metrics over all rows that pass the filters: see totals of the result."
SHARES = "Parts of a whole, as <metric>__share in the rows: 0.25 is a quarter."
LIMIT = "The most rows; 1000 without it. metadata.truncated tells when there are more."


def query_type(names: Names, reader: ArgumentReader) -> Any:
    """`Query`, whose arguments are the names of one model."""
    metric, dimension, order = names.metric, names.dimension, names.order_by
    share = names.share
    filters, having = names.filters.type, names.having.type

    async def analytics(  # noqa: PLR0917  the API's own arguments
        info: Info,
        metrics: Annotated[list[metric], strawberry.argument(description=METRICS)] = [],  # type: ignore[valid-type]  # noqa: B006
        dimensions: list[dimension] = [],  # type: ignore[valid-type]  # noqa: B006  shown in the schema as []
        filters: Annotated[filters | None, strawberry.argument(description="Rows that count.")] = None,  # type: ignore[valid-type]
        having: Annotated[having | None, strawberry.argument(description=HAVING)] = None,  # type: ignore[valid-type]
        date_range: Annotated[DateRangeInput | None, strawberry.argument(description=RANGE)] = None,
        timezone: Annotated[str | None, strawberry.argument(description=ZONE)] = None,
        order_by: list[order] | None = None,  # type: ignore[valid-type]
        limit: Annotated[int | None, strawberry.argument(description=LIMIT)] = None,
        offset: Annotated[int | None, strawberry.argument(description="Rows to skip.")] = None,
        totals: Annotated[bool, strawberry.argument(description=TOTALS)] = False,  # noqa: FBT002
        shares: Annotated[list[share] | None, strawberry.argument(description=SHARES)] = None,  # type: ignore[valid-type]
    ) -> AnalyticsResult | None:
        question = reader.question(
            metrics=metrics,
            dimensions=dimensions,
            filters=filters,
            having=having,
            date_range=date_range,
            timezone=timezone,
            order_by=order_by,
            limit=limit,
            offset=offset,
            totals=totals,
            shares=shares,
        )
        return await _answered(info, question)

    def catalog(info: Info) -> CatalogType:
        return catalog_type(info.context.services.analytics.catalog)

    async def cache_stats(info: Info) -> CacheStats:
        figures = asdict(await info.context.services.admin.figures())
        return CacheStats(**{**figures, "status": CacheStatus(figures["status"])})

    described = "Any combination of metrics and dimensions, over the rows that pass the filters."
    fields = {
        "analytics": strawberry.field(resolver=analytics, description=described),
        "catalog": strawberry.field(resolver=catalog, description="What may be asked."),
        "cache_stats": strawberry.field(resolver=cache_stats, description="What the cache does."),
    }
    return strawberry.type(type("Query", (), {"__module__": __name__, **fields}), name="Query")


async def _answered(info: Info, question: Question) -> AnalyticsResult:
    answer = await info.context.services.analytics.answer(question, info.context.viewer)
    return AnalyticsResult(
        data=Rows(answer.data),
        totals=Rows(answer.totals) if answer.totals != b"null" else None,
        columns=[_column(each) for each in answer.columns],
        metadata=_metadata(answer),
    )


def _column(told: Any) -> Column:
    fields = {
        name: getattr(told, name) for name in ("name", "title", "description", "unit", "format", "currency")
    }
    return Column(kind=ColumnKind(told.kind.value), type=ColumnType(told.type.value), **fields)


def _metadata(answer: Answer) -> QueryMetadata:
    return QueryMetadata(
        total_rows=answer.rows,
        truncated=answer.truncated,
        query_time_ms=round(answer.took_ms, 3),
        from_cache=answer.from_cache,
        source=Source(answer.source.value),
        age_ms=answer.age_ms,
        as_of=DateTime(answer.as_of.isoformat()),
        cache_key=answer.cache_key,
        date_range=_range(answer.interval) if answer.interval else None,
        timezone=answer.timezone,
    )


def _range(interval: Interval) -> ResolvedRange:
    return ResolvedRange(
        start=DateTime(interval.start.isoformat()) if interval.start else None,
        end=DateTime(interval.end.isoformat()) if interval.end else None,
        start_date=Date(interval.first.isoformat()) if interval.first else None,
        end_date=Date(interval.last.isoformat()) if interval.last else None,
    )
