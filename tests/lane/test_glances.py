"""The short way to an answer that is there: nothing is counted before it is shown."""

from dataclasses import replace
from typing import Any

import pytest

from cache import Freshness, Mode, Source
from cache.budget import Budget
from cache.glance import Found, Glanced, Glances
from cache.lifetime import ANY
from cache.shelf import Standing
from cache.stats import MissReason
from cache.tokens import MEMORY
from cache.wanted import Wanted
from tests.cache.fakes import FakeStore, key, settle
from tests.cache.room import TAGS, THREE_STAGES, Room

pytestmark = pytest.mark.anyio


def wanted(number: int = 1) -> Wanted:
    return Wanted(key(number), TAGS)


async def filled(**given: Any) -> Room:
    """With an answer in memory and in the store, fresh for 100 s, and nothing counted yet."""
    room = Room(tracks=True, **given)
    await room.answer(lifetime=THREE_STAGES)
    room.store.calls.clear()
    room.seen.events.clear()
    return room


async def emptied(store: FakeStore) -> Room:
    """Another process over the same store."""
    room = Room(store=store)
    await room.answer(99)
    room.store.calls.clear()
    room.seen.events.clear()
    return room


def glances(room: Room) -> Glances:
    return room.cache.glances


def glanced(room: Room, freshness: Freshness = ANY) -> Glanced | Found | None:
    return glances(room).in_memory(wanted(), freshness)


async def loaded_in(room: Room, seconds: float) -> None:
    """The answer, by a load that took so long."""
    room.database.gate.clear()
    task = room.ask(lifetime=THREE_STAGES)
    await room.database.started.wait()
    room.clock.turn(seconds)
    room.database.gate.set()
    await task


async def test_an_answer_in_memory_is_seen_with_its_age_and_nobody_is_asked() -> None:
    room = await filled()
    room.clock.turn(42)

    found = glanced(room)

    assert isinstance(found, Glanced)
    assert (found.source, found.age_ms, found.entry.body) == (Source.MEMORY, 42_000, room.database.body)
    assert room.store.calls == []


async def test_two_looks_see_the_very_same_entry_and_a_new_load_another() -> None:
    room = await filled()
    first, second = glanced(room), glanced(room)
    await room.cache.invalidate(TAGS, Mode.PURGE)
    await room.answer(lifetime=THREE_STAGES)
    third = glanced(room)

    assert isinstance(first, Glanced)
    assert isinstance(second, Glanced)
    assert isinstance(third, Glanced)
    assert second.entry is first.entry
    assert third.entry is not first.entry


async def test_nothing_is_counted_and_nobody_told_before_it_is_shown() -> None:
    room = await filled()
    before = room.cache.counts()

    found = glanced(room)

    assert isinstance(found, Glanced)
    assert (room.cache.counts(), room.seen.events) == (before, [])

    glances(room).shown(wanted(), found, room.clock())

    assert room.cache.counts().hits_by_source[Source.MEMORY] == 1
    (event,) = room.seen.events
    assert (event.key, event.detail) == (key(1).name, "memory")


async def test_what_a_hit_saved_is_what_the_load_had_cost() -> None:
    room = Room(tracks=True)
    await loaded_in(room, 0.75)

    found = glanced(room)
    assert isinstance(found, Glanced)
    glances(room).shown(wanted(), found, room.clock())

    assert room.cache.counts().load_ms_saved == 750


async def test_what_is_not_remembered_is_not_seen() -> None:
    room = await filled()

    assert glances(room).in_memory(wanted(2), ANY) is None


@pytest.mark.parametrize("mode", list(Mode))
@pytest.mark.parametrize("tag", [*TAGS, "__all", MEMORY])
async def test_what_another_process_invalidated_is_not_seen(tag: str, mode: Mode) -> None:
    room = await filled()
    again = wanted()
    assert glances(room).in_memory(again, ANY)

    await room.store.invalidate((tag,), mode)

    assert glances(room).in_memory(again, ANY) is None


async def test_what_was_invalidated_is_not_seen_when_the_new_token_is_known() -> None:
    room = await filled()
    again = wanted()
    assert glances(room).in_memory(again, ANY)

    await room.store.invalidate((TAGS[0],), Mode.EXPIRE)
    await room.store.look(key(7).name, (*again.tags, MEMORY))

    assert glances(room).in_memory(again, ANY) is None


async def test_a_change_of_another_tag_is_no_matter() -> None:
    room = await filled()
    again = wanted()
    assert glances(room).in_memory(again, ANY)

    await room.store.look(key(7).name, ("table:lines",))
    await room.store.invalidate(("table:lines",), Mode.PURGE)

    assert glances(room).in_memory(again, ANY)


