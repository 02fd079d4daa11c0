"""Processes of one deployment load one after the other, and never twice without need."""

import asyncio
from typing import Any

import pytest

from cache import Freshness, Loaded, Mode, Source, Use
from cache.turn import Patience
from tests.cache.fakes import settle, until
from tests.cache.room import TAGS, Room

pytestmark = pytest.mark.anyio


async def test_a_lease_is_renewed_while_a_load_takes_long() -> None:
    room = Room(patience=Patience(lease=0.03))
    room.database.gate.clear()
    caller = room.ask()

    await until(lambda: room.store.renewals >= 2)
    room.database.gate.set()

    assert (await caller).source is Source.DATABASE


@pytest.mark.parametrize("leaves", ["cancelled", "out of time"])
async def test_a_lease_of_which_nobody_heard_is_let_go(leaves: str) -> None:
    room = Room(store_seconds=0.02 if leaves == "out of time" else 5)
    room.store.take_reply.clear()
    caller = room.ask()
    await until(lambda: room.store.leases)

    if leaves == "cancelled":
        caller.cancel()
    await asyncio.wait((caller,))
    await until(lambda: not room.store.leases)

    assert caller.cancelled() is (leaves == "cancelled")


async def test_processes_that_ask_together_run_one_load() -> None:
    room = Room()
    others = [Room(store=room.store) for _ in range(5)]

    hits = await asyncio.gather(room.answer(), *(other.answer() for other in others))

    assert room.database.loads + sum(other.database.loads for other in others) == 1
    assert sorted(hit.source.value for hit in hits) == ["database"] + ["redis"] * 5


async def test_who_waited_for_another_process_has_joined_it() -> None:
    room = Room()
    other = Room(store=room.store)
    room.database.gate.clear()
    leader = room.ask()
    await room.database.started.wait()
    follower = other.ask()
    await settle()

    room.clock.turn(0.25)
    room.database.gate.set()
    await asyncio.gather(leader, follower)
    stats = await other.cache.stats()

    assert ((await follower).source, (await follower).age_ms) == (Source.REDIS, 250)
    assert (stats.flights_joined, stats.loads, stats.load_ms_saved) == (1, 0, 250)


async def test_a_process_that_was_interrupted_hands_its_turn_on() -> None:
    room = Room()
    other = Room(store=room.store)
    room.database.gate.clear()
    leader = room.ask()
    await room.database.started.wait()
    follower = other.ask()
    await settle()

    leader.cancel()
    await until(follower.done)

    assert (await follower).source is Source.DATABASE
    assert room.store.leases == set()


async def test_a_process_whose_load_failed_hands_its_turn_on() -> None:
    room = Room()
    other = Room(store=room.store)
    room.database.gate.clear()
    room.database.error = ValueError("a bug")
    leader = room.ask()
    await room.database.started.wait()
    follower = other.ask()
    await settle()

    room.database.gate.set()
    await until(follower.done)

    with pytest.raises(ValueError, match="bug"):
        await leader
    assert (await follower).source is Source.DATABASE


async def test_a_process_that_died_is_waited_for_no_longer_than_its_lease() -> None:
    room = Room()
    room.database.gate.clear()
    leader = room.ask()
    await room.database.started.wait()
    other = Room(store=room.store)
    follower = other.ask()
    await settle()

    room.store.leases.clear()  # as the server does when the lease is over
    await until(follower.done)

    assert (await follower).source is Source.DATABASE
    room.database.gate.set()
    await leader


async def test_the_lease_is_held_until_the_write_has_landed() -> None:
    room = Room(store_seconds=0.02)
    other = Room(store=room.store)
    room.store.put_gate.clear()
    await room.answer()

    follower = other.ask()
    await settle()
    held = set(room.store.leases)
    room.store.put_gate.set()
    await until(follower.done)

    assert len(held) == 1
    assert (await follower).source is Source.REDIS
    assert other.database.loads == 0


async def test_the_lease_is_held_until_the_write_of_one_who_left_has_landed() -> None:
    room = Room()
    room.store.put_gate.clear()
    caller = room.ask()
    await settle()

    caller.cancel()
    await settle()
    held = set(room.store.leases)
    room.store.put_gate.set()
    await settle()

    assert len(held) == 1
    assert room.store.leases == set()


@pytest.mark.parametrize("why", ["too big", "cheap", "quota"])
async def test_nobody_queues_for_an_answer_that_is_not_kept(why: str) -> None:
    limits: dict[str, Any] = {
        "too big": {"max_entry_bytes": 1},
        "cheap": {"cheap_ms": 20},
        "quota": {"quota_bytes": 1},
    }[why]
    room = Room(**limits)
    others = [Room(store=room.store, **limits) for _ in range(4)]
    room.database.gate.clear()
    leader = room.ask()
    await room.database.started.wait()
    for other in others:
        other.database.gate.clear()
    followers = [other.ask() for other in others]
    await settle()

    room.database.gate.set()
    for other in others:
        await other.database.started.wait()
    running = [other.database.running for other in others]
    for other in others:
        other.database.gate.set()
    await asyncio.gather(leader, *followers)

    assert running == [1, 1, 1, 1]


async def test_who_asks_after_an_invalidation_does_not_wait_for_a_load_from_before_it() -> None:
    room = Room()
    other = Room(store=room.store)
    room.database.gate.clear()
    before = room.ask()
    await room.database.started.wait()

    await other.cache.invalidate([TAGS[0]], Mode.PURGE)
    after = other.ask()
    await until(after.done)

    assert (await after).source is Source.DATABASE
    room.database.gate.set()
    await before


async def test_what_is_found_when_the_turn_comes_is_judged_anew() -> None:
    room = Room()
    other = Room(store=room.store)
    room.database.gate.clear()
    room.database.body = b"old"
    leader = room.ask()
    await room.database.started.wait()
    follower = other.ask()
    await settle()

    await other.cache.invalidate([TAGS[0]], Mode.PURGE)
    other.database.body = b"new"
    room.database.gate.set()
    await leader

    assert (await follower).body == b"new"


async def test_an_age_limit_holds_for_what_another_process_has_loaded() -> None:
    room = Room()
    other = Room(store=room.store)
    room.database.gate.clear()
    leader = room.ask()
    await room.database.started.wait()
    room.clock.turn(10)
    other.database.body = b"new"
    strict = other.ask(1, Freshness(max_age_ms=5000))
    await settle()

    room.database.gate.set()
    await leader

    assert (await strict).body == b"new"


async def test_a_bypass_takes_no_turn() -> None:
    room = Room()

    await room.answer(1, Freshness(use=Use.BYPASS))

    assert room.store.calls == []


async def test_a_turn_is_over_before_the_next_question_is_asked() -> None:
    room = Room()

    async def load() -> Loaded:
        assert len(room.store.leases) == 1
        return Loaded(b"1", 1)

    for number in range(5):
        await room.answer(number, load=load)
        assert room.store.leases == set()
