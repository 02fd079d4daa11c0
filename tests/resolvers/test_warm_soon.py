"""Warming in the background: once at a time in a process, and in turns among processes."""

import asyncio

import pytest

from tests.cache.fakes import settle
from tests.resolvers.kitchen import Kitchen, names
from tests.resolvers.leases import Lock

pytestmark = pytest.mark.anyio


async def test_in_the_background_it_tells_what_became_of_it() -> None:
    kitchen = Kitchen(listed=("a",), lock=Lock())
    kitchen.warmer.soon()
    await settle()

    assert [warming.warmed for warming in kitchen.told] == [1]
    await kitchen.warmer.close()


async def test_wishes_while_it_warms_are_met_together_afterwards() -> None:
    kitchen = Kitchen(listed=("a",), lock=Lock())
    kitchen.counter.gate.clear()
    kitchen.warmer.soon()
    await settle()
    for _ in range(3):
        kitchen.warmer.soon(insist=True)
    kitchen.counter.gate.set()
    await settle()

    assert kitchen.counter.texts == ["a", "a"]
    await kitchen.warmer.close()


async def test_at_the_start_it_is_left_to_the_process_that_warms_already() -> None:
    lock = Lock()
    first, second = Kitchen(listed=("a",), lock=lock), Kitchen(listed=("a",), lock=lock)
    first.counter.gate.clear()
    first.warmer.soon()
    await settle()
    second.warmer.soon()
    await settle()
    first.counter.gate.set()
    await settle()

    assert (first.counter.texts, second.counter.texts) == (["a"], [])
    await asyncio.gather(first.warmer.close(), second.warmer.close())


async def test_after_a_clear_it_waits_for_the_other_process_because_its_answers_are_gone() -> None:
    lock = Lock()
    first, second = Kitchen(listed=("a",), lock=lock), Kitchen(listed=("a",), lock=lock)
    first.counter.gate.clear()
    first.warmer.soon()
    await settle()
    second.warmer.soon(insist=True)
    await asyncio.wait_for(lock.refused.wait(), 5)
    waiting = second.counter.texts
    first.counter.gate.set()
    await settle()

    assert (waiting, second.counter.texts) == ([], ["a"])
    await asyncio.gather(first.warmer.close(), second.warmer.close())


async def test_who_insists_while_the_lease_is_asked_for_waits_although_the_first_wish_would_not() -> None:
    lock = Lock()
    kitchen = Kitchen(listed=("a",), lock=lock)
    lock.holder = lock.lease()
    lock.gate.clear()
    kitchen.warmer.soon()
    await settle()
    kitchen.warmer.soon(insist=True)
    lock.gate.set()
    await asyncio.wait_for(lock.refused.wait(), 5)
    lock.holder = None
    await settle()

    assert kitchen.counter.texts == ["a"]
    await kitchen.warmer.close()


async def test_who_insisted_once_does_not_insist_for_ever() -> None:
    lock = Lock()
    kitchen = Kitchen(listed=("a",), lock=lock)
    lock.gate.clear()
    for _ in range(2):
        kitchen.warmer.soon(insist=True)
        await settle()
    lock.gate.set()
    await settle()
    lock.holder = lock.lease()
    kitchen.warmer.soon()
    await settle()
    lock.holder = None
    await settle()

    assert kitchen.counter.texts == ["a"]
    await kitchen.warmer.close()


async def test_who_waits_for_another_process_keeps_nobody_from_warming_here() -> None:
    lock = Lock()
    kitchen = Kitchen(listed=("a",), lock=lock)
    lock.holder = lock.lease()
    kitchen.warmer.soon(insist=True)
    await asyncio.wait_for(lock.refused.wait(), 5)

    assert (await kitchen.warmer.warm()).warmed == 1
    await kitchen.warmer.close()


async def test_without_the_store_nothing_is_warmed_in_the_background() -> None:
    kitchen = Kitchen(listed=("a",), lock=Lock(down=True))
    kitchen.warmer.soon(insist=True)
    await settle()

    assert (kitchen.counter.texts, kitchen.told) == ([], [])
    await kitchen.warmer.close()


async def test_a_close_cancels_what_runs_gives_the_turn_back_and_begins_nothing_more() -> None:
    lock = Lock()
    kitchen = Kitchen(listed=names(range(9)), lock=lock)
    kitchen.counter.gate.clear()
    kitchen.warmer.soon()
    await settle()
    await kitchen.warmer.close()
    kitchen.warmer.soon()
    kitchen.counter.gate.set()
    await settle()

    assert (len(kitchen.counter.heard), kitchen.counter.running, lock.holder) == (2, 0, None)
