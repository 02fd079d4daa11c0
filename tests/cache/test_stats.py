import asyncio

import pytest

from cache import EventName, Freshness, Loaded, MissReason, Mode, Source, Use
from tests.cache.fakes import key
from tests.cache.room import THREE_STAGES, Room

pytestmark = pytest.mark.anyio


async def test_a_fresh_cache_has_a_hit_rate_of_zero() -> None:
    assert (await Room().cache.stats()).hit_rate == 0.0


async def test_the_hit_rate_counts_our_own_looks() -> None:
    room = Room()
    for _ in range(4):
        await room.answer()

    stats = await room.cache.stats()

    assert (stats.hits, stats.misses, stats.hit_rate) == (3, 1, 0.75)
    assert stats.misses_by_reason[MissReason.ABSENT] == 1
    assert stats.status == "up"


async def test_hits_are_counted_by_where_they_came_from() -> None:
    room = Room(tracks=True)
    await room.answer(1, lifetime=THREE_STAGES)
    await room.answer(1, lifetime=THREE_STAGES)
    other = Room(store=room.store)
    await other.answer(1, lifetime=THREE_STAGES)
    room.clock.turn(150)
    await other.answer(1, lifetime=THREE_STAGES)

    here, there = await room.cache.stats(), await other.cache.stats()

    assert here.hits_by_source == {Source.MEMORY: 1, Source.REDIS: 0, Source.STALE: 0}
    assert there.hits_by_source == {Source.MEMORY: 0, Source.REDIS: 1, Source.STALE: 1}


async def test_a_caller_who_joins_a_load_is_neither_a_hit_nor_a_miss() -> None:
    room = Room()

    await asyncio.gather(*(room.answer() for _ in range(60)))
    stats = await room.cache.stats()

    assert (stats.hits, stats.misses, stats.flights_joined) == (0, 1, 59)


async def test_each_miss_has_its_reason() -> None:
    room = Room()
    await room.answer()
    room.clock.turn(1)
    await room.answer(1, Freshness(use=Use.REFRESH))
    room.clock.turn(10)
    await room.answer(1, Freshness(max_age_ms=9_000))
    await room.cache.invalidate(["table:sales"], Mode.EXPIRE)
    await room.answer(1, lifetime=THREE_STAGES)
    room.clock.turn(200)
    await room.answer(1, lifetime=THREE_STAGES)
    room.store.kept[key().name] = (b"garbage", room.clock() + 100)
    await room.answer()
    room.store.down = True
    await room.answer()
    room.store.down = False

    missed = (await room.cache.stats()).misses_by_reason

    assert missed == {reason: reason is not MissReason.TOO_BIG for reason in MissReason}


async def test_what_was_too_big_is_told_as_the_reason_of_the_next_miss() -> None:
    room = Room(max_entry_bytes=10)
    room.database.body = b"x" * 11
    for _ in range(2):
        await room.answer()

    missed = (await room.cache.stats()).misses_by_reason

    assert (missed[MissReason.ABSENT], missed[MissReason.TOO_BIG]) == (1, 1)


async def test_what_was_too_big_once_and_kept_since_is_absent_when_it_is_gone() -> None:
    room = Room(max_entry_bytes=10)
    room.database.body = b"x" * 11
    await room.answer()
    room.database.body = b"small"
    await room.answer()
    room.store.kept.clear()
    await room.answer()

    missed = (await room.cache.stats()).misses_by_reason

    assert (missed[MissReason.ABSENT], missed[MissReason.TOO_BIG]) == (2, 1)


async def test_saved_time_is_what_the_load_had_cost() -> None:
    room = Room()

    async def quarter_second() -> Loaded:
        room.clock.turn(0.25)
        return Loaded(b"1", 1)

    for _ in range(3):
        await room.answer(load=quarter_second)

    assert (await room.cache.stats()).load_ms_saved == 500


async def test_memory_tells_what_it_holds() -> None:
    room = Room(memory_bytes=1_000_000)
    room.database.body = b"x" * 1000
    for number in range(3):
        await room.answer(number)

    memory = (await room.cache.stats()).memory

    assert (memory.entries, memory.max_bytes, memory.evictions) == (3, 1_000_000, 0)
    assert 3_000 < memory.bytes < 15_000


async def test_answers_that_are_bypassed_are_no_misses() -> None:
    room = Room()

    await room.answer(1, Freshness(use=Use.BYPASS))
    stats = await room.cache.stats()

    assert (stats.misses, stats.loads) == (0, 1)


async def test_each_step_is_told_once() -> None:
    room = Room()

    await room.answer()
    await room.answer()
    await room.cache.invalidate(["table:sales"], Mode.EXPIRE)
    await room.cache.delete(key().name)
    await room.cache.clear("analytics:*")

    assert room.seen.names() == [
        EventName.MISS,
        EventName.SET,
        EventName.HIT,
        EventName.INVALIDATED,
        EventName.DELETE,
        EventName.CLEAR,
    ]
