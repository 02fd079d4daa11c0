"""The stages of an answer's life: fresh, shown while it is loaded anew, an excuse, gone."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cache import Lifetime, Loaded, Mode, Source
from tests.cache.fakes import key, settle
from tests.cache.room import LIFETIME, TAGS, THREE_STAGES, Room

pytestmark = pytest.mark.anyio

memories = pytest.mark.parametrize("tracks", [False, True], ids=["store", "memory"])
unavailable = ConnectionError("the database is away")


@pytest.mark.parametrize(
    ("revalidating", "error", "stages"),
    [(0, 0, (60, 60, 60)), (30, 0, (60, 90, 90)), (0, 30, (60, 60, 90)), (30, 20, (60, 90, 90))],
)
def test_both_extensions_are_counted_from_the_soft_end(
    revalidating: int, error: int, stages: tuple[int, int, int]
) -> None:
    lifetime = Lifetime.of(
        timedelta(minutes=1),
        while_revalidating=timedelta(seconds=revalidating),
        if_error=timedelta(seconds=error),
    )

    assert (lifetime.soft_ms, lifetime.stale_ms, lifetime.hard_ms) == tuple(1000 * each for each in stages)


@given(st.integers(0, 10**9), st.integers(0, 10**9), st.integers(0, 10**9), st.floats(0, 1))
def test_jitter_moves_all_ends_by_at_most_a_tenth(soft: int, more: int, most: int, chance: float) -> None:
    lifetime = Lifetime(soft, soft + more, soft + more + most)

    jittered = lifetime.jittered(chance)

    assert abs(jittered.soft_ms - soft) <= soft / 10 + 1
    assert 0 <= jittered.soft_ms <= jittered.stale_ms <= jittered.hard_ms
    assert jittered.stale_ms - jittered.soft_ms == more
    assert jittered.hard_ms - jittered.stale_ms == most


def test_jitter_reaches_both_bounds() -> None:
    ends = [Lifetime(1000, 2000, 3000).jittered(chance).soft_ms for chance in (0, 0.5, 1)]

    assert ends == [900, 1000, 1100]


@pytest.mark.parametrize(("chance", "seconds"), [(0.0, 270), (0.5, 300), (0.999999, 330)])
async def test_what_is_kept_is_jittered(chance: float, seconds: int) -> None:
    room = Room()
    room.chance.next = chance
    await room.answer()
    room.chance.next = 0.5

    room.clock.turn(seconds - 1)
    before = await room.answer()
    room.clock.turn(1)
    after = await room.answer()

    assert (before.source, after.source) == (Source.REDIS, Source.DATABASE)


async def test_jitter_never_makes_a_life_that_is_over() -> None:
    room = Room()
    room.chance.next = 0.0

    async def nearly_as_slow_as_its_life() -> Loaded:
        room.clock.turn(290)
        return Loaded(b"1", 1)

    await room.answer(load=nearly_as_slow_as_its_life)

    assert [left for left in room.store.lives if left <= 0] == []


@memories
async def test_an_answer_goes_through_its_stages(*, tracks: bool) -> None:
    room = Room(tracks=tracks)
    await room.answer(1, lifetime=THREE_STAGES)
    room.database.error = unavailable

    room.clock.turn(99)
    fresh = await room.answer(1, lifetime=THREE_STAGES)
    room.clock.turn(1)
    stale = await room.answer(1, lifetime=THREE_STAGES)
    room.clock.turn(199)
    excuse = await room.answer(1, lifetime=THREE_STAGES)
    room.clock.turn(1)

    assert fresh.source is (Source.MEMORY if tracks else Source.REDIS)
    assert (stale.source, stale.age_ms) == (Source.STALE, 100_000)
    assert (excuse.source, excuse.age_ms) == (Source.STALE, 299_000)
    with pytest.raises(ConnectionError):
        await room.answer(1, lifetime=THREE_STAGES)


async def test_an_excuse_is_shown_only_when_the_load_fails() -> None:
    room = Room()
    await room.answer(1, lifetime=THREE_STAGES)
    room.clock.turn(250)
    room.database.body = b"new"

    hit = await room.answer(1, lifetime=THREE_STAGES)

    assert (hit.source, hit.body) == (Source.DATABASE, b"new")


@memories
async def test_an_expired_answer_is_shown_flagged_when_the_load_fails(*, tracks: bool) -> None:
    room = Room(tracks=tracks)
    await room.answer()
    await room.cache.invalidate([TAGS[0]], Mode.EXPIRE)
    room.clock.turn(5)
    room.database.error = unavailable

    hit = await room.answer()

    assert (hit.source, hit.age_ms, hit.body) == (Source.STALE, 5000, room.database.body)
    assert room.database.loads == 2


@memories
@pytest.mark.parametrize("order", ["purge", "expire then purge", "purge then expire", "delete", "clear"])
async def test_a_purged_answer_is_never_shown_whatever_fails(order: str, *, tracks: bool) -> None:
    room = Room(tracks=tracks)
    await room.answer()
    for word in order.split(" then "):
        match word:
            case "purge":
                await room.cache.invalidate([TAGS[0]], Mode.PURGE)
            case "expire":
                await room.cache.invalidate([TAGS[0]], Mode.EXPIRE)
            case "delete":
                await room.cache.delete(key().name)
            case "clear":
                await room.cache.clear("analytics:*")
    room.database.error = unavailable

    with pytest.raises(ConnectionError):
        await room.answer()


async def test_purging_one_tag_wins_over_expiring_another() -> None:
    room = Room()
    await room.answer()
    await room.cache.invalidate([TAGS[0]], Mode.EXPIRE)
    await room.cache.invalidate([TAGS[1]], Mode.PURGE)
    room.database.error = unavailable

    with pytest.raises(ConnectionError):
        await room.answer()


@memories
async def test_what_is_purged_while_its_load_fails_is_not_shown(*, tracks: bool) -> None:
    room = Room(tracks=tracks)
    await room.answer(1, lifetime=THREE_STAGES)
    room.clock.turn(250)
    room.database.gate.clear()
    room.database.error = unavailable
    caller = room.ask(1, lifetime=THREE_STAGES)
    await settle()

    await room.cache.invalidate([TAGS[0]], Mode.PURGE)
    room.database.gate.set()

    with pytest.raises(ConnectionError):
        await caller


async def test_an_expired_answer_past_its_hard_end_is_no_excuse() -> None:
    room = Room(tracks=True)
    await room.answer()
    await room.cache.invalidate([TAGS[0]], Mode.EXPIRE)
    room.clock.turn(300)
    room.database.error = unavailable

    with pytest.raises(ConnectionError):
        await room.answer()


async def test_an_answer_of_another_server_is_no_excuse() -> None:
    room = Room()
    await room.answer()
    room.store.server = "server 2"
    room.database.error = unavailable

    with pytest.raises(ConnectionError):
        await room.answer()


async def test_an_error_that_is_not_forgivable_is_told() -> None:
    room = Room()
    await room.answer(1, lifetime=THREE_STAGES)
    room.clock.turn(250)
    room.database.error = ValueError("the question is wrong")

    with pytest.raises(ValueError, match="question is wrong"):
        await room.answer(1, lifetime=THREE_STAGES)


async def test_everybody_who_waits_for_a_failing_load_gets_the_excuse() -> None:
    room = Room()
    await room.answer(1, lifetime=THREE_STAGES)
    room.clock.turn(250)
    room.database.error = unavailable
    room.database.gate.clear()

    waiting = [room.ask(1, lifetime=THREE_STAGES) for _ in range(5)]
    await room.database.started.wait()
    room.database.gate.set()

    assert {(await each).source for each in waiting} == {Source.STALE}
    assert room.database.loads == 2


async def test_what_is_remembered_is_an_excuse_while_store_and_database_are_away() -> None:
    room = Room(tracks=True)
    await room.answer(1, lifetime=THREE_STAGES)
    room.clock.turn(250)
    room.store.down = True
    room.database.error = unavailable

    assert (await room.answer(1, lifetime=THREE_STAGES)).source is Source.STALE


async def test_what_is_remembered_past_its_hard_end_is_no_excuse() -> None:
    room = Room(tracks=True)
    await room.answer(1, lifetime=THREE_STAGES)
    room.clock.turn(300)
    room.store.down = True
    room.database.error = unavailable

    with pytest.raises(ConnectionError):
        await room.answer(1, lifetime=THREE_STAGES)


async def test_a_life_of_no_length_is_not_kept() -> None:
    room = Room(tracks=True)

    await room.answer(1, lifetime=Lifetime.of(timedelta(0)))

    assert room.store.kept == {}
    assert (await room.answer(1, lifetime=LIFETIME)).source is Source.DATABASE
