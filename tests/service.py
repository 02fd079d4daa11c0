"""A whole service without HTTP: a model over a real database, asked in GraphQL, with a cache in memory."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson

from cache import Cache
from db.postgres import PostgresDatabase
from db.settings import PoolSettings
from model.model import Model
from model.viewer import ANONYMOUS, Viewer
from resolvers.admin import Admin
from resolvers.analytics import Analytics
from resolvers.rules import Rules
from schema.build import Request, Schema
from schema.context import Context, Services
from servery.warming import warmth_of
from tests.cache.fakes import FakeStore

NOW = datetime(2024, 6, 15, 12, tzinfo=UTC)


def no_internal_error(request_id: str, error: BaseException) -> None:
    raise AssertionError(f"internal error in {request_id}") from error


@dataclass(frozen=True, slots=True)
class Service:
    """Asks questions; an answer is the response map as a client would decode it."""

    schema: Schema
    services: Services

    async def ask(self, query: str, viewer: Viewer = ANONYMOUS, **variables: Any) -> dict[str, Any]:
        context = Context(self.services, viewer, "test")
        response = await self.schema.execute(Request(query, variables or None), context)
        found: dict[str, Any] = orjson.loads(orjson.dumps(response, default=_spliced))
        return found

    async def raw_data(self, query: str, viewer: Viewer = ANONYMOUS, **variables: Any) -> bytes:
        """The bytes of `data` of the one question in `query`."""
        context = Context(self.services, viewer, "test")
        response = await self.schema.execute(Request(query, variables or None), context)
        found: bytes = response["data"]["analytics"]["data"]
        return found


@asynccontextmanager
async def service_over(
    model: Model,
    database_url: str,
    *,
    now: Callable[[], datetime] = lambda: NOW,
) -> AsyncIterator[Service]:
    database = PostgresDatabase(PoolSettings(url=database_url, max_size=4))
    cache = Cache(FakeStore())
    analytics = Analytics(model, database, cache, now, Rules())
    schema = Schema(model, no_internal_error)
    try:
        yield Service(schema, warmth_of(schema, Services(analytics, Admin(cache, analytics)), cache).services)
    finally:
        await cache.close()
        await database.close()


def _spliced(value: object) -> object:
    if isinstance(value, bytes):
        return orjson.Fragment(value)
    raise TypeError(type(value).__name__)
