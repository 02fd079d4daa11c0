"""The mutations, all for administrators: clearCache, deleteCacheKey, warmCache."""

from inspect import Parameter
from typing import Annotated, Any

import strawberry
from graphql import GraphQLResolveInfo

from model.faults import Fault
from resolvers.admin import mode_of
from schema.arguments import ArgumentReader
from schema.context import Context, Info
from schema.names import Names
from schema.parameters import question_parameters, with_parameters
from schema.types import ClearMode, ClearResult, DeleteResult
from schema.warming import WARMS, warm_cache

PATTERN = "A glob within our own keys; another application's keys are out of its reach. Without it: all."
TAGS = (
    "Instead of a pattern: answers that depend on any of these. "
    "table:sales, table:sales@2026-01, date:2026-01, channel_id:2 (any dimension and value)."
)
MODE = "What becomes of answers from before."
CLEARS = "No answer that matches, and was read before, is shown from now on. Needs the admin token."
DELETES = "Deletes one answer. Needs the admin token."
KEY = "As metadata.cacheKey told it. Instead of the question's own arguments."


def mutation_type(names: Names, reader: ArgumentReader, everything: str) -> Any:
    """`Mutation`; `everything` is the pattern of all our keys."""

    async def clear_cache(
        info: Info,
        pattern: Annotated[str | None, strawberry.argument(description=PATTERN)] = None,
        tags: Annotated[list[str] | None, strawberry.argument(description=TAGS)] = None,
        mode: Annotated[ClearMode, strawberry.argument(description=MODE)] = ClearMode.PURGE,
    ) -> ClearResult:
        admin, viewer, how = info.context.services.admin, info.context.viewer, mode_of(str(mode.value))
        if pattern is not None and tags is not None:
            message = "clearCache takes either a pattern or tags. Clear one after the other."
            raise Fault("INVALID_PATTERN", message)
        if tags is not None:
            done = await admin.clear_tags(tags, viewer, how)
        else:
            done = await admin.clear(everything if pattern is None else pattern, viewer, how)
        return ClearResult(
            deleted=done.deleted, pattern=done.pattern, tags=list(done.tags), mode=mode, message=done.message
        )

    async def delete_cache_key(info: GraphQLResolveInfo[Context], **given: Any) -> DeleteResult:
        admin, viewer = info.context.services.admin, info.context.viewer
        cache_key = given.pop("cacheKey")
        if (cache_key is None) == (given["metrics"] is None):
            message = "deleteCacheKey takes either cacheKey or the question's own arguments (metrics, ...)."
            raise Fault("INVALID_PATTERN", message)
        if cache_key is not None:
            done = await admin.delete_key(cache_key, viewer)
        else:
            done = await admin.delete_question(reader.question(**given), viewer)
        return DeleteResult(deleted=done.deleted, cache_key=done.cache_key, message=done.message)

    key = Parameter(
        "cache_key",
        Parameter.KEYWORD_ONLY,
        default=None,
        annotation=Annotated[str | None, strawberry.argument(description=KEY)],
    )
    with_parameters(delete_cache_key, key, *question_parameters(names, metrics_may_be_null=True))

    fields = {
        "clear_cache": strawberry.mutation(resolver=clear_cache, description=CLEARS),
        "warm_cache": strawberry.mutation(resolver=warm_cache, description=WARMS),
        "delete_cache_key": strawberry.mutation(resolver=delete_cache_key, description=DELETES),
    }
    return strawberry.type(type("Mutation", (), {"__module__": __name__, **fields}), name="Mutation")
