"""Forty readers, three who invalidate and a server that evicts all the time: no read is late.

A read is late when it starts after an invalidation returned, and shows data from before it. In another cache
than the one that was given the order, answers are held to it a lease later at the latest: until its message
has come they trust what they know.
"""

import asyncio
import os
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from random import Random
from typing import Final

import pytest
from redis.asyncio import Redis

from cache import Cache, CacheKey, Hit, Loaded, Mode, RedisStore, Source, StoreDown
from tests.cache.fakes import PREFIX
from tests.cache.room import LIFETIME
from tests.cache.servers import RunningRedis

pytestmark = [pytest.mark.anyio, pytest.mark.integration]

SECONDS: Final = 5.0
CACHES: Final = 3
READERS: Final = 40
ORDERERS: Final = 3
LEASE: Final = 1.0
ROOM: Final = 4_000_000
"""Bytes beside what the server needs itself: with its buffers, about half of all answers."""

LARGEST: Final = 50_000
TAGS: Final = tuple(f"channel:{number}" for number in range(8))
QUESTIONS: Final = {number: tuple(Random(number).sample(TAGS, 1 + number % 3)) for number in range(150)}

POPULAR: Final = 15
"""Half of all reads ask one of these."""


@dataclass(slots=True)
class Count:
    """What happened. `late` are milliseconds after the order; `waited` those within the lease."""

    sources: Counter[Source] = field(default_factory=Counter)
    orders: int = 0
    refused: int = 0
    late: list[float] = field(default_factory=list)
    waited: list[float] = field(default_factory=list)


class Crowd:
    """Everybody, in one process, over caches that each have a store of their own."""

    def __init__(self, caches: Sequence[Cache], seed: int) -> None:
        self._caches = caches
        self._random = Random(seed)
        self._versions = dict.fromkeys(TAGS, 0)
        self._returned: list[dict[str, list[tuple[int, float]]]] = [{tag: [] for tag in TAGS} for _ in caches]
        self.count = Count()

    async def run(self, seconds: float) -> Count:
        end = time.monotonic() + seconds
        async with asyncio.TaskGroup() as group:
            for number in range(READERS):
                group.create_task(self._read(number % len(self._caches), end))
            for number in range(ORDERERS):
                group.create_task(self._order(number % len(self._caches), end))
        return self.count

    async def _read(self, cache: int, end: float) -> None:
        random = self._random
        while time.monotonic() < end:
            number = random.randrange(random.choice((POPULAR, len(QUESTIONS))))
            key = CacheKey.of(PREFIX, {"number": number}, scope={}, version="v1")
            began = time.monotonic()
            hit = await self._caches[cache].get_or_load(
                key, partial(self._load, number), tags=QUESTIONS[number], lifetime=LIFETIME
            )
            self.count.sources[hit.source] += 1
            self._judge(cache, number, hit, began)
            await asyncio.sleep(random.random() * 0.004)

    async def _load(self, number: int) -> Loaded:
        """The versions of all tags at one moment, and bytes that cannot be compressed."""
        random = self._random
        await asyncio.sleep(random.random() * 0.005)
        seen = ",".join(str(self._versions[tag]) for tag in QUESTIONS[number])
        await asyncio.sleep(random.random() * random.choice((0.002, 0.03)))
        return Loaded(seen.encode() + b"|" + os.urandom(random.randrange(LARGEST)), 1)

    async def _order(self, cache: int, end: float) -> None:
        random = self._random
        while time.monotonic() < end:
            tag = random.choice(TAGS)
            self._versions[tag] += 1
            version = self._versions[tag]
            await asyncio.sleep(random.random() * 0.003)
            try:
                await self._caches[cache].invalidate((tag,), random.choice(list(Mode)))
            except StoreDown:  # the server's buffers leave no room just now
                self.count.refused += 1
            else:
                self._returned[cache][tag].append((version, time.monotonic()))
                self.count.orders += 1
            await asyncio.sleep(random.random() * 0.08)

    def _judge(self, cache: int, number: int, hit: Hit, began: float) -> None:
        versions = map(int, hit.body.partition(b"|")[0].split(b","))
        for tag, shown in zip(QUESTIONS[number], versions, strict=True):
            for giver, returned in enumerate(self._returned):
                first = next((at for version, at in returned[tag] if version > shown), began)
                if first < began:
                    own = giver == cache
                    within = not own and began - first < LEASE
                    (self.count.waited if within else self.count.late).append((began - first) * 1000)


@pytest.mark.parametrize("seed", [1])
async def test_no_read_is_late_while_everything_is_evicted(server: RunningRedis, seed: int) -> None:
    async with Redis.from_url(server.url, protocol=2) as admin:
        used = (await admin.info("memory"))["used_memory"]
        await admin.config_set("maxmemory-policy", "allkeys-lfu")
        await admin.config_set("maxmemory", str(used + ROOM))
        caches = [Cache(RedisStore(server.url, prefix=PREFIX)) for _ in range(CACHES)]
        try:
            count = await Crowd(caches, seed).run(SECONDS)
        finally:
            for cache in caches:
                await cache.close()
        evicted = (await admin.info("stats"))["evicted_keys"]

    assert count.late == []
    # Else nothing was at stake.
    assert evicted > 10
    assert count.orders > 10
    assert min(count.sources[source] for source in (Source.MEMORY, Source.REDIS, Source.DATABASE)) > 10
