import asyncio

import pytest

from cache import CacheKey, EventName, LoadCancelled, Loaded, MissReason, Source
from tests.cache.fakes import key, settle
from tests.cache.room import LIFETIME, Room

pytestmark = pytest.mark.anyio


async def test_a_second_question_is_answered_from_the_store() -> None:
    room = Room()

    first = await room.answer()
    room.clock.turn(42)
    second = await room.answer()

    assert (first.source, first.age_ms, first.rows, first.shared) == (Source.DATABASE, 0, 7, False)
    assert (second.source, second.age_ms, second.rows, second.body) == (Source.REDIS, 42_000, 7, first.body)
    assert room.database.loads == 1


async def test_an_answer_is_forgotten_when_its_time_is_over() -> None:
    room = Room()
    await room.answer()

    room.clock.turn(300)
    await room.answer()

    assert room.database.loads == 2


async def test_age_counts_from_the_start_of_the_load() -> None:
    room = Room()

    async def slow() -> Loaded:
        room.clock.turn(10)
        return Loaded(b"1", 1)

    await room.answer(load=slow)
    hit = await room.answer(load=slow)
    room.clock.turn(290)

    assert hit.age_ms == 10_000
    assert (await room.answer(load=slow)).source is Source.DATABASE


async def test_an_answer_older_than_its_time_is_served_but_not_kept() -> None:
    room = Room()

    async def slower_than_its_time() -> Loaded:
        room.clock.turn(301)
        return Loaded(b"1", 1)

    hit = await room.answer(load=slower_than_its_time)

    assert hit.body == b"1"
    assert room.store.kept == {}


async def test_an_empty_answer_and_a_null_are_values() -> None:
    for body in (b"", b"null"):
        room = Room()
        room.database.body = body

        await room.answer()
        hit = await room.answer()

        assert (hit.source, hit.body) == (Source.REDIS, body)


async def test_sixty_callers_on_a_cold_key_run_one_load_and_one_write() -> None:
    room = Room()

    hits = await asyncio.gather(*(room.answer() for _ in range(60)))
    stats = await room.cache.stats()

    assert room.database.loads == 1
    assert room.store.calls.count("put") == 1
    assert [hit.shared for hit in hits].count(True) == 59
    assert (stats.loads, stats.flights_joined) == (1, 59)


async def test_two_questions_with_one_md5_never_share_an_answer() -> None:
    room = Room()
    one, other = key(1), key(2)
    collided = CacheKey(one.name, other.sha256, other.scope, other.text)

    async def load_other() -> Loaded:
        return Loaded(b"other", 1)

    hits = await asyncio.gather(
        room.cache.get_or_load(one, room.database.load, lifetime=LIFETIME),
        room.cache.get_or_load(collided, load_other, lifetime=LIFETIME),
    )
    later = await room.cache.get_or_load(one, room.database.load, lifetime=LIFETIME)

    assert [hit.body for hit in hits] == [room.database.body, b"other"]
    assert later.body == room.database.body


async def test_an_error_is_raised_and_never_kept() -> None:
    room = Room()
    room.database.error = OSError("the database said no")

    with pytest.raises(OSError, match="said no"):
        await room.answer()
    room.database.error = None
    await room.answer()
    stats = await room.cache.stats()

    assert room.database.loads == 2
    assert (stats.loads, stats.loads_failed) == (2, 1)


async def test_the_last_caller_out_stops_the_load() -> None:
    room = Room()
    room.database.gate.clear()
    caller = room.ask()
    await room.database.started.wait()

    caller.cancel()
    await settle()

    assert room.database.cancelled == 1
    assert room.store.kept == {}
    assert room.store.leases == set()


async def test_a_cancelled_caller_leaves_the_others_their_load() -> None:
    room = Room()
    room.database.gate.clear()
    leader = room.ask()
    await room.database.started.wait()
    follower = room.ask()
    await settle()

    leader.cancel()
    await settle()
    room.database.gate.set()

    assert (await follower).body == room.database.body
    assert room.database.loads == 1


async def test_a_caller_cancelled_at_any_moment_leaves_nothing_behind() -> None:
    before = asyncio.all_tasks()
    for pauses in range(40):
        room = Room()
        caller = room.ask()
        for _ in range(pauses):
            await asyncio.sleep(0)
        caller.cancel()
        await settle()

        assert room.store.leases == set()
        assert room.database.running == 0
        assert asyncio.all_tasks() == before


async def test_a_write_outlives_the_caller_who_left() -> None:
    room = Room()
    room.store.put_gate.clear()
    caller = room.ask()
    await settle()

    caller.cancel()
    await settle()
    room.store.put_gate.set()
    await settle()

    assert key().name in room.store.kept


async def test_a_body_over_the_limit_is_served_and_counted_but_not_kept() -> None:
    room = Room(max_entry_bytes=10)
    room.database.body = b"x" * 11

    await room.answer()
    await room.answer()
    stats = await room.cache.stats()

    assert room.store.kept == {}
    assert (stats.too_big, stats.loads) == (2, 2)
    assert room.seen.count(EventName.NOT_STORED) == 2


async def test_a_body_at_the_limit_is_kept() -> None:
    room = Room(max_entry_bytes=2000)
    room.database.body = b"x" * 2000

    await room.answer()
    hit = await room.answer()

    assert hit.source is Source.REDIS


@pytest.mark.parametrize("garbage", [b"", b"garbage", b"{}\n", b'{"format":2}\nbody', b"\x80\x04pickle."])
async def test_garbage_is_a_miss_and_is_replaced(garbage: bytes) -> None:
    room = Room()
    room.store.kept[key().name] = (garbage, room.clock() + 100)

    first = await room.answer()
    second = await room.answer()
    stats = await room.cache.stats()

    assert (first.source, second.source) == (Source.DATABASE, Source.REDIS)
    assert stats.misses_by_reason[MissReason.DAMAGED] == 1


async def test_an_answer_with_thousands_of_tags_is_found_again_or_not_written() -> None:
    room = Room()
    many = [f"city:a city with a rather long name {number}" for number in range(5000)]

    for _ in range(3):
        hit = await room.answer(tags=many)

    assert hit.source is Source.REDIS or room.store.lives == []


async def test_close_finishes_writes_and_cancels_loads() -> None:
    room = Room()
    room.store.put_gate.clear()
    writing = room.ask(1)
    await settle()
    room.database.gate.clear()
    loading = room.ask(2)
    await settle()

    closing = asyncio.create_task(room.cache.close())
    await settle()
    room.store.put_gate.set()
    await closing

    assert key(1).name in room.store.kept
    assert room.store.closed
    assert room.database.cancelled == 1
    for caller in (writing, loading):
        with pytest.raises(LoadCancelled):
            await caller


async def test_a_closed_cache_loads_nothing_any_more() -> None:
    room = Room()
    await room.cache.close()

    with pytest.raises(LoadCancelled, match="closed"):
        await room.answer()

    assert room.database.loads == 0
