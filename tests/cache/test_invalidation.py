import asyncio

import pytest

from cache import OutsidePrefix, Source
from tests.cache.fakes import key, settle
from tests.cache.room import Room

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


async def test_clear_refuses_what_is_not_ours() -> None:
    with pytest.raises(OutsidePrefix):
        await Room().cache.clear("*")


async def invalidate(room: Room, order: str) -> None:
    await (room.cache.delete(key().name) if order == "delete" else room.cache.clear("analytics:*"))


@pytest.mark.parametrize("order", ["delete", "clear"])
async def test_a_load_begun_before_an_invalidation_is_served_but_not_kept(order: str) -> None:
    room = Room()
    room.database.gate.clear()
    before = room.ask()
    await room.database.started.wait()

    await invalidate(room, order)
    room.database.gate.set()

    assert (await before).source is Source.DATABASE
    assert room.store.kept == {}


@pytest.mark.parametrize("order", ["delete", "clear"])
async def test_a_load_begun_before_an_invalidation_is_not_joined_after_it(order: str) -> None:
    room = Room()
    room.database.gate.clear()
    room.database.body = b"old"
    before = room.ask()
    await room.database.started.wait()

    await invalidate(room, order)
    room.database.body = b"new"
    after = room.ask()
    await settle()
    room.database.gate.set()

    assert (await before).body == b"old"
    assert (await after).body == b"new"
    assert (await room.answer()).body == b"new"


async def test_a_load_that_ends_during_a_deletion_is_not_kept() -> None:
    room = Room()
    room.database.gate.clear()
    before = room.ask()
    await room.database.started.wait()

    room.store.delete_reply.clear()
    deletion = asyncio.create_task(room.cache.delete(key().name))
    await settle()
    room.database.gate.set()
    await before
    room.store.delete_reply.set()
    await deletion

    assert room.store.kept == {}


async def test_a_look_that_saw_what_was_deleted_is_not_joined_after_the_deletion() -> None:
    room = Room()
    await room.answer()
    room.store.delete_gate.clear()
    deletion = asyncio.create_task(room.cache.delete(key().name))
    await settle()

    room.store.get_reply.clear()
    during = room.ask()
    await settle()
    room.store.delete_gate.set()
    await deletion
    after = room.ask()
    await settle()
    room.store.get_reply.set()

    assert (await during).source is Source.REDIS
    assert (await after).source is Source.DATABASE


async def test_an_invalidation_waits_for_the_write_it_would_otherwise_lose_to() -> None:
    room = Room()
    room.store.put_gate.clear()
    before = room.ask()
    await settle()

    deletion = asyncio.create_task(room.cache.delete(key().name))
    await settle()
    room.store.put_gate.set()
    await asyncio.gather(before, deletion)

    assert room.store.kept == {}


async def test_a_deletion_does_not_disturb_loads_of_other_keys() -> None:
    room = Room()
    room.database.gate.clear()
    other = room.ask(2)
    await room.database.started.wait()

    await room.cache.delete(key(1).name)
    room.database.gate.set()
    await other

    assert key(2).name in room.store.kept
