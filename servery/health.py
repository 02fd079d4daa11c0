"""Whether the service lives, and whether it can answer."""

from collections.abc import Awaitable, Callable
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from cache.cache import Cache
from db.database import Database
from db.errors import DatabaseError, Overloaded

Handler = Callable[[Request], Awaitable[Response]]


async def live(_: Request) -> Response:
    """Alive: the event loop turns."""
    return _told({"status": "live"})


def ready_handler(database: Database, cache: Cache) -> Handler:
    """Ready: PostgreSQL answers. Without Redis the service is slower, and still ready."""

    async def ready(_: Request) -> Response:
        parts = {"postgresql": await _database(database), "redis": "down" if await cache.why_down() else "up"}
        ok = parts["postgresql"] != "down"
        return _told({"status": "ready" if ok else "not ready", **parts}, 200 if ok else 503)

    return ready


async def _database(database: Database) -> str:
    try:
        await database.ready()
    except Overloaded:
        return "busy"
    except DatabaseError:
        return "down"
    return "up"


def _told(content: dict[str, Any], status: int = 200) -> Response:
    return Response(orjson.dumps(content), status, {"Cache-Control": "no-store"}, "application/json")
