"""What is worth a place in the store."""

import asyncio

import pytest

from cache import EventName, Loaded, Source
from cache.admission import MOST_SEEN, MOST_TENANTS, Admission
from tests.cache.fakes import Clock, key, settle
from tests.cache.room import Room

pytestmark = pytest.mark.anyio


def admission(clock: Clock | None = None, *, cheap_ms: int = 20, quota_bytes: int = 1000) -> Admission:
    return Admission(cheap_ms=cheap_ms, quota_bytes=quota_bytes, clock=clock or Clock())


def test_a_cheap_answer_is_admitted_at_its_second_sight() -> None:
    admit = admission()

    refusals = [admit.refusal("a", "north", cost_ms=19, size=1) for _ in range(3)]

    assert "19 ms" in refusals[0]
    assert refusals[1:] == ["", ""]


def test_an_answer_that_cost_something_is_admitted_at_once() -> None:
    assert admission().refusal("a", "north", cost_ms=20, size=1) == ""


def test_each_question_is_seen_for_itself() -> None:
    admit = admission()
    admit.refusal("a", "north", cost_ms=1, size=1)

    assert admit.refusal("b", "north", cost_ms=1, size=1)


def test_what_was_seen_long_ago_is_forgotten() -> None:
    admit = admission(quota_bytes=10**9)
    for number in range(MOST_SEEN + 1):
        admit.refusal(str(number), "north", cost_ms=1, size=1)

    assert admit.refusal(str(MOST_SEEN), "north", cost_ms=1, size=1) == ""
    assert admit.refusal("0", "north", cost_ms=1, size=1)


def test_a_tenant_writes_no_more_than_his_quota_in_a_minute() -> None:
    clock = Clock()
    admit = admission(clock)

    within = [admit.refusal("a", "north", cost_ms=99, size=500) for _ in range(3)]
    clock.turn(59.9)
    still = admit.refusal("a", "north", cost_ms=99, size=1)
    clock.turn(0.1)
    anew = admit.refusal("a", "north", cost_ms=99, size=1000)

    assert within[:2] == ["", ""]
    assert "1000 bytes" in within[2]
    assert still
    assert anew == ""


def test_what_is_refused_takes_nothing_of_the_quota() -> None:
    admit = admission()
    admit.refusal("a", "north", cost_ms=99, size=1001)

    assert admit.refusal("a", "north", cost_ms=99, size=1000) == ""


def test_one_tenant_does_not_use_up_what_is_anothers() -> None:
    admit = admission()
    admit.refusal("a", "north", cost_ms=99, size=1000)

    assert admit.refusal("a", "north", cost_ms=99, size=1)
    assert admit.refusal("a", "south", cost_ms=99, size=1) == ""


def test_accounts_are_bounded() -> None:
    admit = admission()
    for number in range(MOST_TENANTS + 1):
        admit.refusal("a", str(number), cost_ms=99, size=1000)

    assert admit.refusal("a", "0", cost_ms=99, size=1000) == ""


async def test_a_cheap_answer_is_not_written_at_first_sight_but_remembered() -> None:
    room = Room(tracks=True, cheap_ms=20)

    await room.answer()
    again = await room.answer()
    stats = await room.cache.stats()

    assert again.source is Source.MEMORY
    assert room.store.kept == {}
    assert (stats.not_admitted, stats.loads) == (1, 1)
    assert room.seen.count(EventName.NOT_STORED) == 1


async def test_a_cheap_answer_is_written_at_second_sight() -> None:
    room = Room(cheap_ms=20)

    hits = [await room.answer() for _ in range(3)]

    assert [hit.source for hit in hits] == [Source.DATABASE, Source.DATABASE, Source.REDIS]


async def test_a_cheap_answer_that_several_wait_for_is_written_at_first_sight() -> None:
    """Callers in other processes want it, too, and would load it one process after the other."""
    room = Room(cheap_ms=20)
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def load() -> Loaded:
        begun.set()
        await go_on.wait()
        return Loaded(b"1", 1)

    first = asyncio.create_task(room.answer(load=load))
    await begun.wait()
    second = asyncio.create_task(room.answer(load=load))
    await settle()
    go_on.set()
    hits = await first, await second

    assert [hit.source for hit in hits] == [Source.DATABASE, Source.DATABASE]
    assert key().name in room.store.kept


async def test_an_answer_that_cost_something_is_written_at_first_sight() -> None:
    room = Room(cheap_ms=20)

    async def dear() -> Loaded:
        room.clock.turn(0.020)
        return Loaded(b"1", 1)

    await room.answer(load=dear)

    assert key().name in room.store.kept


async def test_what_is_over_the_quota_is_answered_and_remembered_but_not_written() -> None:
    room = Room(tracks=True, quota_bytes=100)
    room.database.body = b"x" * 60

    for number in (1, 2):
        await room.answer(number)
    hit = await room.answer(2)

    assert list(room.store.kept) == [key(1).name]
    assert hit.source is Source.MEMORY
    assert (await room.cache.stats()).not_admitted == 1
