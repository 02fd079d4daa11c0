"""Looks of one moment share a trip."""

import asyncio
import gc
from collections.abc import Sequence

import pytest

from cache import Found, Missing, StoreDown
from cache.looks import Looks, Replies
from tests.cache.fakes import opened, settle

pytestmark = pytest.mark.anyio


class Road:
    """Trips to a server that knows every name; a closed gate holds back the replies."""

    def __init__(self) -> None:
        self.trips: list[tuple[tuple[str, ...], tuple[str, ...]]] = []
        self.gate = opened()
        self.error: BaseException | None = None
        self.version = 1
        self.looks = Looks(self.send)

    async def send(self, names: Sequence[str], tags: Sequence[str]) -> Replies:
        self.trips.append((tuple(names), tuple(tags)))
        version = self.version
        await self.gate.wait()
        if self.error:
            raise self.error
        return (
            {name: Found(f"{name} {version}".encode(), 1) for name in names},
            {tag: f"{tag} {version}" for tag in tags},
        )

    def ask(self, name: str, *tags: str) -> "asyncio.Task[bytes]":
        return asyncio.create_task(self._body(name, tags))

    async def _body(self, name: str, tags: Sequence[str]) -> bytes:
        found, tokens = await self.looks.look(name, tags)
        assert not isinstance(found, Missing)
        assert set(tags) <= tokens.keys()
        return found.body


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


async def test_a_look_that_waits_for_a_free_slot_is_sent_later_than_it_was_asked() -> None:
    road = Road()
    road.gate.clear()
    on_the_way = []
    for number in range(4):
        on_the_way.append(road.ask(str(number)))
        await settle()

    waiting = [road.ask("a"), road.ask("b")]
    await settle()
    trips_before = len(road.trips)
    road.version = 2
    road.gate.set()

    assert await asyncio.gather(*waiting) == [b"a 2", b"b 2"]
    assert (trips_before, len(road.trips)) == (4, 5)
    await asyncio.gather(*on_the_way)


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
