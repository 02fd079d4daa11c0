"""The queries: analytics, catalog, cacheStats and cacheEntry."""

from typing import Annotated, Any, cast

import strawberry
from graphql import GraphQLResolveInfo

from resolvers.freshness import Freshness
from resolvers.question import Question
from schema.arguments import ArgumentReader
from schema.cache_types import CacheEntry, CacheStats, cache_entry_of, cache_stats_of
from schema.catalog import CatalogType, catalog_type
from schema.context import Answered, Context, Info
from schema.freshness import freshness
from schema.names import Names
from schema.parameters import cache_parameters, question_parameters, with_parameters
from schema.replay import told_by
from schema.types import AnalyticsResult

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
    if already := context.answers.get(str(info.path.key)):
        return cast("AnalyticsResult", already.answer)  # it could not be shown as was prepared
    answer = await services.analytics.answer(question, viewer, accepted, context.found)
    counted = None
    if services.traffic and not info.context.ahead:
        counted = services.traffic.note(
            answer.cache_key, question, answer.cost_ms, viewer, lambda: _text(info)
        )
    context.answers[str(info.path.key)] = Answered(accepted, answer, counted)
    return cast("AnalyticsResult", answer)  # whose fields are worked out of it as they are asked for


def _text(info: GraphQLResolveInfo[Context]) -> str | None:
    """Of the question, to ask it again."""
    told = info.context.told.get(str(info.path.key))
    told = told or told_by(info.field_nodes[0], info.parent_type.fields[info.field_name].args)
    return told.text(info.context.variables)
