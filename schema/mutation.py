"""The mutations, all for administrators: clearCache and deleteCacheKey."""

from typing import Annotated, Any

import strawberry

from model.faults import Fault
from schema.arguments import ArgumentReader
from schema.context import Info
from schema.inputs import DateRangeInput
from schema.names import Names
from schema.types import ClearResult, DeleteResult

PATTERN = "A glob within our own keys; another application's keys are out of its reach."
CLEARS = "Deletes every answer whose key matches. Needs the admin token."
DELETES = "Deletes one answer. Needs the admin token."
KEY = "As metadata.cacheKey told it. Instead of the question's own arguments."


def mutation_type(names: Names, reader: ArgumentReader, everything: str) -> Any:
    """`Mutation`; `everything` is the pattern of all our keys."""
    metric, dimension, order = names.metric, names.dimension, names.order_by
    share = names.share
    filters, having = names.filters.type, names.having.type

    async def clear_cache(
        info: Info,
        pattern: Annotated[str, strawberry.argument(description=PATTERN)] = everything,
    ) -> ClearResult:
        done = await info.context.services.admin.clear(pattern, info.context.viewer)
        return ClearResult(deleted=done.deleted, pattern=done.pattern, message=done.message)

    async def delete_cache_key(  # noqa: PLR0917  the API's own arguments
        info: Info,
        cache_key: Annotated[str | None, strawberry.argument(description=KEY)] = None,
        metrics: list[metric] | None = None,  # type: ignore[valid-type]
        dimensions: list[dimension] | None = None,  # type: ignore[valid-type]
        filters: filters | None = None,  # type: ignore[valid-type]
        having: having | None = None,  # type: ignore[valid-type]
        date_range: DateRangeInput | None = None,
        timezone: str | None = None,
        order_by: list[order] | None = None,  # type: ignore[valid-type]
        limit: int | None = None,
        offset: int | None = None,
        totals: bool = False,  # noqa: FBT001, FBT002
        shares: list[share] | None = None,  # type: ignore[valid-type]
    ) -> DeleteResult:
        admin, viewer = info.context.services.admin, info.context.viewer
        if (cache_key is None) == (metrics is None):
            message = "deleteCacheKey takes either cacheKey or the question's own arguments (metrics, ...)."
            raise Fault("INVALID_PATTERN", message)
        if cache_key is not None:
            done = await admin.delete_key(cache_key, viewer)
        else:
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
            done = await admin.delete_question(question, viewer)
        return DeleteResult(deleted=done.deleted, cache_key=done.cache_key, message=done.message)

    fields = {
        "clear_cache": strawberry.mutation(resolver=clear_cache, description=CLEARS),
        "delete_cache_key": strawberry.mutation(resolver=delete_cache_key, description=DELETES),
    }
    return strawberry.type(type("Mutation", (), {"__module__": __name__, **fields}), name="Mutation")
