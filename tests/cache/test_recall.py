"""Answers from memory, and the tokens that they are shown by."""

import asyncio

import pytest

from cache import CacheKey, Loaded, Mode, Source
from tests.cache.fakes import key, settle
from tests.cache.room import LIFETIME, TAGS, THREE_STAGES, Room

pytestmark = pytest.mark.anyio


async def test_a_second_question_is_answered_from_memory_without_asking_anybody() -> None:
    room = Room(tracks=True)
    await room.answer()
    room.store.calls.clear()
    room.clock.turn(42)

    hit = await room.answer()

    assert (hit.source, hit.age_ms, hit.rows, hit.body) == (Source.MEMORY, 42_000, 7, room.database.body)
    assert room.store.calls == []


async def test_what_was_found_in_the_store_is_remembered_with_its_age() -> None:
    other = Room(tracks=True)
    await other.answer()
    room = Room(store=other.store)
    room.clock.turn(10)

    found = await room.answer()
    room.clock.turn(5)
    remembered = await room.answer()

    assert (found.source, found.age_ms) == (Source.REDIS, 10_000)
    assert (remembered.source, remembered.age_ms) == (Source.MEMORY, 15_000)


async def test_nothing_is_shown_from_memory_when_changes_are_not_told() -> None:
    room = Room(tracks=False)
    await room.answer()

    assert (await room.answer()).source is Source.REDIS


@pytest.mark.parametrize("tag", [*TAGS, "__all", "__memory"])
async def test_what_is_not_known_of_any_one_tag_is_asked(tag: str) -> None:
    room = Room(tracks=True)
    await room.answer()

    del room.store.told[tag]

    assert (await room.answer()).source is Source.REDIS
    assert (await room.answer()).source is Source.MEMORY


@pytest.mark.parametrize("mode", list(Mode))
@pytest.mark.parametrize("tag", TAGS)
async def test_what_another_process_invalidated_is_not_shown_from_memory(tag: str, mode: Mode) -> None:
    room = Room(tracks=True)
    await room.answer()
    other = Room(store=room.store)

    await other.cache.invalidate([tag], mode)
    room.database.body = b"new"

    assert (await room.answer()).body == b"new"


@pytest.mark.parametrize("pattern", ["analytics:*", "analytics:query:*", key().name, f"{key().name[:-25]}*"])
@pytest.mark.parametrize("mode", list(Mode))
async def test_what_another_process_cleared_is_not_shown_from_memory(pattern: str, mode: Mode) -> None:
    room = Room(tracks=True)
    await room.answer()
    other = Room(store=room.store)

    await other.cache.clear(pattern, mode)
    room.database.body = b"new"

    assert (await room.answer()).body == b"new"


async def test_a_deletion_makes_every_process_forget_what_it_remembers() -> None:
    room = Room(tracks=True)
    await room.answer(1)
    await room.answer(2)
    other = Room(store=room.store)

    await other.cache.delete(key(1).name)

    assert (await room.answer(1)).source is Source.DATABASE
    assert (await room.answer(2)).source is Source.REDIS


async def test_an_answer_loaded_before_a_deletion_is_not_remembered_past_it() -> None:
    room = Room(tracks=True)
    room.database.gate.clear()
    room.database.body = b"old"
    before = room.ask()
    await room.database.started.wait()

    await Room(store=room.store).cache.delete(key().name)
    room.database.gate.set()
    await before
    room.database.body = b"new"

    assert (await room.answer()).body == b"new"


async def test_an_answer_found_before_an_invalidation_is_not_remembered_past_it() -> None:
    other = Room(tracks=True)
    other.database.body = b"old"
    await other.answer()
    room = Room(store=other.store)
    room.store.look_reply.clear()
    before = room.ask()
    await settle()

    await other.cache.invalidate([TAGS[0]], Mode.PURGE)
    room.store.look_reply.set()
    await before
    room.database.body = b"new"

    assert (await room.answer()).body == b"new"


async def test_another_question_under_the_same_name_is_not_answered_from_memory() -> None:
    room = Room(tracks=True)
    one, other = key(1), key(2)
    collided = CacheKey(one.name, other.sha256, other.scope, other.text)
    await room.answer(1)
    room.database.body = b"other"

    hit = await room.cache.get_or_load(collided, room.database.load, tags=TAGS, lifetime=LIFETIME)

    assert hit.body == b"other"


async def test_another_tenant_under_the_same_name_is_not_answered_from_memory() -> None:
    room = Room(tracks=True)
    one, other = key(1), key(1, tenant="south")
    collided = CacheKey(one.name, one.sha256, other.scope, one.text)
    await room.answer(1)
    room.database.body = b"south"

    hit = await room.cache.get_or_load(collided, room.database.load, tags=TAGS, lifetime=LIFETIME)

    assert hit.body == b"south"


async def test_a_question_with_other_tags_is_not_answered_from_memory() -> None:
    room = Room(tracks=True)
    await room.answer(1, tags=("table:sales",))
    await room.answer(2, tags=("table:sales", "table:costs"))
    room.database.body = b"new"

    assert (await room.answer(1, tags=("table:sales", "table:costs"))).body == b"new"


async def test_memory_is_trusted_only_as_long_as_the_store_is_heard() -> None:
    room = Room(tracks=True)
    await room.answer()

    room.store.down = True
    flagged = await room.answer()
    room.store.down = False
    again = await room.answer()

    assert (flagged.source, again.source) == (Source.STALE, Source.MEMORY)


async def test_what_is_remembered_too_long_is_not_shown_while_the_store_is_down_but_loaded() -> None:
    room = Room(tracks=True)
    await room.answer(1, lifetime=THREE_STAGES)
    room.clock.turn(250)
    room.store.down = True
    room.database.body = b"new"

    hit = await room.answer(1, lifetime=THREE_STAGES)

    assert (hit.source, hit.body) == (Source.DATABASE, b"new")


async def test_answers_are_pushed_out_of_memory_but_not_of_the_store() -> None:
    room = Room(tracks=True, memory_bytes=30_000)
    room.database.body = b"x" * 3000
    for number in range(10):
        await room.answer(number)

    sources = [(await room.answer(number)).source for number in (9, 0)]
    stats = await room.cache.stats()

    assert sources == [Source.MEMORY, Source.REDIS]
    assert stats.memory.evictions > 0
    assert stats.memory.bytes <= 30_000


async def test_many_questions_from_memory_are_not_confused() -> None:
    room = Room(tracks=True)

    async def ask(number: int) -> None:
        async def load() -> Loaded:
            return Loaded(str(number).encode(), 1)

        for _ in range(3):
            assert (await room.answer(number, load=load)).body == str(number).encode()

    await asyncio.gather(*(ask(number) for number in range(50)))
