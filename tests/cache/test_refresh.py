"""Loads in the background: for answers that are shown stale, and for those that end soon."""

import asyncio
import gc

import pytest

from cache import EventName, Hit, Lifetime, Loaded, Source
from tests.cache.fakes import settle, until
from tests.cache.room import THREE_STAGES, Room

pytestmark = pytest.mark.anyio

memories = pytest.mark.parametrize("tracks", [False, True], ids=["store", "memory"])


async def stale_room(*, tracks: bool = False) -> Room:
    room = Room(tracks=tracks)
    room.database.body = b"old"
    await room.answer(1, lifetime=THREE_STAGES)
    room.clock.turn(150)
    room.database.body = b"new"
    room.database.started.clear()
    return room


async def ask(room: Room, number: int = 1) -> Hit:
    return await room.answer(number, lifetime=THREE_STAGES)


@memories
async def test_a_stale_answer_is_shown_at_once_and_loaded_anew_beside(*, tracks: bool) -> None:
    room = await stale_room(tracks=tracks)
    room.database.gate.clear()

    stale = await ask(room)
    await room.database.started.wait()
    room.database.gate.set()
    await settle()
    after = await ask(room)

    assert (stale.source, stale.body, stale.age_ms, stale.shared) == (Source.STALE, b"old", 150_000, False)
    assert (after.source is Source.STALE, after.body, after.age_ms) == (False, b"new", 0)


@memories
async def test_many_who_are_shown_a_stale_answer_cause_one_load(*, tracks: bool) -> None:
    room = await stale_room(tracks=tracks)
    room.database.gate.clear()

    hits = [await ask(room) for _ in range(20)]
    hits += await asyncio.gather(*(ask(room) for _ in range(20)))
    await settle()
    room.database.gate.set()
    await settle()
    stats = await room.cache.stats()

    assert {hit.source for hit in hits} == {Source.STALE}
    assert room.database.loads == 2
    assert (stats.refreshes, stats.misses) == (1, 1)


async def test_many_processes_that_show_a_stale_answer_cause_one_load() -> None:
    room = await stale_room()
    others = [Room(store=room.store) for _ in range(5)]
    for other in others:
        other.database.gate.clear()

    await asyncio.gather(*(ask(other) for other in others))
    await settle()
    for other in others:
        other.database.gate.set()
    await until(lambda: not room.store.leases)

    assert sum(other.database.loads for other in others) == 1


async def test_an_error_of_a_load_in_the_background_is_unseen() -> None:
    room = await stale_room()
    noises: list[dict[str, object]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: noises.append(context))
    room.database.error = ValueError("a bug")

    hits = []
    for _ in range(3):
        hits.append(await ask(room))
        await settle()
    gc.collect()

    assert {hit.source for hit in hits} == {Source.STALE}
    assert noises == []
    assert (await room.cache.stats()).loads_failed >= 1


async def test_a_caller_who_leaves_does_not_stop_the_load_in_the_background() -> None:
    room = await stale_room()
    room.database.gate.clear()
    await ask(room)
    await room.database.started.wait()
    room.clock.turn(100)
    joined = asyncio.create_task(ask(room))
    await settle()

    joined.cancel()
    await settle()
    room.database.gate.set()
    await settle()

    assert room.database.cancelled == 0
    assert (await ask(room)).body == b"new"


async def test_a_caller_whose_answer_has_expired_waits_for_the_load_in_the_background() -> None:
    room = await stale_room()
    room.database.gate.clear()
    await ask(room)
    await room.database.started.wait()

    room.clock.turn(100)
    late = asyncio.create_task(ask(room))
    await settle()
    room.database.gate.set()

    assert ((await late).body, (await late).shared) == (b"new", True)
    assert room.database.loads == 2


async def test_loads_in_the_background_are_few_at_a_time() -> None:
    room = Room(refreshes=2)
    for number in range(6):
        await ask(room, number)
    room.clock.turn(150)
    room.database.gate.clear()
    room.database.most_at_once = 0

    for number in range(6):
        await ask(room, number)
    await settle()
    room.database.gate.set()
    await settle()

    assert room.database.most_at_once == 2


@pytest.mark.parametrize("error", [None, ValueError("a bug")])
async def test_what_ended_in_the_background_makes_room_for_more(error: Exception | None) -> None:
    room = Room(refreshes=1)
    for number in range(4):
        await ask(room, number)
    room.clock.turn(150)
    room.database.error = error

    for number in range(4):
        await ask(room, number)
        await settle()

    assert room.database.loads == 8


@memories
async def test_a_caller_does_not_queue_behind_refreshes_of_others(*, tracks: bool) -> None:
    room = Room(tracks=tracks, refreshes=1)
    for number in (1, 2):
        await ask(room, number)
    room.clock.turn(150)
    room.database.gate.clear()
    await asyncio.gather(*(ask(room, number) for number in (1, 2)))
    await settle()

    room.clock.turn(100)
    late = asyncio.create_task(ask(room, 2))
    await settle()
    running = room.database.running
    room.database.gate.set()
    await late

    assert running == 2


async def test_closing_stops_loads_in_the_background() -> None:
    room = await stale_room()
    room.database.gate.clear()
    await ask(room)
    await room.database.started.wait()

    await room.cache.close()

    assert room.database.cancelled == 1
    assert room.store.leases == set()


class Slow:
    """Loads that take ten seconds by the clock."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self.loads = 0

    async def load(self) -> Loaded:
        self.loads += 1
        self._room.clock.turn(10)
        return Loaded(b"%d" % self.loads, 1)


@memories
@pytest.mark.parametrize(
    ("left", "chance", "ahead"),
    [(50, 0.5, False), (7, 0.5, False), (6, 0.5, True), (50, 0.99, False), (46, 0.99, True), (1, 0.0, False)],
)
async def test_an_answer_is_loaded_ahead_of_its_end_the_likelier_the_nearer_it_is(
    left: int, chance: float, *, ahead: bool, tracks: bool
) -> None:
    room = Room(tracks=tracks)
    slow = Slow(room)
    lifetime = Lifetime(100_000, 100_000, 100_000)
    await room.answer(1, lifetime=lifetime, load=slow.load)
    room.clock.turn(90 - left)

    room.chance.next = chance
    hit = await room.answer(1, lifetime=lifetime, load=slow.load)
    await settle()

    assert hit.source is (Source.MEMORY if tracks else Source.REDIS)
    assert hit.body == b"1"
    assert slow.loads == (2 if ahead else 1)


async def test_a_load_ahead_of_the_end_is_what_is_shown_next() -> None:
    room = Room(tracks=True)
    slow = Slow(room)
    lifetime = Lifetime(100_000, 100_000, 100_000)
    await room.answer(1, lifetime=lifetime, load=slow.load)
    room.clock.turn(86)
    await room.answer(1, lifetime=lifetime, load=slow.load)
    await settle()

    hit = await room.answer(1, lifetime=lifetime, load=slow.load)

    assert (hit.source, hit.body) == (Source.MEMORY, b"2")
    assert room.seen.count(EventName.MISS) == 1


async def test_a_load_ahead_that_fails_leaves_the_answer_as_it_is() -> None:
    room = Room()
    slow = Slow(room)
    lifetime = Lifetime(100_000, 100_000, 100_000)
    await room.answer(1, lifetime=lifetime, load=slow.load)
    room.clock.turn(86)
    room.database.error = ConnectionError("the database is away")

    hits = []
    for _ in range(3):
        hits.append(await room.answer(1, lifetime=lifetime))
        await settle()

    assert {hit.source for hit in hits} == {Source.REDIS}
