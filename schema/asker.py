"""Asks questions ahead, on the way that every question takes: the same schema, the same keys."""

from collections.abc import Mapping
from secrets import token_hex
from typing import Any

from model.faults import Fault
from resolvers.freshness import AHEAD, AHEAD_ANEW
from resolvers.traffic import Asked
from resolvers.warm import Warmed
from schema.build import Request, Schema
from schema.context import Context, Services
from schema.replay import question_document


class Asker:
    """Implements `resolvers.warm.Ask`."""

    def __init__(self, schema: Schema, services: Services) -> None:
        self._schema = schema
        self._services = services

    async def __call__(self, asked: Asked, *, refresh: bool) -> Warmed:
        try:
            request = Request(question_document(asked.text), may_change=False)
        except Fault as fault:
            return Warmed(asked, error_code=fault.code, error=fault.message)
        ahead = AHEAD_ANEW if refresh else AHEAD
        context = Context(self._services, asked.viewer, f"warming-{token_hex(4)}", ahead=ahead)
        return _warmed(asked, await self._schema.execute(request, context))


def _warmed(asked: Asked, response: Mapping[str, Any]) -> Warmed:
    for error in response.get("errors", ()):
        return Warmed(asked, error_code=error["extensions"]["code"], error=error["message"])
    told = response["data"]["analytics"]["metadata"]
    if told["source"] == "STALE":
        return Warmed(asked, told["cacheKey"], error_code="STALE", error="Only a stale answer could be had.")
    return Warmed(
        asked,
        cache_key=told["cacheKey"],
        source=told["source"],
        rows=told["totalRows"],
        took_ms=told["queryTimeMs"],
    )
