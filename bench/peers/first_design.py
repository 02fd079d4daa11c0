"""A peer: the first design as a REST service. FastAPI, pydantic, one GET, and JSON read and written again."""

import hashlib
import json
import os
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel, Field
from redis.asyncio import Redis

from bench.plain import URL

ROWS = "BENCH_ROWS"
"""The variable that names the file with the rows, which stands for the database."""


class Query(BaseModel):
    """As a client sends it."""

    metrics: list[str] = Field(min_length=1)
    dimensions: list[str] = []
    filters: dict[str, Any] = {}
    limit: int = Field(1000, ge=1, le=10_000)


def first_design_app() -> FastAPI:
    """For uvicorn."""
    app = FastAPI()
    client = Redis.from_url(os.environ[URL], decode_responses=True)

    @app.post("/query")
    async def query(asked: Query) -> dict[str, Any]:
        text = json.dumps(asked.model_dump(), sort_keys=True)
        key = f"first:{hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()}"
        if kept := await client.get(key):
            return {"data": json.loads(kept), "metadata": {"source": "CACHE", "key": key}}
        rows = json.loads(Path(os.environ[ROWS]).read_text())  # noqa: ASYNC240  the first request only
        await client.set(key, json.dumps(rows), ex=86_400)
        return {"data": rows, "metadata": {"source": "DATABASE", "key": key}}

    return app
