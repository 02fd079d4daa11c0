"""Wires the rooms into one ASGI app."""

import gc
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from cache.cache import Cache
from cache.cache import Limits as CacheLimits
from cache.redis import RedisStore, Timeouts
from cache.store import Store
from db.database import Database
from db.errors import Overloaded, QueryTimeout, Unavailable
from db.postgres import PostgresDatabase
from db.settings import PoolSettings, place_of
from db.startup import wait_until_ready
from model.load import load_model
from model.model import Model
from plan.limits import Limits
from resolvers.admin import Admin
from resolvers.analytics import Analytics, Rules
from schema.build import Schema
from schema.context import Services
from servery import __version__
from servery.auth import Tokens
from servery.endpoint import GraphQLEndpoint
from servery.health import live, ready_handler
from servery.observe import logger, report_internal, watch_cache, watch_database
from servery.pages import graphiql_page, mount_pages
from servery.question import first_question
from servery.settings import Settings
from servery.warming import Warmth, warmth_of

FORGIVABLE = (Unavailable, Overloaded, QueryTimeout)
"""Failures of the database for which an answer that has expired is better than none."""

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]


@dataclass(frozen=True, slots=True)
class Parts:
    """What a test may put in place of the real things."""

    database: Database | None = None
    store: Store | None = None
    now: Callable[[], datetime] = lambda: datetime.now(UTC)


def create_app(
    settings: Settings,
    model: Model | None = None,
    tokens: Tokens | None = None,
    parts: Parts | None = None,
) -> FastAPI:
    """The whole service. Nothing is connected before the app starts up."""
    model = model or load_model(settings.model)
    parts = parts or Parts()
    tokens = tokens or Tokens(settings.admin_token.get_secret_value() if settings.admin_token else None)
    database = parts.database or PostgresDatabase(pool_settings(settings), observe=watch_database)
    store = parts.store or redis_store(settings)
    cache = Cache(store, limits=cache_limits(settings), forgivable=FORGIVABLE, observe=watch_cache)
    analytics = Analytics(model, database, cache, parts.now, rules_of(settings))

    def cleared() -> None:
        if settings.warm_after_clear:
            warmth.warmer.soon(insist=True)

    schema = Schema(model, report_internal, settings.cache_prefix)
    warmth = warmth_of(schema, Services(analytics, Admin(cache, analytics, cleared=cleared)), cache)
    app = FastAPI(
        title="Servery",
        version=__version__,
        lifespan=_lifespan(settings, database, cache, warmth),
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
    )
    endpoint = GraphQLEndpoint(
        schema=schema,
        services=warmth.services,
        viewer=tokens.viewer,
        page=_page(model),
        max_body_bytes=settings.max_body_bytes,
    )
    app.router.routes += [
        Route("/graphql", endpoint),
        Route("/health/live", live),
        Route("/health/ready", ready_handler(database, cache)),
        Route("/", _home),
    ]
    mount_pages(app)
    return app


def _page(model: Model) -> Callable[[Request], Response]:
    question = first_question(model)
    return lambda request: graphiql_page(question, str(request.url.replace(query="")))


async def _home(_: Request) -> Response:
    return RedirectResponse("/graphql")


def _lifespan(settings: Settings, database: Database, cache: Cache, warmth: Warmth) -> Lifespan:
    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        log = logger("servery")
        if isinstance(database, PostgresDatabase):
            wait = float(settings.start_timeout_s)
            await wait_until_ready(pool_settings(settings), say=log.warning, deadline_s=wait)
            await database.warm()
        if (await cache.stats()).status == "down":
            log.warning("Redis is not there: answers come from PostgreSQL until it is")
        # What is there by now stays for good: a full collection over it would hold up questions.
        gc.collect()
        gc.freeze()
        # Rows of large answers die by themselves: a full search among them would hold the loop for 100 ms.
        gc.set_threshold(10_000, 5, 1_000)
        address = f"http://{settings.host}:{settings.port}/graphql"
        log.info("servery is ready", address=address, version=__version__)
        warmth.start(warm=settings.warm_at_start)
        try:
            yield
        finally:
            await warmth.close()
            await cache.close()
            await database.close()
            log.info("servery has stopped")

    return lifespan


def rules_of(settings: Settings) -> Rules:
    return Rules(
        prefix=settings.cache_prefix,
        database=place_of(settings.database_url.get_secret_value()),
        lifetimes=settings.lifetimes,
        default_limit=settings.default_limit,
        limits=Limits(rows=settings.max_limit),
    )


def redis_store(settings: Settings) -> RedisStore:
    return RedisStore(
        settings.redis_url.get_secret_value(),
        prefix=settings.cache_prefix,
        timeouts=Timeouts(operation=settings.redis_budget_ms / 1000),
        observe=watch_cache,
        strict=settings.memory_bytes == 0,
    )


def cache_limits(settings: Settings) -> CacheLimits:
    return CacheLimits(
        max_entry_bytes=settings.max_entry_bytes,
        memory_bytes=settings.memory_bytes,
        loads_while_down=settings.pool_max_size,
        store_seconds=settings.redis_budget_ms / 1000,
        cheap_ms=settings.cheap_ms,
        quota_bytes=settings.tenant_quota_bytes,
    )


def pool_settings(settings: Settings) -> PoolSettings:
    return PoolSettings(
        url=settings.database_url.get_secret_value(),
        min_size=min(settings.pool_min_size, settings.pool_max_size),
        max_size=settings.pool_max_size,
        statement_timeout_ms=settings.statement_timeout_ms,
        acquire_timeout_ms=settings.acquire_timeout_ms,
        statement_cache_size=settings.statement_cache_size,
    )
