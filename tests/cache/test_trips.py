"""How often a question goes to the server: each time costs more than all that is done there."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from cache import Cache, Limits, Mode, RedisStore, Source
from tests.cache.fakes import PREFIX, Database, key
from tests.cache.mistreat import SpoilingProxy
from tests.cache.room import LIFETIME, TAGS
from tests.cache.servers import RunningRedis
from tests.proxy import Link

pytestmark = [pytest.mark.anyio, pytest.mark.integration]


class Counting(SpoilingProxy):
    """Counts what is sent on connections of data, not what is on its way at the same time."""

    trips = 0

    def _overhear(self, link: Link, question: bytes) -> None:
        super()._overhear(link, question)
        self.trips += link not in self._listening


class Asked:
    """A cache without memory, behind a counting proxy."""

    def __init__(self, proxy: Counting, url: str) -> None:
        self._proxy = proxy
        self._database = Database()
        self.cache = Cache(RedisStore(url, prefix=PREFIX), limits=Limits(memory_bytes=0))

    async def answer(self, number: int) -> tuple[Source, int]:
        """Where it came from, and how many trips that took."""
        before = self._proxy.trips
        hit = await self.cache.get_or_load(key(number), self._database.load, tags=TAGS, lifetime=LIFETIME)
        return hit.source, self._proxy.trips - before


@pytest.fixture
async def proxy(server: RunningRedis) -> AsyncIterator[Counting]:
    made = Counting("127.0.0.1", server.port)
    await made.start()
    yield made
    await made.stop()


@pytest.fixture
async def asked(server: RunningRedis, proxy: Counting) -> AsyncIterator[Asked]:
    made = Asked(proxy, proxy.url(server.url))
    await made.answer(0)
    yield made
    await made.cache.close()


async def test_a_hit_takes_one_trip(asked: Asked) -> None:
    assert await asked.answer(0) == (Source.REDIS, 1)


async def test_a_miss_takes_the_lease_and_looks_then_puts_and_lets_go(asked: Asked, admin: Redis) -> None:
    """Nobody has asked it yet, so its first look makes a token, too."""
    assert await asked.answer(1) == (Source.DATABASE, 2)
    assert await admin.keys(f"{PREFIX}:lock:*") == []


async def test_the_lease_of_a_hit_is_let_go_of(asked: Asked, admin: Redis) -> None:
    await asked.answer(0)
    await asyncio.sleep(0.1)

    assert await admin.keys(f"{PREFIX}:lock:*") == []


async def test_after_an_invalidation_a_miss_looks_before_it_knows_which_lease_to_take(asked: Asked) -> None:
    await asked.cache.invalidate(TAGS, Mode.PURGE)

    assert await asked.answer(0) == (Source.DATABASE, 3)
