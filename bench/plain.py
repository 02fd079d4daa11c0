"""The limit: an ASGI app that reads the request and sends back bytes it has held from the start."""

import json
import os
from pathlib import Path

from starlette.types import ASGIApp, Receive, Scope, Send

ANSWER = "BENCH_ANSWER"
"""The variable that names the file with the answer."""

HEADERS = "BENCH_HEADERS"
"""The variable that holds its headers, as a JSON list of pairs."""


def plain_app() -> ASGIApp:
    """For uvicorn, which adds the date."""
    body = Path(os.environ[ANSWER]).read_bytes()
    headers = [(name.encode(), value.encode()) for name, value in json.loads(os.environ[HEADERS])]

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        while (await receive()).get("more_body"):
            pass
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    return answer
