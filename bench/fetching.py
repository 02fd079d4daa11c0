"""What a miss costs without Servery: apps that run a statement and send its rows, and nothing else.

The body of a request is a JSON list of the statement's arguments, moments as text.
"""

import json
import os
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

import asyncpg
import orjson
from starlette.types import ASGIApp, Receive, Scope, Send

STATEMENT = "BENCH_STATEMENT"
"""The variable that holds the SQL."""

HEADERS = [(b"content-type", b"application/json")]
Rows = Sequence[asyncpg.Record]


def bare_app() -> ASGIApp:
    """A connection for whoever asks at the same time, and orjson: what nobody can do without."""
    idle: list[asyncpg.Connection] = []

    async def fetch(args: Sequence[object]) -> Rows:
        connection = idle.pop() if idle else await asyncpg.connect(os.environ["DATABASE_URL"])
        rows: Rows = await connection.fetch(os.environ[STATEMENT], *args)
        idle.append(connection)
        return rows

    return _app(fetch, lambda rows: orjson.dumps([dict(row) for row in rows], default=str))


def first_app() -> ASGIApp:
    """The way of the first design: a pool, and the standard library's JSON."""
    kept: list[asyncpg.Pool] = []

    async def fetch(args: Sequence[object]) -> Rows:
        if not kept:
            kept.append(await asyncpg.create_pool(os.environ["DATABASE_URL"], min_size=1))
        rows: Rows = await kept[0].fetch(os.environ[STATEMENT], *args)
        return rows

    return _app(fetch, lambda rows: json.dumps([dict(row) for row in rows], default=str).encode())


def _app(fetch: Callable[[Sequence[object]], Awaitable[Rows]], dumped: Callable[[Rows], bytes]) -> ASGIApp:
    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        rows = dumped(await fetch(_args(body))) if body else b""
        await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
        await send({"type": "http.response.body", "body": rows})

    return answer


def _args(body: bytes) -> list[object]:
    return [datetime.fromisoformat(each) if isinstance(each, str) else each for each in orjson.loads(body)]
