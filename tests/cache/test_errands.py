"""Errands travel with looks: what must be done soon, and is not worth a trip."""

import asyncio
from contextlib import suppress

import pytest
from redis.asyncio import Redis

from cache import RedisStore, StoreDown, Timeouts
from cache.looks import IDLE_SECONDS
from tests.cache.fakes import PREFIX, key, settle
from tests.cache.road import NEVER, Road
from tests.cache.servers import RunningRedis

pytestmark = pytest.mark.anyio


async def test_an_errand_goes_along_with_the_next_look() -> None:
    road = Road()

    errand = road.send_on("UNLINK", "x")
    await asyncio.sleep(0)
    before = len(road.trips)
    await road.ask("a")
    await errand

    assert before == 0
    assert road.errands == [(("UNLINK", "x"),)]
    assert road.trips == [(("a",), ())]


async def test_an_errand_for_which_no_look_comes_goes_by_itself() -> None:
    road = Road()

    async with asyncio.timeout(5):
        await asyncio.gather(road.send_on("UNLINK", "x"), road.send_on("UNLINK", "y"))

    assert road.errands == [(("UNLINK", "x"), ("UNLINK", "y"))]
    assert road.trips == [((), ())]


async def test_an_errand_does_not_wait_for_a_trip_that_is_late() -> None:
    road = Road(NEVER)
    (late,) = await road.held_up(1)

    errand = road.send_on("UNLINK", "x")
    await asyncio.sleep(3 * IDLE_SECONDS)

    assert len(road.trips) == 2
    road.gate.set()
    await asyncio.gather(late, errand)


async def test_a_look_that_comes_after_an_errand_waits_no_longer_for_it() -> None:
    road = Road()
    road.gate.clear()
    first = road.ask("first")
    await settle()
    errand = road.send_on("UNLINK", "x")
    await asyncio.sleep(0)

    look = road.ask("a")
    road.gate.set()
    await asyncio.gather(first, look, errand)

    assert road.trips == [(("first",), ()), (("a",), ())]


async def test_many_errands_wait_for_nothing() -> None:
    road = Road()

    errands = [road.send_on("UNLINK", str(number)) for number in range(40)]
    await settle()

    assert [len(each) for each in road.errands] == [32]
    await asyncio.gather(*errands)
    assert sum(map(len, road.errands)) == 40


async def test_an_errand_whose_trip_fails_is_told() -> None:
    road = Road()
    road.error = StoreDown("it is full")

    with pytest.raises(StoreDown, match="full"):
        await road.looks.errand(("UNLINK", "x"))


async def test_an_errand_is_not_done_after_closing() -> None:
    road = Road()
    waiting = road.send_on("UNLINK", "x")
    await asyncio.sleep(0)

    await road.looks.close()

    with pytest.raises(StoreDown):
        await waiting
    with pytest.raises(StoreDown):
        await road.looks.errand(("UNLINK", "y"))
    assert road.trips == []


@pytest.mark.integration
async def test_the_replies_to_errands_are_nobody_elses(server: RunningRedis, admin: Redis) -> None:
    store = RedisStore(server.url, prefix=PREFIX)
    name, lease = key().name, store.lease("a")
    await store.put(name, b"body", 60_000)
    await store.look(name, ("t",))
    await lease.take()

    release, look = lease.release(unshared=True), store.look(name, ("t",))
    _, seen = await asyncio.gather(release, look)

    assert getattr(seen.found, "body", None) == b"body"
    assert await admin.get(f"{PREFIX}:lock:a") == b"unshared"
    await store.close()


@pytest.mark.integration
async def test_a_lease_that_a_stalled_server_gave_to_nobody_is_let_go_of_with_the_next_trip(
    server: RunningRedis, admin: Redis
) -> None:
    store = RedisStore(server.url, prefix=PREFIX, timeouts=Timeouts(operation=0.2))
    name, other = key(1).name, key(2).name
    await store.look(name, ())
    lease = store.lease(f"{{{name}}}")

    server.freeze()
    with pytest.raises(StoreDown):
        await lease.look(name, ())
    await lease.release(unshared=False)
    server.thaw()
    async with asyncio.timeout(5):
        while not await admin.exists(f"{PREFIX}:lock:{{{name}}}"):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    while True:  # the first connection may be a broken one
        with suppress(StoreDown):
            await store.look(other, ())
            break

    assert not await admin.exists(f"{PREFIX}:lock:{{{name}}}")
    assert not store._owed
    await store.close()
