from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest
from redis.asyncio import Redis

from cache import RedisStore, Timeouts
from servery.embedded.binaries import find_valkey
from tests.cache.fakes import PREFIX
from tests.cache.scene import Scene
from tests.cache.servers import RunningRedis


@pytest.fixture
def server() -> Iterator[RunningRedis]:
    """A real server of this test's own, for the test to freeze and to kill."""
    running = RunningRedis(str(find_valkey(None).path))
    running.start()
    yield running
    running.kill()


@pytest.fixture
async def make_store(redis_url: str) -> AsyncIterator[Callable[..., RedisStore]]:
    """Makes stores, of our prefix if not told otherwise, and closes them after the test."""
    made: list[RedisStore] = []

    def make(prefix: str = PREFIX, **options: Any) -> RedisStore:
        # Where no time is the subject, a busy machine is no defect.
        options.setdefault("timeouts", Timeouts(operation=2))
        made.append(RedisStore(redis_url, prefix=prefix, **options))
        return made[-1]

    yield make
    for store in made:
        await store.close()


@pytest.fixture
def store(make_store: Callable[..., RedisStore]) -> RedisStore:
    return make_store()


@pytest.fixture
async def other_application(redis_url: str) -> AsyncIterator[Redis]:
    """A client that is not ours, on the same server."""
    async with Redis.from_url(redis_url, protocol=2) as client:
        yield client


@pytest.fixture
async def admin(server: RunningRedis) -> AsyncIterator[Redis]:
    """A client of `server` that sees and does what it likes."""
    async with Redis.from_url(server.url, protocol=2) as client:
        yield client


@pytest.fixture
async def scene(server: RunningRedis) -> AsyncIterator[Scene]:
    """A tracker of `server`."""
    made = Scene(server)
    yield made
    await made.close()
