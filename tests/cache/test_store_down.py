import asyncio

import pytest

from cache import EventName, MissReason, Source, StoreDown
from tests.cache.fakes import key
from tests.cache.room import TTL, Room

pytestmark = pytest.mark.anyio


async def test_a_store_that_is_down_is_an_event_and_a_load() -> None:
    room = Room()
    room.store.down = True

    hits = [await room.cache.get_or_load(key(), room.database.load, ttl=TTL) for _ in range(20)]
    stats = await room.cache.stats()

    assert {hit.source for hit in hits} == {Source.DATABASE}
    assert stats.status == "down"
    assert stats.server is None
    assert stats.misses_by_reason[MissReason.STORE_DOWN] == 20
    assert room.seen.count(EventName.STORE_LOST) == 1


async def test_a_store_left_alone_is_not_called() -> None:
    room = Room()
    room.store.down = True
    for _ in range(5):
        await room.answer()
    room.store.calls.clear()

    await room.answer()

    assert room.store.calls == []


async def test_the_store_is_used_again_when_it_is_back() -> None:
    room = Room()
    room.store.down = True
    for _ in range(10):
        await room.answer()

    room.store.down = False
    room.clock.turn(1.01)
    await room.answer()
    hit = await room.cache.get_or_load(key(), room.database.load, ttl=TTL)

    assert hit.source is Source.REDIS
    assert room.seen.count(EventName.STORE_LOST) == 1
    assert room.seen.count(EventName.STORE_BACK) == 1


async def test_callers_share_a_load_while_the_store_is_down() -> None:
    room = Room()
    room.store.down = True

    await asyncio.gather(*(room.answer() for _ in range(60)))

    assert room.database.loads == 1


async def test_loads_are_few_at_a_time_while_the_store_is_down() -> None:
    room = Room(loads_while_down=3)
    room.store.down = True

    await asyncio.gather(*(room.answer(number) for number in range(20)))

    assert room.database.loads == 20
    assert room.database.most_at_once == 3


async def test_loads_are_not_held_back_while_the_store_is_up() -> None:
    room = Room(loads_while_down=3)

    await asyncio.gather(*(room.answer(number) for number in range(20)))

    assert room.database.most_at_once == 20


async def test_an_operator_learns_that_nothing_was_deleted() -> None:
    room = Room()
    room.store.down = True

    with pytest.raises(StoreDown):
        await room.cache.delete(key().name)
    with pytest.raises(StoreDown):
        await room.cache.clear("analytics:*")


async def test_an_operator_is_not_put_off_by_the_breaker() -> None:
    room = Room()
    room.store.down = True
    for _ in range(5):
        await room.answer()
    room.store.down = False

    assert await room.cache.clear("analytics:*") == 0
    assert room.seen.count(EventName.STORE_BACK) == 1


async def test_a_store_that_failed_the_look_is_not_waited_for_twice() -> None:
    room = Room()
    room.store.down = True

    await room.answer()

    assert room.store.calls == ["get"]


async def test_a_store_that_refuses_writes_costs_an_event_and_no_error() -> None:
    room = Room()
    room.store.refuses_writes = True

    hits = [await room.answer() for _ in range(10)]

    assert {hit.source for hit in hits} == {Source.DATABASE}
    assert room.seen.count(EventName.NOT_STORED) == 10
    assert room.seen.count(EventName.STORE_LOST) == 0
