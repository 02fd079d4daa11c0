"""Runs a command of `servery cache` in this process, and keeps what it says."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from io import StringIO
from typing import Any

from rich.console import Console

from cache import Cache, CacheKey, Hit, Lifetime, Loaded, RedisStore
from servery.settings import Settings
from tests.cache.fakes import PREFIX, key
from tests.fakes import settings_of_tests

LIFETIME = Lifetime(300_000, 360_000, 3_900_000)
BODY = b"[1]" * 1_000


@dataclass(frozen=True, slots=True)
class Told:
    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[list[str]]:
        """Each line by its words."""
        return [line.split() for line in self.out.splitlines() if line.strip()]

    @property
    def json(self) -> Any:
        return json.loads(self.out)


async def told(run: Callable[[Console, Console], Awaitable[int]]) -> Told:
    out, err = StringIO(), StringIO()
    code = await run(Console(file=out, width=200), Console(file=err, width=200))
    return Told(code, out.getvalue(), err.getvalue())


def settings(redis_url: str) -> Settings:
    return settings_of_tests(redis_url=redis_url, cache_prefix=PREFIX)


def cache_over(redis_url: str) -> Cache:
    return Cache(RedisStore(redis_url, prefix=PREFIX))


async def asked(cache: Cache, number: int = 1, *, tags: tuple[str, ...] = ("table:sales",)) -> CacheKey:
    """The key of an answer that is kept now."""

    async def load() -> Loaded:
        await asyncio.sleep(0.01)
        return Loaded(BODY, 7)

    wanted = key(number)
    hit: Hit = await cache.get_or_load(wanted, load, tags=tags, lifetime=LIFETIME)
    assert hit.body == BODY
    return wanted
