import asyncio

import pytest

from cache import Mode, OutsidePrefix, Source, StoreDown
from tests.cache.fakes import key, settle
from tests.cache.room import TAGS, Room

pytestmark = pytest.mark.anyio


async def test_an_entry_can_be_deleted() -> None:
    room = Room()
    await room.answer()

    deleted = [await room.cache.delete(key().name) for _ in range(2)]
    await room.answer()

    assert deleted == [True, False]
    assert room.database.loads == 2


async def test_clear_tells_how_many_it_deleted() -> None:
    room = Room()
    for number in range(3):
        await room.answer(number)

    assert await room.cache.clear("analytics:query:*") == 3
    assert room.store.kept == {}


async def test_a_clear_that_expires_deletes_nothing_and_shows_nothing_from_before() -> None:
    room = Room()
    await room.answer()

    assert await room.cache.clear("analytics:*", Mode.EXPIRE) == 0
    assert room.store.kept != {}
    assert (await room.answer()).source is Source.DATABASE


async def test_clear_refuses_what_is_not_ours() -> None:
    with pytest.raises(OutsidePrefix):
        await Room().cache.clear("*")


async def invalidate(room: Room, order: str) -> None:
    match order:
        case "delete":
            await room.cache.delete(key().name)
        case "clear":
            await room.cache.clear("analytics:*")
        case "narrow clear":
            await room.cache.clear(f"{key().name[:-20]}*")
        case "purge":
            await room.cache.invalidate([TAGS[0]], Mode.PURGE)
        case "expire":
            await room.cache.invalidate([TAGS[1]], Mode.EXPIRE)
        case "long tag":
            await room.cache.invalidate([LONG_TAG], Mode.PURGE)


LONG_TAG = "city:" + "x" * 500

orders = pytest.mark.parametrize("order", ["delete", "clear", "narrow clear", "purge", "expire", "long tag"])
stores = pytest.mark.parametrize("tracks", [False, True], ids=["asked", "told"])


@orders
@stores
async def test_what_was_kept_before_an_invalidation_is_not_shown_after_it(
    order: str, *, tracks: bool
) -> None:
    room = Room(tracks=tracks)
    tags = (*TAGS, LONG_TAG)
    room.database.body = b"old"
    for _ in range(2):
        await room.answer(tags=tags)

    await invalidate(room, order)
    room.database.body = b"new"

    assert (await room.answer(tags=tags)).body == b"new"
    assert (await room.answer(tags=tags)).body == b"new"


@orders
@stores
async def test_a_load_begun_before_an_invalidation_is_not_shown_after_it(order: str, *, tracks: bool) -> None:
    room = Room(tracks=tracks)
    tags = (*TAGS, LONG_TAG)
    room.database.gate.clear()
    room.database.body = b"old"
    before = asyncio.create_task(room.answer(tags=tags))
    await room.database.started.wait()

    await invalidate(room, order)
    room.database.body = b"new"
    after = asyncio.create_task(room.answer(tags=tags))
    await settle()
    room.database.gate.set()

    assert (await before).body == b"old"
    assert (await after).body == b"new"
    assert (await room.answer(tags=tags)).body == b"new"


@orders
async def test_a_write_that_ends_after_an_invalidation_is_not_shown(order: str) -> None:
    room = Room(tracks=True)
    tags = (*TAGS, LONG_TAG)
    room.database.body = b"old"
    room.store.put_gate.clear()
    before = asyncio.create_task(room.answer(tags=tags))
    await settle()

    await invalidate(room, order)
    room.database.body = b"new"
    room.store.put_gate.set()

    assert (await before).body == b"old"
    assert (await room.answer(tags=tags)).body == b"new"


async def test_a_look_under_way_during_a_deletion_is_not_joined_after_it() -> None:
    room = Room()
    await room.answer()
    room.store.delete_gate.clear()
    deletion = asyncio.create_task(room.cache.delete(key().name))
    await settle()

    room.store.look_reply.clear()
    during = room.ask()
    await settle()
    room.store.delete_gate.set()
    await deletion
    room.database.body = b"new"
    after = room.ask()
    await settle()
    room.store.look_reply.set()

    await during
    assert (await after).body == b"new"


async def test_an_answer_of_another_process_from_before_an_invalidation_is_not_shown() -> None:
    room = Room()
    other = Room(store=room.store)
    room.database.body = b"old"
    room.database.gate.clear()
    before = room.ask()
    await room.database.started.wait()

    await other.cache.invalidate([TAGS[0]], Mode.PURGE)
    other.database.body = b"new"
    after = other.ask()
    room.database.gate.set()
    await before

    assert (await after).body == b"new"


async def test_an_invalidation_of_one_tag_leaves_answers_without_it_alone() -> None:
    room = Room()
    await room.answer(1)
    await room.answer(2, tags=("table:costs",))

    await room.cache.invalidate(["table:sales"], Mode.PURGE)

    assert (await room.answer(1)).source is Source.DATABASE
    assert (await room.answer(2, tags=("table:costs",))).source is Source.REDIS


async def test_a_deletion_does_not_disturb_loads_of_other_keys() -> None:
    room = Room()
    room.database.gate.clear()
    other = room.ask(2)
    await room.database.started.wait()

    await room.cache.delete(key(1).name)
    room.database.gate.set()
    await other

    assert (await room.answer(2)).source is Source.REDIS


async def test_answers_of_a_server_that_is_another_one_now_are_not_shown() -> None:
    room = Room(tracks=True)
    await room.answer()

    room.store.server = "server 2"

    assert (await room.answer()).source is Source.DATABASE


async def test_a_load_from_before_an_invalidation_is_not_joined_though_every_look_fails() -> None:
    room = Room()
    room.store.failing = {"look"}
    room.database.gate.clear()
    room.database.body = b"old"
    before = room.ask()
    await room.database.started.wait()

    await room.cache.invalidate([TAGS[0]], Mode.PURGE)
    room.database.body = b"new"
    after = room.ask()
    await settle()
    room.database.gate.set()

    assert (await before).body == b"old"
    assert (await after).body == b"new"


@pytest.mark.parametrize("order", ["delete", "clear", "purge"])
async def test_whoever_ordered_an_invalidation_learns_that_it_failed(order: str) -> None:
    room = Room()
    room.store.down = True

    with pytest.raises(StoreDown):
        await invalidate(room, order)


async def test_after_an_invalidation_no_other_process_is_waited_for() -> None:
    first = Room()
    second = Room(store=first.store)
    first.database.gate.clear()
    begun_before = first.ask()
    await first.database.started.wait()

    await second.cache.invalidate([TAGS[0]], Mode.PURGE)
    async with asyncio.timeout(5):
        hit = await second.answer()

    assert (hit.source, begun_before.done()) == (Source.DATABASE, False)
    first.database.gate.set()
    await begun_before
