"""The figures of several processes: each tells its own, and whoever is asked adds them up."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest

from cache import Cache, Lifetime, RedisStore, StoreDown
from cache.hit import Loaded
from resolvers.shared_figures import AT_LEAST_EVERY_S, HEARD_FOR_S, SharedFigures, told_by_all
from tests.cache.fakes import PREFIX, key
from tests.cache.room import Room
from tests.db.eventually import eventually

pytestmark = pytest.mark.anyio


def shared(room: Room) -> SharedFigures:
    return SharedFigures(room.cache, clock=room.clock)


async def test_a_process_alone_tells_its_own_figures() -> None:
    room = Room()
    for _ in range(4):
        await room.answer()

    figures = await shared(room).figures()

    assert (figures.status, figures.workers) == ("up", 1)
    assert (figures.hits, figures.misses, figures.hit_rate) == (3, 1, 0.75)


async def test_before_the_first_question_nothing_is_divided_by_nothing() -> None:
    figures = await shared(Room()).figures()

    assert (figures.hits, figures.misses, figures.hit_rate) == (0, 0, 0.0)
    assert {each.p99_ms for each in figures.latencies} == {None}


async def test_what_another_process_told_is_added() -> None:
    here = Room()
    there = Room(store=here.store)
    await there.answer()
    await here.answer()
    await here.answer()
    await shared(there).tell()

    figures = await shared(here).figures()

    assert figures.workers == 2
    assert (figures.hits, figures.misses, figures.loads) == (2, 1, 1)
    assert figures.memory.max_bytes == 2 * here.cache.counts().memory.max_bytes


async def test_its_own_note_is_not_counted_twice() -> None:
    room = Room()
    await room.answer()
    figures = shared(room)
    await figures.tell()

    told = await figures.figures()

    assert (told.workers, told.misses) == (1, 1)


async def test_its_own_counts_are_those_of_now() -> None:
    room = Room()
    figures = shared(room)
    await figures.tell()

    await room.answer()

    assert (await figures.figures()).misses == 1


async def test_notes_of_others_that_are_odd_count_nothing() -> None:
    room = Room()
    await room.cache.note("stats:odd", "{", 1_000)
    await room.cache.note("stats:older", '{"format": 0}', 1_000)
    await room.cache.note("traffic:1", '{"format": 1}', 1_000)

    assert (await shared(room).figures()).workers == 1


async def test_without_redis_the_figures_are_of_this_process_alone() -> None:
    here = Room()
    there = Room(store=here.store)
    await here.answer()
    await shared(there).tell()
    here.store.down = True

    figures = await shared(here).figures()

    assert (figures.status, figures.workers, figures.misses) == ("down", 1, 1)
    assert (figures.memory_used_mb, figures.total_keys, figures.evicted_keys) == (None, None, None)
    assert "notes" not in here.store.calls  # it is not waited for twice


async def test_telling_never_fails_and_is_made_up_for() -> None:
    room = Room()
    figures = shared(room)
    room.store.down = True
    await figures.tell()
    assert room.store.noted == {}

    room.store.down = False
    await figures.tell()

    assert len(room.store.noted) == 1


async def test_what_has_changed_is_told_at_once_and_what_has_not_every_five_seconds() -> None:
    room = Room()
    figures = shared(room)

    async def tells() -> bool:
        room.store.calls.clear()
        await figures.tell()
        return "note" in room.store.calls

    assert await tells()
    assert not await tells()
    await room.answer()
    assert await tells()
    room.clock.turn(AT_LEAST_EVERY_S - 0.1)
    assert not await tells()
    room.clock.turn(0.1)
    assert await tells()


async def test_however_many_ask_others_are_looked_up_once_in_a_while() -> None:
    room = Room()
    figures = shared(room)

    async with asyncio.TaskGroup() as group:
        for _ in range(20):
            group.create_task(figures.figures())
    assert room.store.calls.count("notes") == 1

    room.clock.turn(HEARD_FOR_S)
    await figures.figures()
    assert room.store.calls.count("notes") == 2


async def test_each_beat_tells_and_does_what_is_to_be_done_beside() -> None:
    room, beats = Room(), 0

    def beat() -> None:
        nonlocal beats
        beats += 1

    figures = SharedFigures(room.cache, beat=beat, every_s=0.001, clock=room.clock)
    figures.start()
    await eventually(lambda: _true(beats >= 3), within_s=5)
    await figures.close()

    assert len(room.store.noted) == 1
    after = beats
    await asyncio.sleep(0.01)
    assert beats == after


async def test_a_process_that_ends_takes_its_figures_back() -> None:
    here = Room()
    there = Room(store=here.store)
    leaving = SharedFigures(there.cache, every_s=60)
    leaving.start()
    await eventually(lambda: _true(len(here.store.noted) == 1), within_s=5)
    assert (await shared(here).figures()).workers == 2

    await leaving.close()

    assert (await shared(here).figures()).workers == 1


async def test_the_end_is_no_fault_without_redis_nor_without_a_start() -> None:
    room = Room()
    room.store.down = True
    started = shared(room)
    before = asyncio.all_tasks()
    started.start()

    await started.close()
    await shared(room).close()

    assert asyncio.all_tasks() == before


async def test_who_answers_nothing_itself_hears_all_or_that_nobody_can_be_heard() -> None:
    room = Room()
    await shared(room).tell()
    assert len(await told_by_all(room.cache)) == 1

    room.store.down = True
    with pytest.raises(StoreDown):
        await told_by_all(room.cache)


async def _true(condition: bool) -> bool:  # noqa: FBT001
    return condition


# Over a real server


@asynccontextmanager
async def process(redis_url: str) -> AsyncIterator[tuple[Cache, SharedFigures]]:
    cache = Cache(RedisStore(redis_url, prefix=PREFIX))
    figures = SharedFigures(cache, every_s=0.05)
    figures.start()
    try:
        yield cache, figures
    finally:
        with suppress(StoreDown):
            await figures.close()
        await cache.close()


@pytest.mark.integration
async def test_two_processes_over_one_redis_tell_the_same_sums(redis_url: str) -> None:
    lifetime = Lifetime(60_000, 60_000, 60_000)

    async def load() -> Loaded:
        await asyncio.sleep(0.02)
        return Loaded(b"[1]", 1)

    async def sums(figures: SharedFigures) -> tuple[int, int, int, int, int]:
        told = await figures.figures()
        took = {each.operation: each.count for each in told.latencies}
        return told.workers, told.hits, told.misses, told.loads, took["load"]

    async with process(redis_url) as (one, figures_of_one), process(redis_url) as (other, figures_of_other):
        for number in range(3):
            for cache in (one, other, other):
                await cache.get_or_load(key(number), load, lifetime=lifetime)

        async def are_told() -> bool:
            return await sums(figures_of_one) == await sums(figures_of_other) == (2, 6, 3, 3, 3)

        await eventually(are_told, within_s=10)
        told = await figures_of_one.figures()
        assert told.memory_hits + told.redis_hits == 6
        assert told.total_keys == 3

    async with process(redis_url) as (_, figures):
        assert (await figures.figures()).workers == 1