@pytest.mark.parametrize("broken", ["down", "other server", "nothing told"])
async def test_without_word_from_the_store_nothing_is_seen(broken: str) -> None:
    room = await filled()
    again = wanted()
    assert glances(room).in_memory(again, ANY)

    match broken:
        case "down":
            room.store.down = True
        case "other server":
            room.store.server = "server 2"
        case _:
            room.store.told.clear()

    assert glances(room).in_memory(again, ANY) is None


@pytest.mark.parametrize(
    ("age_s", "max_age_ms", "good"), [(9, 9_000, True), (9.001, 9_000, False), (0, 0, True)]
)
async def test_nothing_older_than_the_caller_takes_is_seen(
    age_s: float, max_age_ms: int, *, good: bool
) -> None:
    room = await filled()
    room.clock.turn(age_s)

    found = glanced(room, Freshness(max_age_ms=max_age_ms))

    assert isinstance(found, Glanced) == good


async def test_an_answer_is_good_until_just_before_its_end() -> None:
    room = await filled()
    room.clock.turn(99.999)
    last = glanced(room)
    room.clock.turn(0.001)
    over = glanced(room)

    assert isinstance(last, Glanced)
    assert isinstance(over, Found)
    assert (over.verdict.standing, over.source) == (Standing.STALE, Source.MEMORY)
    room.clock.turn(100)
    assert not isinstance(glanced(room), Glanced)


async def test_a_costly_answer_near_its_end_is_left_to_the_cache_if_chance_says_so() -> None:
    room = Room(tracks=True)
    await loaded_in(room, 10)
    room.clock.turn(85)

    room.chance.next = 0.1
    calm = glanced(room)
    room.chance.next = 0.9
    hasty = glanced(room)

    assert isinstance(calm, Glanced)
    assert isinstance(hasty, Found)
    assert hasty.verdict.standing is Standing.FRESH


async def test_an_answer_in_the_store_is_seen_and_remembered_once_it_is_shown() -> None:
    room = await emptied((await filled()).store)
    again = wanted()
    room.clock.turn(10)

    found = await glances(room).in_store(again, ANY)

    assert isinstance(found, Glanced)
    assert (found.source, found.age_ms) == (Source.REDIS, 10_000)
    assert room.store.calls == ["look"]
    assert glances(room).in_memory(again, ANY) is None
    assert room.cache.counts().hits == 0

    glances(room).shown(again, found, room.clock())

    remembered = glances(room).in_memory(again, ANY)
    assert isinstance(remembered, Glanced)
    assert (remembered.source, remembered.age_ms) == (Source.MEMORY, 10_000)
    assert room.cache.counts().hits_by_source == {Source.MEMORY: 0, Source.REDIS: 1, Source.STALE: 0}


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ("absent", MissReason.ABSENT),
        ("damaged", MissReason.DAMAGED),
        ("invalidated", MissReason.INVALIDATED),
        ("expired", MissReason.EXPIRED),
        ("too old", MissReason.TOO_OLD),
        ("down", MissReason.STORE_DOWN),
    ],
)
async def test_what_is_no_good_in_the_store_is_handed_on_uncounted(wrong: str, reason: MissReason) -> None:
    room = await emptied((await filled()).store)
    name, store = key(1).name, room.store
    match wrong:
        case "absent":
            del store.kept[name]
        case "damaged":
            store.kept[name] = (b"{}\n", store.clock() + 10)
        case "invalidated":
            await store.invalidate(TAGS, Mode.EXPIRE)
        case "expired":
            room.clock.turn(201)
        case "down":
            store.down = True
    room.clock.turn(1)
    before = room.cache.counts().misses

    found = await glances(room).in_store(wanted(), Freshness(max_age_ms=0 if wrong == "too old" else None))

    assert isinstance(found, Found)
    assert (found.verdict.reason, found.source) == (reason, Source.REDIS)
    assert isinstance(found.budget, Budget)
    assert (room.cache.counts().misses, room.cache.counts().hits) == (before, 0)


async def test_the_cache_goes_on_from_what_was_seen_without_a_second_look() -> None:
    room = await emptied((await filled()).store)
    room.clock.turn(150)
    seen = await glances(room).in_store(wanted(), ANY)
    assert isinstance(seen, Found)
    room.store.calls.clear()

    hit = await room.cache.get_or_load(
        wanted(), room.database.load, lifetime=THREE_STAGES, freshness=ANY, found=seen
    )

    assert (hit.source, hit.age_ms) == (Source.STALE, 150_000)
    assert room.store.calls == []
    await settle()
    assert room.cache.counts().hits_by_source[Source.STALE] == 1


async def test_an_answer_of_another_scope_under_the_same_name_is_not_seen() -> None:
    room = await filled()
    other = key(1, tenant="south")
    stolen = Wanted(replace(other, name=key(1).name), TAGS)

    assert glances(room).in_memory(stolen, ANY) is None
