"""What the store may add to one question in all."""

import asyncio
import time

import pytest

from cache import EventName, Mode, Source, StoreDown
from cache.budget import Budget
from cache.turn import Patience
from tests.cache.fakes import key, settle
from tests.cache.room import TAGS, Room

pytestmark = pytest.mark.anyio

SOON = 0.02
NOISE = 1.0
"""Seconds that a busy machine may add to any measurement."""


async def answered() -> str:
    return "answer"


async def never() -> str:
    await asyncio.Event().wait()
    return "never"


async def test_it_is_spent_over_several_operations() -> None:
    budget = Budget(0.3)

    async def slow(steps: int) -> None:
        for _ in range(steps):
            await asyncio.sleep(0.05)

    await budget.spend(lambda: slow(2))

    with pytest.raises(StoreDown, match="too slow"):
        await budget.spend(lambda: slow(200))


async def test_a_stall_of_our_own_loop_spends_next_to_nothing() -> None:
    budget = Budget(0.25)

    async def stalled() -> None:
        for _ in range(3):
            await asyncio.sleep(0)
            time.sleep(0.2)  # noqa: ASYNC251  the stall

    for _ in range(4):
        await budget.spend(stalled)

    assert await budget.spend(answered) == "answer"


async def test_what_is_within_it_is_answered() -> None:
    assert await Budget(1.0).spend(answered) == "answer"


async def test_an_operation_that_takes_longer_ends_it() -> None:
    budget = Budget(SOON)

    with pytest.raises(StoreDown, match="too slow"):
        await budget.spend(never)
    with pytest.raises(StoreDown, match="time already"):
        await budget.spend(answered)


async def test_a_store_that_failed_is_not_asked_again() -> None:
    budget = Budget(1.0)

    async def fails() -> None:
        raise StoreDown("it is full")

    with pytest.raises(StoreDown, match="full"):
        await budget.spend(fails)
    with pytest.raises(StoreDown, match="time already"):
        await budget.spend(answered)


async def test_other_errors_and_cancellations_go_through() -> None:
    budget = Budget(1.0)

    async def mistaken() -> None:
        raise ValueError("a bug")

    with pytest.raises(ValueError, match="bug"):
        await budget.spend(mistaken)
    waiting = asyncio.create_task(budget.spend(never))
    await settle()
    waiting.cancel()
    await asyncio.wait((waiting,))

    assert waiting.cancelled()


@pytest.mark.parametrize("gate", ["look_reply", "take_gate", "put_gate", "release_gate"])
@pytest.mark.parametrize("cheap_ms", [0, 20])
async def test_a_store_that_hangs_at_any_step_adds_no_more_than_the_budget(gate: str, cheap_ms: int) -> None:
    room = Room(store_seconds=SOON, cheap_ms=cheap_ms, patience=Patience(command=SOON))
    getattr(room.store, gate).clear()

    started = time.perf_counter()
    async with asyncio.timeout(NOISE):
        hit = await room.answer()
    took = time.perf_counter() - started

    assert hit.source is Source.DATABASE
    assert took < SOON + NOISE
    getattr(room.store, gate).set()
    await room.cache.close()


async def test_letting_go_of_the_lease_holds_nobody_up() -> None:
    room = Room(cheap_ms=20)
    room.store.release_gate.clear()

    caller = room.ask()
    await settle()
    answered_already = caller.done()
    room.store.release_gate.set()
    await caller

    assert answered_already


async def test_a_write_that_takes_longer_goes_on() -> None:
    room = Room(store_seconds=SOON)
    room.store.put_gate.clear()

    await room.answer()
    room.store.put_gate.set()
    await settle()

    assert key().name in room.store.kept


async def test_a_store_that_uses_up_the_budgets_is_left_alone() -> None:
    room = Room(store_seconds=SOON)
    room.store.look_reply.clear()

    for _ in range(8):
        await room.answer()

    assert room.store.calls.count("look") == 5
    assert room.seen.count(EventName.STORE_LOST) == 1


async def test_a_slow_store_does_not_bring_back_what_it_was_late_with() -> None:
    room = Room(store_seconds=SOON)
    room.database.body = b"old"
    await room.answer()
    room.store.look_reply.clear()
    room.database.body = b"new"

    late = await room.answer()
    await room.cache.invalidate([TAGS[0]], Mode.PURGE)
    room.store.look_reply.set()

    assert late.body == b"new"
    assert (await room.answer()).body == b"new"
