"""What a caller wants: an answer of a certain age, a new one, or nothing to do with the cache."""

import asyncio

import pytest

from cache import Freshness, Loaded, Mode, Source, Use
from tests.cache.fakes import settle
from tests.cache.room import TAGS, THREE_STAGES, Room

pytestmark = pytest.mark.anyio

REFRESH = Freshness(use=Use.REFRESH)


def at_most(seconds: float) -> Freshness:
    return Freshness(max_age_ms=round(seconds * 1000))


memories = pytest.mark.parametrize("tracks", [False, True], ids=["store", "memory"])


def test_an_age_at_the_limit_is_accepted() -> None:
    accepted = [Freshness(max_age_ms=10).accepts(age) for age in (0, 10, 11)]

    assert accepted == [True, True, False]
    assert Freshness().accepts(10**12)
    assert Freshness(max_age_ms=0).accepts(0)


@memories
async def test_an_answer_older_than_the_caller_takes_is_loaded_anew_and_kept(*, tracks: bool) -> None:
    room = Room(tracks=tracks)
    await room.answer()
    room.clock.turn(10)

    accepted = await room.answer(1, at_most(10))
    refused = await room.answer(1, at_most(9.999))
    later = await room.answer(1, at_most(0))

    assert (accepted.age_ms, refused.source, refused.age_ms) == (10_000, Source.DATABASE, 0)
    assert (later.source is Source.DATABASE, later.age_ms) == (False, 0)
    assert room.database.loads == 2


@memories
async def test_an_answer_older_than_the_caller_takes_is_no_excuse(*, tracks: bool) -> None:
    room = Room(tracks=tracks)
    await room.answer(1, lifetime=THREE_STAGES)
    room.clock.turn(10)
    room.database.error = ConnectionError("the database is away")

    with pytest.raises(ConnectionError):
        await room.answer(1, at_most(9), THREE_STAGES)


async def test_an_invalidated_answer_is_no_excuse_for_who_takes_only_what_is_new() -> None:
    room = Room()
    await room.answer(1, lifetime=THREE_STAGES)
    await room.cache.invalidate([TAGS[0]], Mode.EXPIRE)
    room.clock.turn(1)
    room.database.error = ConnectionError("the database is away")

    assert (await room.answer(1, lifetime=THREE_STAGES)).source is Source.STALE
    with pytest.raises(ConnectionError):
        await room.answer(1, at_most(9), THREE_STAGES)


async def test_an_expired_answer_is_an_excuse_when_the_caller_takes_its_age() -> None:
    room = Room()
    await room.answer(1, lifetime=THREE_STAGES)
    room.clock.turn(250)
    room.database.error = ConnectionError("the database is away")

    assert (await room.answer(1, at_most(250), THREE_STAGES)).source is Source.STALE
    with pytest.raises(ConnectionError):
        await room.answer(1, at_most(249), THREE_STAGES)


async def test_a_load_begun_too_long_ago_is_not_joined() -> None:
    room = Room()
    room.database.gate.clear()
    room.database.body = b"old"
    leader = room.ask()
    await room.database.started.wait()
    room.clock.turn(10)

    patient, strict = room.ask(1, at_most(10)), room.ask(1, at_most(9))
    await settle()
    room.database.body = b"new"
    room.database.gate.set()

    assert (await leader).body == b"old"
    assert ((await patient).body, (await patient).age_ms) == (b"old", 10_000)
    assert ((await strict).body, (await strict).age_ms) == (b"new", 0)


async def test_many_who_cannot_join_an_older_load_share_one_of_their_own() -> None:
    room = Room()
    room.database.gate.clear()
    leader = room.ask()
    await room.database.started.wait()
    room.clock.turn(10)

    strict = [room.ask(1, at_most(1)) for _ in range(20)]
    await settle()
    room.database.gate.set()
    await asyncio.gather(leader, *strict)

    assert room.database.loads == 2


@memories
async def test_a_refresh_loads_anew_and_keeps_it_for_all(*, tracks: bool) -> None:
    room = Room(tracks=tracks)
    await room.answer()
    room.clock.turn(1)
    room.database.body = b"new"

    refreshed = await room.answer(1, REFRESH)
    later = await room.answer()

    assert (refreshed.source, refreshed.body, refreshed.age_ms) == (Source.DATABASE, b"new", 0)
    assert (later.source is Source.DATABASE, later.body) == (False, b"new")


