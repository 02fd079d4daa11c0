"""A follower with a cache that only remembers what it was told, over a real database."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date
from fnmatch import fnmatchcase
from typing import Any

from cache.store import StoreDown
from db.listener import LineSettings
from db.postgres import PostgresDatabase
from db.settings import PoolSettings
from model.load import model_of_text
from servery.events.event import Event
from servery.events.follower import Follower
from servery.events.pace import Pace
from tests.db.eventually import eventually

MODEL = """
timezone: America/Sao_Paulo
tables:
  stores:
    source: public.stores
    key: id
    dimensions: {store: {column: name}}
  sales:
    source: public.sales
    key: id
    time: sold_at
    dimensions: {sold_at: {type: timestamptz}}
    metrics: {sales_made: {type: count}}
"""

TABLES = """
create table public.stores (id int, name text);
create table public.sales (id int, sold_at timestamptz)
"""

WHOLE = {"sales", "stores"}


def tags_for(table: str, months: Iterable[date] | None) -> tuple[str, ...]:
    return (table,) if months is None else tuple(f"{table}@{month:%Y-%m}" for month in months)


@dataclass
class Redis:
    """What all processes of a deployment share: the tags that were set, and notes. May be down."""

    tags: list[str] = field(default_factory=list)
    noted: dict[str, str] = field(default_factory=dict)
    bookmarks: int = 0
    is_down: bool = False
    told: asyncio.Event = field(default_factory=asyncio.Event)

    async def invalidate(self, tags: Sequence[str]) -> None:
        await self._called()
        self.tags += tags
        self.told.set()

    async def note(self, topic: str, text: str, ttl_ms: int) -> None:  # noqa: ARG002  the store counts it
        await self._called()
        self.noted[topic] = text
        self.bookmarks += topic == "events:bookmark"
        self.told.set()

    async def notes(self, glob: str) -> dict[str, str]:
        await self._called()
        return {topic: text for topic, text in self.noted.items() if fnmatchcase(topic, glob)}

    async def _called(self) -> None:
        await asyncio.sleep(0)
        if self.is_down:
            raise StoreDown("it is down in this test")

    async def until(self, wanted: Callable[[list[str]], bool], within_s: float = 15.0) -> float:
        """After how many seconds the tags were as wanted; fails when they never were."""
        started = time.monotonic()
        while not wanted(self.tags):
            left_s = within_s - (time.monotonic() - started)
            assert left_s > 0, f"there are only {self.tags}"
            self.told.clear()
            try:
                async with asyncio.timeout(left_s):
                    await self.told.wait()
            except TimeoutError:
                continue
        return time.monotonic() - started

    def forget(self) -> None:
        self.tags.clear()


@dataclass
class Worker:
    """One process of the deployment."""

    follower: Follower
    events: list[Event]

    def saw(self, kind: type[Event]) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]


@asynccontextmanager
async def working(
    url: str,
    redis: Redis,
    *,
    model: str = MODEL,
    deployment: str = "test",
    pace: Pace | None = None,
    line: str = "",
    events: bool = True,
) -> AsyncIterator[Worker]:
    """`line` is another way to the same database."""
    database = PostgresDatabase(PoolSettings(url))
    seen: list[Event] = []
    follower = Follower(
        model_of_text(model),
        LineSettings(line or url, statement_timeout_ms=1000, connect_timeout_ms=1000),
        database,
        deployment=deployment,
        invalidate=redis.invalidate,
        notes=redis,
        tags_for=tags_for,
        events=events,
        observe=seen.append,
        pace=pace,
    )
    follower.start()
    try:
        yield Worker(follower, seen)
    finally:
        await follower.close()
        await database.close()


async def whole(redis: Redis, tables: set[str] = WHOLE) -> None:
    """Wait until everything was outdated and that was noted, and forget it."""
    noted = redis.bookmarks
    await redis.until(lambda tags: tables <= set(tags) and redis.bookmarks > noted)
    redis.forget()


async def until_seen(worker: Worker, kind: type[Event]) -> None:
    async def is_seen() -> bool:
        await asyncio.sleep(0)
        return bool(worker.saw(kind))

    await eventually(is_seen, within_s=15)
