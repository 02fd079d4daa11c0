"""Wires the rooms into one ASGI app."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from cache.address import address_of
from cache.cache import Cache
from cache.store import Store
from cache.tokens import Mode
from db.database import Database
from db.errors import Overloaded, QueryTimeout, Unavailable
from db.listener import LineSettings
from db.postgres import PostgresDatabase
from model.load import load_model
from model.model import Model
from resolvers.admin import Admin
from resolvers.analytics import Analytics
from resolvers.invalidation import changed
from resolvers.shared_figures import SharedFigures
from schema.build import Schema
from schema.context import Services
from servery import __version__
from servery.auth import Tokens
from servery.derived import (
    cache_limits,
    documents_of,
    http_rules,
    lane_of,
    pool_settings,
    redis_store,
    rules_of,
    wire_bytes,
)
from servery.endpoint import GraphQLEndpoint
from servery.events.follower import Follower
from servery.health import live, ready_handler
from servery.household import Household, lifespan_of
from servery.lane.wire import WIRE
from servery.metrics import Metrics, metrics_handler
from servery.observe import cache_log, report_internal, watch_database
from servery.pages import graphiql_page, mount_pages
from servery.question import first_question
from servery.settings import Settings
from servery.timed import TimedDatabase
from servery.warming import warmth_of

ENDPOINT = "/graphql"
FORGIVABLE = (Unavailable, Overloaded, QueryTimeout)
"""Failures of the database for which an answer that has expired is better than none."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What a test may put in place of the real things."""

    database: Database | None = None
    store: Store | None = None
    now: Callable[[], datetime] = lambda: datetime.now(UTC)


class Service(FastAPI):
    """Hands questions to their endpoint at once: what stands before it there costs more than an answer."""

    endpoint: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.endpoint and scope["type"] == "http" and scope["path"] == ENDPOINT:
            await self.endpoint(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


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
    metrics = Metrics()
    cache = _cache(settings, store, metrics)
    metrics.watch(cache, lambda: database.usage if isinstance(database, PostgresDatabase) else None)
    figures = SharedFigures(cache, beat=metrics.refresh)
    analytics = Analytics(model, TimedDatabase(database, metrics), cache, parts.now, rules_of(settings))

    def cleared() -> None:
        if settings.warm_after_clear:
            warmth.warmer.soon(insist=True)

    schema = Schema(model, report_internal, settings.cache_prefix)
    admin = Admin(cache, analytics, figures=figures, cleared=cleared)
    warmth = warmth_of(schema, Services(analytics, admin), cache)
    follower = _follower(settings, model, database, cache)
    endpoint = GraphQLEndpoint(
        schema=schema,
        services=warmth.services,
        viewer=tokens.viewer,
        page=_page(model),
        rules=http_rules(settings),
        documents=documents_of(settings),
        counted=metrics.requested,
        lane=lane_of(settings, warmth.services),
        wire_bytes=wire_bytes(settings),
    )
    app = Service(
        title="Servery",
        version=__version__,
        lifespan=lifespan_of(
            settings, Household(database, cache, warmth, figures, follower), {WIRE: endpoint.wire}
        ),
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
    )
    app.endpoint = endpoint
    app.router.routes += [
        Route(ENDPOINT, endpoint),
        Route("/health/live", live),
        Route("/health/ready", ready_handler(database, cache)),
        Route("/", _home),
        *([Route("/metrics", metrics_handler(metrics))] if settings.metrics else ()),
    ]
    mount_pages(app)
    return app


def _page(model: Model) -> Callable[[Request], Response]:
    question = first_question(model)
    return lambda request: graphiql_page(question, str(request.url.replace(query="")))


async def _home(_: Request) -> Response:
    return RedirectResponse(ENDPOINT)


def _cache(settings: Settings, store: Store, metrics: Metrics) -> Cache:
    return Cache(
        store,
        limits=cache_limits(settings),
        forgivable=FORGIVABLE,
        observe=metrics.observing(cache_log(settings)),
        measure=metrics.took,
        tells_hits=settings.log_level == "debug",
    )


def _follower(settings: Settings, model: Model, database: Database, cache: Cache) -> Follower:
    url = (settings.events_database_url or settings.database_url).get_secret_value()
    return Follower(
        model,
        LineSettings(url=url),
        database,
        deployment=f"{settings.cache_prefix} {address_of(settings.redis_url.get_secret_value()).places}",
        invalidate=lambda tags: cache.invalidate(tags, Mode.EXPIRE),
        notes=cache,
        tags_for=changed,
        events=settings.events,
    )
