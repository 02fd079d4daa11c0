"""The lease on a real server."""

import asyncio
from collections.abc import Callable
from typing import TypeAlias

import pytest
from redis.asyncio import Redis
from redis.crc import key_slot

from cache import Found, Look, Missing, RedisStore, StoreDown, Timeouts
from cache.store import Claim, LoadLease
from tests.cache.fakes import PREFIX, key
from tests.cache.servers import RunningRedis

MakeStore: TypeAlias = Callable[..., RedisStore]

pytestmark = [pytest.mark.anyio, pytest.mark.integration]

LOCK = f"{PREFIX}:lock:a"
NAME = key().name
TAGS = ("table:sales",)


async def look_with(lease: LoadLease) -> Look:
    return await lease.look(NAME, TAGS)


async def claim_of(lease: LoadLease) -> Claim | None:
    return (await look_with(lease)).claim


async def test_only_one_of_many_takes_it(make_store: MakeStore) -> None:
    leases = [make_store().lease("a") for _ in range(5)]

    taken = await asyncio.gather(*(lease.take() for lease in leases))

    assert sorted(taken) == [False] * 4 + [True]


async def test_of_those_who_look_with_it_one_has_it(make_store: MakeStore) -> None:
    stores = make_store(), make_store()
    leases = [store.lease("a") for store in stores for _ in range(3)]

    looks = await asyncio.gather(*map(look_with, leases))

    assert sorted(str(look.claim) for look in looks) == [str(Claim.OURS), *[str(Claim.THEIRS)] * 5]
    assert {look.found for look in looks} == {Missing.ABSENT}


async def test_leases_of_different_questions_are_different(store: RedisStore) -> None:
    assert await store.lease("a").take()
    assert await claim_of(store.lease("b")) is Claim.OURS


async def test_it_can_be_taken_again_when_it_was_let_go(store: RedisStore) -> None:
    first, second = store.lease("a"), store.lease("a")
    await first.take()

    await first.release(unshared=False)

    assert await second.take()


async def test_who_puts_the_answer_lets_go(store: RedisStore, other_application: Redis) -> None:
    first, second = store.lease("a"), store.lease("a")
    await first.take()

    await first.put(NAME, b"answer", 60_000)
    look = await look_with(second)

    assert look.claim is Claim.OURS
    assert isinstance(look.found, Found)
    assert (look.found.body, look.found.remaining_ms > 59_000) == (b"answer", True)
    assert 0 < await other_application.pttl(NAME) <= 60_000


async def test_an_answer_is_put_though_the_lease_is_lost(store: RedisStore, other_application: Redis) -> None:
    lease = store.lease("a")
    await lease.take()
    await other_application.set(LOCK, b"another's", px=60_000)

    await lease.put(NAME, b"answer", 60_000)

    assert await other_application.get(NAME) == b"answer"
    assert await other_application.get(LOCK) == b"another's"


async def test_a_full_server_keeps_nothing_and_shows_what_it_has(server: RunningRedis, admin: Redis) -> None:
    store = RedisStore(server.url, prefix=PREFIX)
    lease = store.lease("a")
    await look_with(lease)
    await admin.config_set("maxmemory", "1")

    with pytest.raises(StoreDown, match="maxmemory"):
        await lease.put(NAME, b"answer", 60_000)
    refused, look = await asyncio.gather(look_with(store.lease("b")), store.look(NAME, TAGS))

    assert (refused.claim, look.claim) == (Claim.UNSHARED, None)
    assert refused.found is look.found is Missing.ABSENT
    await store.close()


async def test_it_ends_by_itself(make_store: MakeStore) -> None:
    store = make_store(timeouts=Timeouts(lease=0.3))
    await store.lease("a").take()

    async with asyncio.timeout(5):
        while not await store.lease("a").take():  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    refused = await store.lease("a").take()

    assert not refused, "it was taken anew"


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
    await other_application.pexpire(LOCK, 1000)

    await first.renew()
    left_ms = await other_application.pttl(LOCK)
    await first.release(unshared=False)

    assert left_ms <= 1000
    assert await other_application.get(LOCK) == held


async def test_those_who_wait_are_told_that_nothing_was_kept(store: RedisStore) -> None:
    first, second = store.lease("a"), store.lease("a")
    await first.take()
    before = await claim_of(second)

    await first.release(unshared=True)

    assert (before, await claim_of(second)) == (Claim.THEIRS, Claim.UNSHARED)
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


async def test_an_attempt_whose_reply_was_lost_is_known_again(store: RedisStore) -> None:
    lease = store.lease("a")
    await lease.take()

    assert await claim_of(lease) is Claim.OURS


async def test_something_else_under_its_name_is_waited_for(
    store: RedisStore, other_application: Redis
) -> None:
    await other_application.set(LOCK, b"\xff garbage", px=5000)

    assert not await store.lease("a").take()
    assert await claim_of(store.lease("a")) is Claim.THEIRS


async def test_what_nobody_will_take_away_is_not_waited_for(
    store: RedisStore, other_application: Redis
) -> None:
    await other_application.set(LOCK, b"for ever")
    without_end = await claim_of(store.lease("a"))
    await other_application.delete(LOCK)
    await other_application.rpush(LOCK, "a list")

    assert without_end is Claim.UNSHARED
    assert await claim_of(store.lease("a")) is Claim.UNSHARED


async def test_in_a_cluster_it_lies_on_the_node_of_the_answer_that_it_names(store: RedisStore) -> None:
    for number in range(20):
        name = key(number).name
        (_, lock, *_), _ = store.lease(f"{{{name}}}:12345678").attempt
        assert key_slot(str(lock).encode()) == key_slot(name.encode())


async def test_a_server_that_is_away_makes_it_fail_where_that_matters(server: RunningRedis) -> None:
    store = RedisStore(server.url, prefix=PREFIX)
    lease = store.lease("a")
    await lease.take()

    server.kill()
    with pytest.raises(StoreDown):
        await store.lease("b").take()
    with pytest.raises(StoreDown):
        await look_with(store.lease("b"))
    with pytest.raises(StoreDown):
        await lease.put(NAME, b"answer", 60_000)
    await lease.renew()
    await lease.release(unshared=True)
    await lease.release(unshared=False)

    await store.close()
