"""Looks of one moment share a trip."""

import asyncio
import gc

import pytest

from cache import StoreDown
from tests.cache.fakes import opened, settle, until
from tests.cache.road import FEW_MS, Road

pytestmark = pytest.mark.anyio


async def test_looks_of_one_moment_share_a_trip() -> None:
    road = Road()

    asked = [road.ask("a", "t"), road.ask("b", "t", "u"), road.ask("a", "v")]
    bodies = await asyncio.gather(*asked)

    assert road.trips == [(("a", "b"), ("t", "u", "v"))]
    assert bodies == [b"a 1", b"b 1", b"a 1"]


async def test_a_look_is_never_joined_after_it_was_sent() -> None:
    road = Road()
    road.gate.clear()
    early = road.ask("a")
    await settle()

    road.version = 2
    late = road.ask("a")
    await settle()
    road.gate.set()

    assert (await early, await late) == (b"a 1", b"a 2")
    assert len(road.trips) == 2


async def test_whoever_asks_while_a_trip_is_under_way_goes_with_the_next() -> None:
    road = Road()
    road.gate.clear()
    first = road.ask("a")
    await settle()

    waiting = []
    for name in ("a", "b", "a", "c"):
        waiting.append(road.ask(name))
        await settle()
    trips_before = len(road.trips)
    road.version = 2
    road.gate.set()

    assert await asyncio.gather(first, *waiting) == [b"a 1", b"a 2", b"b 2", b"a 2", b"c 2"]
    assert (trips_before, road.trips[1:]) == (1, [(("a", "b", "c"), ())])


async def test_a_trip_that_is_late_holds_up_nobody() -> None:
    road = Road(FEW_MS)
    late = await road.held_up(1)

    road.gate = opened()
    async with asyncio.timeout(5):
        others = [await road.ask("a") for _ in range(3)]

    assert (others, late[0].done()) == ([b"a 1"] * 3, False)
    late[0].cancel()


async def test_beside_a_late_trip_the_next_leaves_as_soon_as_the_one_before_is_back() -> None:
    road = Road(0.2)
    (late,) = await road.held_up(1)
    road.gate = asyncio.Event()
    before = road.ask("before")
    await until(lambda: len(road.trips) == 2)

    asked = road.ask("a")
    await settle()
    meanwhile = len(road.trips)
    road.gate.set()
    await before
    await settle()

    assert (meanwhile, asked.done(), late.done()) == (2, True, False)
    late.cancel()


async def test_a_trip_that_is_full_waits_for_none() -> None:
    road = Road()
    road.gate.clear()
    first = road.ask("first")
    await settle()

    asked = [road.ask(str(number)) for number in range(31)]
    await settle()
    nearly_full = len(road.trips)
    asked.append(road.ask("31"))
    await settle()

    assert (nearly_full, len(road.trips)) == (1, 2)
    road.gate.set()
    await asyncio.gather(first, *asked)


async def test_a_look_that_waits_for_a_free_slot_is_sent_later_than_it_was_asked() -> None:
    road = Road(FEW_MS)
    on_the_way = await road.held_up(4)

    waiting = [road.ask("a"), road.ask("b")]
    await asyncio.sleep(3 * FEW_MS)
    trips_before = len(road.trips)
    road.version = 2
    road.gate.set()

    assert await asyncio.gather(*waiting) == [b"a 2", b"b 2"]
    assert (trips_before, len(road.trips)) == (4, 5)
    await asyncio.gather(*on_the_way)


async def test_attempts_to_take_leases_travel_along() -> None:
    road = Road()

    first, second, plain = road.ask_with("a", "x"), road.ask_with("b", "y"), road.ask("a")
    replies = await asyncio.gather(first, second)

    assert road.attempts == [("x", "y")]
    assert [reply.attempt for reply in replies] == [("x taken",), ("y taken",)]
    assert await plain == b"a 1"


async def test_no_lease_is_taken_for_those_who_left_before_the_trip_did() -> None:
    road = Road()
    road.gate.clear()
    first = road.ask("first")
    await settle()
    leaving, staying = road.ask_with("a", "x"), road.ask_with("a", "y")
    await settle()

    leaving.cancel()
    await settle()
    road.gate.set()

    assert (await staying).attempt == ("y taken",)
    assert road.attempts == [(), ("y",)]
    await first


async def test_trips_are_bounded_in_size() -> None:
    road = Road()

    bodies = await asyncio.gather(*(road.ask(str(number)) for number in range(100)))

    assert bodies == [f"{number} 1".encode() for number in range(100)]
    assert max(len(names) for names, _ in road.trips) <= 32
    assert len(road.trips) == 4


async def test_trips_are_few_at_a_time() -> None:
    road = Road()
    road.gate.clear()

    asked = [road.ask(str(number)) for number in range(1000)]
    await settle()
    under_way = len(road.trips)
    road.gate.set()
    await asyncio.gather(*asked)

    assert under_way == 4
    assert sum(len(names) for names, _ in road.trips) == 1000


async def test_who_leaves_takes_nobody_along() -> None:
    road = Road()
    road.gate.clear()
    leaving, staying = road.ask("a"), road.ask("a")
    await settle()

    leaving.cancel()
    await settle()
    road.gate.set()

    assert await staying == b"a 1"
    assert leaving.cancelled()


async def test_who_leaves_before_the_trip_takes_nobody_along() -> None:
    road = Road()
    leaving, staying = road.ask("a"), road.ask("b")
    await asyncio.sleep(0)

    leaving.cancel()

    assert await staying == b"b 1"


async def test_an_error_reaches_everybody_on_the_trip_and_nobody_else() -> None:
    road = Road()
    road.error = StoreDown("it is full")

    failed = await asyncio.gather(road.ask("a"), road.ask("b"), return_exceptions=True)
    road.error = None

    assert [str(fault) for fault in failed] == [str(StoreDown("it is full"))] * 2
    assert await road.ask("a") == b"a 1"


async def test_an_error_that_nobody_waits_for_makes_no_noise() -> None:
    road = Road()
    noises: list[dict[str, object]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: noises.append(context))
    road.gate.clear()
    leaving = road.ask("a")
    await settle()

    leaving.cancel()
    await settle()
    del leaving  # its traceback would keep the failed reply alive
    road.error = StoreDown("it is full")
    road.gate.set()
    await settle()
    gc.collect()

    assert noises == []


async def test_closing_tells_those_who_wait() -> None:
    road = Road()
    road.gate.clear()
    asked = [road.ask(str(number)) for number in range(200)]
    await settle()

    await road.looks.close()
    async with asyncio.timeout(5):
        told = await asyncio.gather(*asked, return_exceptions=True)

    assert {type(fault) for fault in told} == {StoreDown}


async def test_nothing_is_sent_after_closing() -> None:
    road = Road()
    road.gate.clear()
    asked = [road.ask(str(number)) for number in range(200)]
    await settle()

    await road.looks.close()
    await settle()
    for each in asked:
        each.cancel()
    await asyncio.wait(asked)

    assert len(road.trips) == 4
