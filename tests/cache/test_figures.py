"""What a process counts: durations by operation, and words to count by."""

import asyncio
from dataclasses import fields

import pytest

from cache import Cache, EventName, Freshness, Hit, Lifetime, Loaded, MissReason, Source, Use
from cache.event import NotStored, Operation
from cache.stats import Counts, MemoryFigures
from tests.cache.fakes import Clock, FakeStore, key, settle
from tests.cache.room import LIFETIME, THREE_STAGES, Room

pytestmark = pytest.mark.anyio


class Slow:
    """A store and a load that take their time, by the test's clock."""

    def __init__(self, *, tracks: bool = False) -> None:
        self.clock = Clock()
        self.store = SlowStore(self.clock, tracks=tracks)
        self._told: list[tuple[Operation, float]] = []
        self.cache = Cache(
            self.store,
            clock=self.clock,
            chance=lambda: 0.5,
            measure=lambda operation, took_ms: self._told.extend((operation, round(ms)) for ms in took_ms),
        )

    @property
    def told(self) -> list[tuple[Operation, float]]:
        """In the order of operations, once somebody wants to know."""
        self.cache.counts()
        return self._told

    async def load(self) -> Loaded:
        self.clock.turn(0.2)
        return Loaded(b"1", 1)

    async def answer(self, lifetime: Lifetime = LIFETIME) -> Hit:
        return await self.cache.get_or_load(key(), self.load, lifetime=lifetime)


class SlowStore(FakeStore):
    async def called(self, name: str, *, alone: bool = True) -> None:
        self.clock.turn({"look": 0.003, "put": 0.007}.get(name, 0))
        await super().called(name, alone=alone)


async def test_a_load_is_told_with_its_parts_and_the_whole_question() -> None:
    slow = Slow()

    await slow.answer()

    assert slow.told == [
        (Operation.LOADED, 213),
        (Operation.LOOK, 3),
        (Operation.LOOK, 3),  # under the lease, before the load
        (Operation.PUT, 7),
        (Operation.LOAD, 200),
    ]


async def test_a_hit_in_redis_is_told_with_its_look() -> None:
    slow = Slow()
    await slow.answer()
    slow.told.clear()

    await slow.answer()

    assert slow.told == [(Operation.REDIS_HIT, 3), (Operation.LOOK, 3)]


async def test_a_hit_in_memory_is_told_alone() -> None:
    slow = Slow(tracks=True)
    await slow.answer()
    slow.told.clear()

    await slow.answer()

    assert slow.told == [(Operation.MEMORY_HIT, 0)]


async def test_a_stale_hit_is_told_as_one_and_its_refresh_by_its_parts() -> None:
    slow = Slow()
    await slow.answer(THREE_STAGES)
    slow.clock.turn(150)
    slow.told.clear()

    await slow.answer(THREE_STAGES)
    assert slow.told == [(Operation.STALE_HIT, 3), (Operation.LOOK, 3)]

    slow.told.clear()
    await settle()
    assert slow.told == [(Operation.LOOK, 3), (Operation.PUT, 7), (Operation.LOAD, 200)]


async def test_who_joins_a_load_is_told_once() -> None:
    slow = Slow()

    await asyncio.gather(slow.answer(), slow.answer())

    operations = [operation for operation, _ in slow.told]
    assert operations.count(Operation.JOINED) == operations.count(Operation.LOADED) == 1
    assert operations.count(Operation.LOAD) == 1


async def test_a_look_that_fails_took_time_as_well() -> None:
    slow = Slow()
    slow.store.down = True

    await slow.answer()

    assert slow.told == [(Operation.LOADED, 203), (Operation.LOOK, 3), (Operation.LOAD, 200)]


async def test_a_load_that_fails_is_no_load_that_went_well() -> None:
    room = Room()
    room.database.error = ValueError("no")

    with pytest.raises(ValueError, match="no"):
        await room.answer()

    counts = room.cache.counts()
    assert (counts.loads, counts.loads_failed) == (1, 1)
    assert counts.latencies[Operation.FAILED_LOAD].count == 1
    assert counts.latencies[Operation.LOAD].count == counts.latencies[Operation.LOADED].count == 0


async def test_what_is_measured_is_counted() -> None:
    slow = Slow()
    for _ in range(3):
        await slow.answer()

    latencies = slow.cache.counts().latencies

    assert {each: found.count for each, found in latencies.items() if found.count} == {
        Operation.REDIS_HIT: 2,
        Operation.LOADED: 1,
        Operation.LOOK: 4,
        Operation.PUT: 1,
        Operation.LOAD: 1,
    }
    assert latencies[Operation.LOAD].percentile(0.5) == pytest.approx(200, rel=0.1)
    assert latencies[Operation.LOOK].sum_ms == pytest.approx(12)


