import asyncio

import pytest

from cache import Breaker, EventName, Freshness, MissReason, Mode, Source, StoreDown
from cache.guarded import Guarded
from tests.cache.fakes import FakeStore, Watcher, key, settle
from tests.cache.room import Room

pytestmark = pytest.mark.anyio


async def test_a_store_that_is_down_is_an_event_and_a_load() -> None:
    room = Room()
    room.store.down = True

    hits = [await room.answer() for _ in range(20)]
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
    hit = await room.answer()

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
    with pytest.raises(StoreDown):
        await room.cache.invalidate(["table:sales"], Mode.EXPIRE)


async def test_an_operator_is_not_put_off_by_the_breaker() -> None:
    room = Room()
    room.store.down = True
    for _ in range(5):
        await room.answer()
    room.store.down = False

    assert await room.cache.clear("analytics:*") == 0
    assert room.seen.count(EventName.STORE_BACK) == 1


async def test_notes_need_the_store() -> None:
    room = Room()
    room.store.down = True

    with pytest.raises(StoreDown):
        await room.cache.note("traffic:1", "text", 1000)
    with pytest.raises(StoreDown):
        await room.cache.notes("*")


async def test_a_store_that_failed_the_look_is_not_waited_for_twice() -> None:
    room = Room()
    room.store.down = True

    await room.answer()

    assert room.store.calls == ["look"]


async def test_a_store_that_failed_the_turn_is_not_waited_for_twice() -> None:
    room = Room()
    room.store.failing = {"take"}
    room.store.put_gate.clear()

    hit = await room.answer()

    assert hit.source is Source.DATABASE
    assert key().name not in room.store.kept  # the write goes on by itself
    room.store.put_gate.set()


async def test_a_store_that_refuses_writes_costs_an_event_and_no_error() -> None:
    room = Room()
    room.store.refuses_writes = True

    hits = [await room.answer() for _ in range(10)]

    assert {hit.source for hit in hits} == {Source.DATABASE}
    assert room.seen.count(EventName.NOT_STORED) == 10
    assert room.seen.count(EventName.STORE_LOST) == 0


async def test_what_was_current_when_the_store_was_last_heard_is_shown_flagged_while_it_is_down() -> None:
    room = Room(tracks=True)
    await room.answer()
    room.clock.turn(7)

    room.store.down = True
    hit = await room.answer()
    stats = await room.cache.stats()

    assert (hit.source, hit.age_ms) == (Source.STALE, 7000)
    assert room.database.loads == 1
    assert stats.hits_by_source[Source.STALE] == 1
    assert stats.misses == 1


async def test_what_is_older_than_the_caller_takes_is_not_shown_while_the_store_is_down() -> None:
    room = Room(tracks=True)
    await room.answer()
    room.clock.turn(7)

    room.store.down = True

    assert (await room.answer(1, Freshness(max_age_ms=6999))).source is Source.DATABASE
    assert (await room.answer(1, Freshness(max_age_ms=7000))).source is Source.STALE


async def test_what_was_invalidated_here_is_not_shown_while_the_store_is_down() -> None:
    room = Room(tracks=True)
    await room.answer()
    await room.cache.invalidate(["table:sales"], Mode.EXPIRE)

    room.store.down = True

    assert (await room.answer()).source is Source.DATABASE


async def test_a_load_that_is_joined_while_nobody_tells_of_changes_is_flagged_when_it_is_old() -> None:
    room = Room()
    room.store.down = True
    room.database.gate.clear()
    leader = room.ask()
    await room.database.started.wait()

    room.clock.turn(1.0)
    soon = room.ask()
    await settle()
    room.clock.turn(0.1)
    late = room.ask()
    await settle()
    room.database.gate.set()

    assert ((await leader).source, (await leader).age_ms) == (Source.DATABASE, 0)
    assert ((await soon).source, (await soon).age_ms) == (Source.DATABASE, 1000)
    assert ((await late).source, (await late).age_ms) == (Source.STALE, 1100)
    assert room.database.loads == 1


async def test_a_store_left_alone_is_not_called_with_a_lease_either() -> None:
    store = FakeStore()
    guarded = Guarded(store, Breaker(failures=2, clock=store.clock), Watcher())
    lease = guarded.lease("a")
    store.failing = {"take", "put"}
    for operation in (lambda: lease.look("a", ()), lambda: lease.put("a", b"", 1)):
        with pytest.raises(StoreDown, match="took it down"):
            await operation()
    store.calls.clear()

    for operation in (lambda: lease.look("a", ()), lambda: lease.put("a", b"", 1)):
        with pytest.raises(StoreDown, match="left alone"):
            await operation()

    assert store.calls == []
