"""The limits: ASGI apps that read the request and send bytes, held from the start or got from Redis."""

import json
import os
from pathlib import Path

from redis.asyncio import Redis
from starlette.types import ASGIApp, Receive, Scope, Send

ANSWER = "BENCH_ANSWER"
"""The variable that names the file with the answer."""

HEADERS = "BENCH_HEADERS"
"""The variable that holds its headers, as a JSON list of pairs."""

URL = "BENCH_REDIS_URL"
"""The variable that names the Redis with the answer."""

KEY = "BENCH_KEY"
"""The variable that names the answer there."""


def plain_app() -> ASGIApp:
    """For uvicorn, which adds the date."""
    body = Path(os.environ[ANSWER]).read_bytes()
    headers = _headers()

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        while (await receive()).get("more_body"):
            pass
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    return answer


def plain_redis_app() -> ASGIApp:
    """The same, with one GET for each request."""
    client = Redis.from_url(os.environ[URL])
    key = os.environ[KEY]
    headers = _headers()

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        while (await receive()).get("more_body"):
            pass
        body = await client.get(key)
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    return answer


def _headers() -> list[tuple[bytes, bytes]]:
    return [(name.encode(), value.encode()) for name, value in json.loads(os.environ[HEADERS])]
