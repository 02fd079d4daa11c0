"""What a question costs while its Redis is refused, frozen, killed or restarted."""

import asyncio
import time
from collections.abc import AsyncIterator

import pytest

from cache import Cache, EventName, Hit, Missing, RedisStore, Source, StoreDown, Timeouts
from tests.cache.fakes import PREFIX, Database, Watcher, key
from tests.cache.room import TTL
from tests.cache.servers import RunningRedis

pytestmark = [pytest.mark.anyio, pytest.mark.integration]

NOISE = 1.0
"""Seconds that a busy machine may add to any measurement."""


class Service:
    """A cache on a real server."""

    def __init__(self, server: RunningRedis) -> None:
        self.database = Database()
        self.seen = Watcher()
        self.cache = Cache(RedisStore(server.url, prefix=PREFIX), observe=self.seen)

    async def answer(self, number: int = 1) -> Hit:
        return await self.cache.get_or_load(key(number), self.database.load, ttl=TTL)

    async def seconds(self, number: int = 1) -> float:
        started = time.perf_counter()
        await self.answer(number)
        return time.perf_counter() - started

    async def until_redis_answers(self) -> float:
        """Ask, as users do, until an answer comes from Redis."""
        started = time.perf_counter()
        while (await self.answer()).source is not Source.REDIS:
            assert time.perf_counter() - started < 10
            await asyncio.sleep(0.02)
        return time.perf_counter() - started


@pytest.fixture
async def service(server: RunningRedis) -> AsyncIterator[Service]:
    made = Service(server)
    yield made
    await made.cache.close()


async def test_a_second_question_is_answered_by_redis(service: Service) -> None:
    first, second = await service.answer(), await service.answer()

    assert (first.source, second.source) == (Source.DATABASE, Source.REDIS)
    assert second.age_ms >= 0
    assert second.body == first.body


async def test_sixty_callers_on_a_cold_key_run_one_load(service: Service) -> None:
    await asyncio.gather(*(service.answer() for _ in range(60)))

    assert service.database.loads == 1


async def test_redis_may_be_down_at_the_start_and_come_later(server: RunningRedis) -> None:
    server.kill()
    service = Service(server)
    hits = [await service.answer() for _ in range(10)]

    server.start()
    back = await service.until_redis_answers()

    assert {hit.source for hit in hits} == {Source.DATABASE}
    assert back < 2 + NOISE
    assert service.seen.count(EventName.STORE_LOST) == 1
    assert service.seen.count(EventName.STORE_BACK) == 1
    await service.cache.close()


async def test_a_killed_redis_is_used_again_when_it_is_back(service: Service, server: RunningRedis) -> None:
    await service.answer()
    server.kill()
    hits = [await service.answer() for _ in range(10)]

    server.start()
    back = await service.until_redis_answers()

    assert {hit.source for hit in hits} == {Source.DATABASE}
    assert back < 2 + NOISE


async def test_connections_that_a_restart_broke_cost_no_failure(server: RunningRedis) -> None:
    store = RedisStore(server.url, prefix=PREFIX, timeouts=Timeouts(operation=5))
    names = [key(number).name for number in range(20)]
    await asyncio.gather(*(store.get(name) for name in names))

    server.kill()
    server.start()
    found = await asyncio.gather(*(store.get(name) for name in names), return_exceptions=True)
    await store.close()

    assert found == [Missing.ABSENT] * 20


async def test_a_frozen_redis_costs_a_quarter_second_and_then_nothing(
    service: Service, server: RunningRedis
) -> None:
    await service.answer()
    server.freeze()

    until_open = [await service.seconds() for _ in range(5)]
    while_open = [await service.seconds() for _ in range(20)]

    assert max(until_open) < 0.25 + NOISE
    assert sorted(while_open)[10] < 0.02
    assert service.seen.count(EventName.STORE_LOST) == 1


async def test_a_thawed_redis_is_used_again(service: Service, server: RunningRedis) -> None:
    await service.answer()
    server.freeze()
    for _ in range(6):
        await service.answer()

    server.thaw()

    assert await service.until_redis_answers() < 2 + NOISE


async def test_many_questions_at_once_are_answered_while_redis_is_frozen(
    service: Service, server: RunningRedis
) -> None:
    await service.answer()
    server.freeze()

    started = time.perf_counter()
    hits = await asyncio.gather(*(service.answer(number) for number in range(100)))
    took = time.perf_counter() - started

    assert {hit.source for hit in hits} == {Source.DATABASE}
    assert took < 0.25 + NOISE
    assert service.database.most_at_once <= 8


async def test_an_operator_is_told_when_redis_is_away(service: Service, server: RunningRedis) -> None:
    server.kill()

    with pytest.raises(StoreDown):
        await service.cache.clear(f"{PREFIX}:*")
    with pytest.raises(StoreDown):
        await service.cache.delete(key().name)
    assert (await service.cache.stats()).status == "down"


async def test_closing_is_quick_while_redis_is_frozen(service: Service, server: RunningRedis) -> None:
    await service.answer()
    server.freeze()

    started = time.perf_counter()
    await service.cache.close()

    assert time.perf_counter() - started < NOISE
