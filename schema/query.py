"""The queries: analytics, catalog, cacheStats and cacheEntry."""

from functools import partial
from typing import Annotated, Any

import strawberry
from graphql import GraphQLResolveInfo

from model.dates import Interval
from resolvers.analytics import Answer
from resolvers.freshness import Freshness
from resolvers.question import Question
from schema.arguments import ArgumentReader
from schema.cache_types import CacheEntry, CacheStats, cache_entry_of, cache_stats_of
from schema.catalog import CatalogType, catalog_type
from schema.context import Answered, Context, Info
from schema.freshness import freshness
from schema.names import Names
from schema.parameters import cache_parameters, question_parameters, with_parameters
from schema.replay import replayable
from schema.scalars import Date, DateTime, Rows
from schema.types import (
    AnalyticsResult,
    QueryMetadata,
    ResolvedRange,
    Source,
)

KEY = "As metadata.cacheKey told it."
EXPLAINS = "Why an answer is shown out of the cache, or is not. For administrators."


def query_type(names: Names, reader: ArgumentReader) -> Any:
    """`Query`, whose arguments are the names of one model."""

    async def analytics(info: GraphQLResolveInfo[Context], **given: Any) -> AnalyticsResult | None:
        accepted = freshness(given.pop("maxAge"), given.pop("cache"), info.context.viewer)
        return await _answered(info, reader.question(**given), info.context.ahead or accepted)

    with_parameters(analytics, *question_parameters(names), *cache_parameters())

    def catalog(info: Info) -> CatalogType:
        return catalog_type(info.context.services.analytics.catalog)

    async def cache_stats(info: Info) -> CacheStats:
        return cache_stats_of(await info.context.services.admin.figures())

    async def cache_entry(
        info: Info, cache_key: Annotated[str, strawberry.argument(description=KEY)]
    ) -> CacheEntry:
        found = await info.context.services.admin.entry(cache_key, info.context.viewer)
        return cache_entry_of(found)

    described = "Any combination of metrics and dimensions, over the rows that pass the filters."
    fields = {
        "analytics": strawberry.field(resolver=analytics, description=described),
        "catalog": strawberry.field(resolver=catalog, description="What may be asked."),
        "cache_stats": strawberry.field(resolver=cache_stats, description="What the cache does."),
        "cache_entry": strawberry.field(resolver=cache_entry, description=EXPLAINS),
    }
    return strawberry.type(type("Query", (), {"__module__": __name__, **fields}), name="Query")


async def _answered(
    info: GraphQLResolveInfo[Context], question: Question, accepted: Freshness
) -> AnalyticsResult:
    context, services, viewer = info.context, info.context.services, info.context.viewer
    answer = await services.analytics.answer(question, viewer, accepted, context.found)
    counted = None
    if services.traffic and not info.context.ahead:
        text = partial(replayable, info, context.variables)
        counted = services.traffic.note(answer.cache_key, question, answer.cost_ms, viewer, text)
    context.answers[str(info.path.key)] = Answered(accepted, answer, counted)
    return AnalyticsResult(
        data=Rows(answer.data),
        totals=_unless_null(answer.totals),
        subtotals=_unless_null(answer.subtotals),
        answer=answer,
        metadata=_metadata(answer),
    )


def _unless_null(json: bytes) -> Rows | None:
    return None if json == b"null" else Rows(json)


def _metadata(answer: Answer) -> QueryMetadata:
    query = answer.plan.query
    return QueryMetadata(
        total_rows=answer.rows,
        truncated=answer.truncated,
        query_time_ms=round(answer.took_ms, 3),
        from_cache=answer.from_cache,
        source=Source(answer.source.value),
        age_ms=answer.age_ms,
        as_of=DateTime(answer.as_of.isoformat()),
        cache_key=answer.cache_key,
        date_range=_range(query.interval) if query.interval else None,
        compare_range=_range(query.compared_with) if query.compared_with else None,
        timezone=query.timezone,
        group_count=answer.group_count,
        notes=list(answer.plan.notes),
        answer=answer,
    )


def _range(interval: Interval) -> ResolvedRange:
    return ResolvedRange(
        start=DateTime(interval.start.isoformat()) if interval.start else None,
        end=DateTime(interval.end.isoformat()) if interval.end else None,
        start_date=Date(interval.first.isoformat()) if interval.first else None,
        end_date=Date(interval.last.isoformat()) if interval.last else None,
    )