async def test_a_refresh_never_joins_a_load_begun_before() -> None:
    room = Room()
    room.database.gate.clear()
    room.database.body = b"old"
    before = room.ask()
    await room.database.started.wait()
    room.clock.turn(1)

    room.database.body = b"new"
    refresh = room.ask(1, REFRESH)
    await settle()
    room.database.gate.set()

    assert (await before).body == b"old"
    assert (await refresh).body == b"new"
    assert (await room.answer()).body == b"new"


async def test_a_refresh_never_joins_a_refresh_begun_before() -> None:
    room = Room()
    room.database.gate.clear()
    room.database.body = b"old"
    before = room.ask(1, REFRESH)
    await room.database.started.wait()
    room.clock.turn(1)

    room.database.body = b"new"
    after = room.ask(1, REFRESH)
    await settle()
    room.database.gate.set()

    assert (await before).body == b"old"
    assert (await after).body == b"new"


async def test_a_refresh_never_takes_what_another_process_began_to_load_before() -> None:
    room = Room()
    other = Room(store=room.store)
    other.database.gate.clear()
    other.database.body = b"old"
    before = other.ask()
    await other.database.started.wait()
    room.clock.turn(1)

    room.database.body = b"new"
    refresh = room.ask(1, REFRESH)
    await settle()
    other.database.gate.set()

    assert (await before).body == b"old"
    assert (await refresh).body == b"new"


async def test_a_refresh_never_takes_what_was_read_before_but_written_late() -> None:
    room = Room()
    other = Room(store=room.store)
    other.database.body = b"old"
    room.store.put_gate.clear()
    before = other.ask()
    await settle()
    room.clock.turn(1)

    room.database.body = b"new"
    refresh = room.ask(1, REFRESH)
    await settle()
    room.store.put_gate.set()

    assert (await before).body == b"old"
    assert (await refresh).body == b"new"


async def test_a_refresh_takes_no_such_answer_through_another_caller_either() -> None:
    room = Room()
    other = Room(store=room.store)
    other.database.body = b"old"
    room.store.put_gate.clear()
    before = other.ask()
    await settle()
    waiting = room.ask()
    await settle()
    room.clock.turn(1)

    room.database.body = b"new"
    refresh = room.ask(1, REFRESH)
    await settle()
    room.store.put_gate.set()
    await asyncio.gather(before, waiting)

    assert (await refresh).body == b"new"


async def test_a_refresh_does_not_wait_for_an_older_load_while_the_store_is_down() -> None:
    room = Room()
    room.store.down = True
    forever = asyncio.Event()

    async def hangs() -> Loaded:
        await forever.wait()
        return Loaded(b"old", 1)

    before = asyncio.create_task(room.answer(load=hangs))
    await settle()
    room.clock.turn(1)

    async with asyncio.timeout(5):
        refreshed = await room.answer(1, REFRESH)
    forever.set()

    assert refreshed.body == room.database.body
    assert (await before).body == b"old"


async def test_a_refresh_loads_though_the_turn_cannot_be_had() -> None:
    room = Room()
    room.database.body = b"old"
    await room.answer()
    room.clock.turn(1)
    room.database.body = b"new"
    room.store.failing = {"take"}

    assert (await room.answer(1, REFRESH)).body == b"new"


async def test_refreshes_at_one_time_share_a_load() -> None:
    room = Room()

    hits = await asyncio.gather(*(room.answer(1, REFRESH) for _ in range(10)))

    assert {hit.body for hit in hits} == {room.database.body}
    assert room.database.loads <= 2


async def test_a_refresh_that_fails_is_told_and_the_others_are_shown_what_is_kept() -> None:
    room = Room()
    await room.answer(1, lifetime=THREE_STAGES)
    room.clock.turn(1)
    room.database.error = ConnectionError("the database is away")

    with pytest.raises(ConnectionError):
        await room.answer(1, REFRESH, THREE_STAGES)
    assert (await room.answer(1, lifetime=THREE_STAGES)).age_ms == 1000
