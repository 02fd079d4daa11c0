"""A peer: Strawberry as its pages show it. Its FastAPI router, and a resolver that does one GET."""

import hashlib
import json
import os
from pathlib import Path
from typing import cast

import strawberry
from fastapi import FastAPI
from redis.asyncio import Redis
from strawberry.fastapi import GraphQLRouter
from strawberry.scalars import JSON

from bench.peers.first_design import ROWS
from bench.plain import URL


@strawberry.type
class Metadata:
    """Of an answer."""

    source: str
    total_rows: int


@strawberry.type
class Result:
    """An answer."""

    data: JSON
    metadata: Metadata


def stock_strawberry_app() -> FastAPI:
    """For uvicorn."""
    client = Redis.from_url(os.environ[URL], decode_responses=True)

    @strawberry.type
    class Query:
        @strawberry.field
        async def analytics(
            self, metrics: list[str], dimensions: list[str], limit: int | None = None
        ) -> Result:
            text = json.dumps([metrics, dimensions, limit])
            key = f"stock:{hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()}"
            kept = await client.get(key)
            if kept is None:
                kept = Path(os.environ[ROWS]).read_text()  # noqa: ASYNC240  the first request only
                await client.set(key, kept, ex=86_400)
            rows = json.loads(kept)
            return Result(data=cast("JSON", rows), metadata=Metadata(source="CACHE", total_rows=len(rows)))

    app = FastAPI()
    app.include_router(GraphQLRouter(strawberry.Schema(Query)), prefix="/graphql")
    return app
