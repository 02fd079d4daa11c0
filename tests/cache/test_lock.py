"""The lease on a real server."""

import asyncio
from collections.abc import Callable
from typing import TypeAlias

import pytest
from redis.asyncio import Redis

from cache import RedisStore, StoreDown, Timeouts
from tests.cache.fakes import PREFIX
from tests.cache.servers import RunningRedis

MakeStore: TypeAlias = Callable[..., RedisStore]

pytestmark = [pytest.mark.anyio, pytest.mark.integration]

LOCK = f"{PREFIX}:lock:a"


async def test_only_one_of_many_takes_it(make_store: MakeStore) -> None:
    leases = [make_store().lease("a") for _ in range(5)]

    taken = await asyncio.gather(*(lease.take() for lease in leases))

    assert sorted(taken) == [False] * 4 + [True]


async def test_leases_of_different_questions_are_different(store: RedisStore) -> None:
    assert await store.lease("a").take()
    assert await store.lease("b").take()


async def test_it_can_be_taken_again_when_it_was_let_go(store: RedisStore) -> None:
    first, second = store.lease("a"), store.lease("a")
    await first.take()

    await first.release(unshared=False)

    assert await second.take()


async def test_it_ends_by_itself(make_store: MakeStore) -> None:
    store = make_store(timeouts=Timeouts(lease=0.05))
    await store.lease("a").take()

    async with asyncio.timeout(5):
        while not await store.lease("a").take():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def test_it_is_held_longer_when_it_is_renewed(make_store: MakeStore, other_application: Redis) -> None:
    lease = make_store(timeouts=Timeouts(lease=5)).lease("a")
    await lease.take()
    await other_application.pexpire(LOCK, 1000)

    await lease.renew()

    assert 4000 < await other_application.pttl(LOCK) <= 5000


async def test_who_lost_it_neither_renews_nor_takes_away_what_is_anothers(
    store: RedisStore, other_application: Redis
) -> None:
    first, second = store.lease("a"), store.lease("a")
    await first.take()
    await other_application.delete(LOCK)
    await second.take()
    held = await other_application.get(LOCK)

    await first.renew()
    await first.release(unshared=False)

    assert await other_application.get(LOCK) == held


async def test_those_who_wait_are_told_that_nothing_was_kept(store: RedisStore) -> None:
    first, second = store.lease("a"), store.lease("a")
    await first.take()
    before = await second.is_unshared()

    await first.release(unshared=True)

    assert (before, await second.is_unshared()) == (False, True)
    assert not await second.take()


async def test_the_word_that_nothing_was_kept_is_soon_forgotten(
    store: RedisStore, other_application: Redis
) -> None:
    lease = store.lease("a")
    await lease.take()

    await lease.release(unshared=True)

    assert 0 < await other_application.pttl(LOCK) <= 1000


async def test_a_lease_that_was_lost_leaves_no_word(store: RedisStore, other_application: Redis) -> None:
    lease = store.lease("a")
    await lease.take()
    await other_application.delete(LOCK)

    await lease.release(unshared=True)

    assert await other_application.get(LOCK) is None


async def test_letting_go_of_what_was_never_held_is_no_fault(store: RedisStore) -> None:
    lease = store.lease("a")

    await lease.renew()
    await lease.release(unshared=False)

    assert await store.lease("a").take()


async def test_something_else_under_its_name_is_waited_for(
    store: RedisStore, other_application: Redis
) -> None:
    await other_application.set(LOCK, b"\xff garbage", px=50)

    assert not await store.lease("a").take()
    assert not await store.lease("a").is_unshared()


async def test_a_server_that_is_away_makes_it_fail_where_that_matters(server: RunningRedis) -> None:
    store = RedisStore(server.url, prefix=PREFIX)
    lease = store.lease("a")
    await lease.take()

    server.kill()
    with pytest.raises(StoreDown):
        await store.lease("b").take()
    with pytest.raises(StoreDown):
        await lease.is_unshared()
    await lease.renew()
    await lease.release(unshared=True)
    await lease.release(unshared=False)

    await store.close()
