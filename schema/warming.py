"""The mutation warmCache, and what it tells."""

from enum import Enum
from typing import Annotated

import strawberry

from model.faults import Fault
from resolvers.roles import require_admin
from resolvers.warm import Order, Origin, Warmed, Warming
from schema.context import Info
from schema.types import Source

WARMS = (
    "Asks questions ahead, so that their answers are in the cache: those that the model lists under `warm`, "
    "and those of the traffic that cost the most. Needs the admin token."
)
TOP = "How many questions of the traffic."
REFRESH = "Load answers that are there already, too."


@strawberry.enum(name="WarmingSource", description="Where the questions come from.")
class WarmingSource(Enum):
    MODEL = strawberry.enum_value("model", description="The model's list.")
    TRAFFIC = strawberry.enum_value("traffic", description="What was asked, by count and cost.")


@strawberry.type(description="What became of one question.")
class WarmedQuestion:
    question: str = strawberry.field(description="The arguments of `analytics`.")
    tenant: str | None = strawberry.field(description="Whose answer it is, where there are tenants.")
    cache_key: str | None
    source: Source | None = strawberry.field(description="DATABASE when it was loaded, else where it was.")
    total_rows: int | None
    query_time_ms: float | None
    error: str | None = strawberry.field(description="Why there is no answer.")
    error_code: str | None = strawberry.field(description="The code of that error.")


@strawberry.type
class WarmResult:
    warmed: int = strawberry.field(description="Answers that were loaded.")
    failed: int = strawberry.field(description="Questions that have no answer; the others go on.")
    skipped: int = strawberry.field(description="Answers that were there already.")
    results: list[WarmedQuestion]


async def warm_cache(
    info: Info,
    top: Annotated[int, strawberry.argument(description=TOP)] = 20,
    sources: Annotated[list[WarmingSource], strawberry.argument(name="from")] = list(WarmingSource),  # noqa: B006
    refresh: Annotated[bool, strawberry.argument(description=REFRESH)] = False,  # noqa: FBT002
) -> WarmResult:
    require_admin(info.context.viewer)
    warmer = info.context.services.warmer
    if warmer is None:
        raise Fault("CACHE_UNAVAILABLE", "There is no cache here that could be warmed.")
    origins = frozenset(Origin(each.value) for each in sources)
    return _told(await warmer.warm(Order(top, origins, refresh)))


def _told(warming: Warming) -> WarmResult:
    results = [_question(each) for each in warming.results]
    return WarmResult(warmed=warming.warmed, failed=warming.failed, skipped=warming.skipped, results=results)


def _question(warmed: Warmed) -> WarmedQuestion:
    return WarmedQuestion(
        question=warmed.asked.text,
        tenant=warmed.asked.viewer.tenant,
        cache_key=warmed.cache_key,
        source=Source[warmed.source] if warmed.source else None,
        total_rows=warmed.rows,
        query_time_ms=warmed.took_ms,
        error=warmed.error,
        error_code=warmed.error_code,
    )
