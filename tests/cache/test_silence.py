"""Connections that die without a word, as behind a firewall that forgets them: nothing is refused or ends."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest

from cache import Breaker, Cache, Hit, Mode, RedisStore, Source, StoreDown, Timeouts
from cache.tracker import Rhythm
from tests.cache.fakes import PREFIX, Database, key, until
from tests.cache.relay import Relay
from tests.cache.room import LIFETIME, TAGS
from tests.cache.servers import RunningRedis

pytestmark = [pytest.mark.anyio, pytest.mark.integration]

QUICK = Timeouts(operation=0.1, order=0.2)
NAMES = [key(number).name for number in range(20)]


@pytest.fixture
async def relay(server: RunningRedis) -> AsyncIterator[Relay]:
    made = Relay(server.port)
    yield made
    await made.close()


@pytest.fixture
async def store(relay: Relay) -> AsyncIterator[RedisStore]:
    url = await relay.start()
    made = RedisStore(url, prefix=PREFIX, timeouts=QUICK, rhythm=Rhythm(beat=0.05, lease=0.3))
    yield made
    async with asyncio.timeout(10):
        await made.close()


async def works(store: RedisStore) -> None:
    async with asyncio.timeout(5):
        while True:
            with suppress(StoreDown):
                await asyncio.gather(*(store.look(name, TAGS) for name in NAMES))
                return
            await asyncio.sleep(0.01)


async def test_lines_of_data_that_fell_silent_are_given_up_though_the_server_is_heard(
    store: RedisStore, relay: Relay
) -> None:
    for _ in range(5):
        await asyncio.gather(*(store.put(name, b"x", 60_000) for name in NAMES))

    relay.cut(listening=False)
    lost = [asyncio.create_task(store.look(name, ("never asked for",))) for name in NAMES for _ in range(10)]
    await asyncio.wait(lost)

    assert all(each.exception() is None or isinstance(each.exception(), StoreDown) for each in lost)
    await works(store)


async def test_a_line_of_changes_that_fell_silent_is_found_out_within_a_lease(
    store: RedisStore, relay: Relay
) -> None:
    await works(store)

    relay.cut(listening=True)
    await until(lambda: store.known(()) is None)

    await works(store)
    await until(lambda: store.known(()) is not None)


@pytest.mark.parametrize("mode", list(Mode))
async def test_an_order_that_nobody_answers_fails_in_time(
    store: RedisStore, relay: Relay, mode: Mode
) -> None:
    await works(store)

    relay.cut(listening=False)
    relay.cut(listening=True)
    with pytest.raises(StoreDown):
        async with asyncio.timeout(2):
            await store.invalidate(["table:sales", "table:costs"], mode)

    await works(store)
    await store.invalidate(["table:sales", "table:costs"], mode)


async def test_silence_for_good_costs_a_moment_and_then_nothing(store: RedisStore, relay: Relay) -> None:
    await works(store)
    cache = Cache(store, breaker=Breaker(pause=60))
    database = Database()
    relay.cut_for_good()

    async def answer(number: int) -> Hit:
        return await cache.get_or_load(key(number), database.load, tags=TAGS, lifetime=LIFETIME)

    async with asyncio.timeout(5):
        hits = [await answer(number) for number in range(8)]
    loop = asyncio.get_running_loop()
    started = loop.time()
    hits += [await answer(number) for number in range(8, 108)]
    took = loop.time() - started

    assert {hit.source for hit in hits} == {Source.DATABASE}
    assert took < 1


async def test_a_token_that_was_on_its_way_when_it_changed_is_not_learnt(
    server: RunningRedis, relay: Relay
) -> None:
    url = await relay.start()
    slow = RedisStore(url, prefix=PREFIX, timeouts=Timeouts(operation=10))
    other = RedisStore(server.url, prefix=PREFIX)
    before = await slow.look(NAMES[0], ("table:sales",))
    await other.invalidate(["table:sales"], Mode.PURGE)
    await until(lambda: slow.known(("table:sales",)) is None)
    changes = slow.changes()

    relay.hold_answers()
    look = asyncio.create_task(slow.look(NAMES[0], ("table:sales",)))
    await asyncio.sleep(0.05)  # it has reached the server by then
    await other.invalidate(["table:sales"], Mode.PURGE)
    await until(lambda: slow.changes() > changes)
    relay.let_go()
    told = await look

    assert slow.known(("table:sales",)) is None
    assert told.stamps != before.stamps
    assert (await slow.look(NAMES[0], ("table:sales",))).stamps != told.stamps
    for store in (slow, other):
        await store.close()