async def test_a_miss_is_told_with_a_word_to_count_it_by() -> None:
    room = Room()
    room.store.down = True

    await room.answer()

    words = [event.word for event in room.seen.events if event.name is EventName.MISS]
    assert words == [MissReason.STORE_DOWN.value]


async def test_what_is_stored_is_told_with_its_size() -> None:
    room = Room()

    await room.answer()

    sizes = [event.size for event in room.seen.events if event.name is EventName.SET]
    assert sizes == [len(body) for body, _ in room.store.kept.values()]
    assert room.cache.counts().bytes_stored == sum(sizes)


async def not_stored(room: Room, lifetime: Lifetime = LIFETIME) -> list[str]:
    async def load() -> Loaded:
        room.clock.turn(0.01)
        return Loaded(b"x" * 2_000, 1)

    await room.answer(load=load, lifetime=lifetime)
    return [event.word for event in room.seen.events if event.name is EventName.NOT_STORED]


async def test_what_is_not_stored_is_told_with_a_word_for_why() -> None:
    full = Room()
    full.store.refuses_writes = True

    assert await not_stored(Room(max_entry_bytes=1_000)) == [NotStored.TOO_BIG.value]
    assert await not_stored(Room(), Lifetime(5, 5, 5)) == [NotStored.TOO_SLOW.value]
    assert await not_stored(Room(cheap_ms=50)) == [NotStored.NOT_ADMITTED.value]
    assert await not_stored(Room(quota_bytes=100)) == [NotStored.NOT_ADMITTED.value]
    assert await not_stored(full) == [NotStored.STORE_DOWN.value]
    assert await not_stored(Room()) == []


async def test_a_refresh_in_the_background_is_told() -> None:
    room = Room()
    await room.answer(lifetime=THREE_STAGES)
    room.clock.turn(150)

    await room.answer(lifetime=THREE_STAGES)

    assert room.seen.count(EventName.REFRESHING) == room.cache.counts().refreshes == 1


async def test_the_counts_of_two_processes_add_up() -> None:
    here = Room(tracks=True)
    there = Room(store=here.store)
    for room in (here, there, there):
        await room.answer()
    there.clock.turn(1)
    await there.answer(freshness=Freshness(use=Use.REFRESH))

    both = here.cache.counts() + there.cache.counts()

    assert both.hits_by_source[Source.REDIS] + both.hits_by_source[Source.MEMORY] == 2
    assert (both.hits, both.misses, both.loads) == (2, 2, 2)
    assert both.hit_rate == 0.5
    assert both.memory.entries == 2
    assert both.memory.max_bytes == 2 * here.cache.counts().memory.max_bytes
    assert both.latencies[Operation.LOAD].count == 2


def test_every_number_is_added() -> None:
    numbers = [each.name for each in fields(Counts) if each.type is int]
    one = Counts(**{name: 10**place for place, name in enumerate(numbers)})

    both = one + one + one

    assert len(numbers) == 8
    assert [getattr(both, name) for name in numbers] == [3 * 10**place for place in range(8)]
    memory = MemoryFigures(1, 10, 100, 1_000)
    assert memory + memory == MemoryFigures(2, 20, 200, 2_000)


async def test_nothing_is_added_by_nothing() -> None:
    room = Room()
    await room.answer()
    counts = room.cache.counts()

    assert counts + Counts() == Counts() + counts == counts
    assert Counts().hit_rate == 0.0
    assert Counts().memory == MemoryFigures(0, 0, 0, 0)


async def test_the_counts_are_told_without_asking_the_store() -> None:
    room = Room()
    await room.answer()
    room.store.calls.clear()

    assert room.cache.counts().loads == 1
    assert room.store.calls == []


async def test_a_store_that_failed_often_is_told_to_be_left_alone() -> None:
    room = Room(tracks=True)
    assert not room.cache.condition().left_alone
    room.store.down = True

    for _ in range(5):
        await room.answer()

    assert room.cache.condition().left_alone


async def test_whether_the_store_is_heard_is_told() -> None:
    room = Room(tracks=True)
    assert room.cache.condition().heard

    room.store.down = True

    assert not room.cache.condition().heard
    assert not Room(tracks=False).cache.condition().heard
