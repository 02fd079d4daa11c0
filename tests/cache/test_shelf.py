"""What lies in the store, as it is found by those who ask for it again and again."""

import pytest

from cache import Freshness, MissReason, Use
from cache.glance import Found, Glanced
from cache.lifetime import ANY
from cache.wanted import Wanted
from tests.cache.fakes import key
from tests.cache.room import TAGS, Room

pytestmark = pytest.mark.anyio


async def found(room: Room, number: int = 1) -> Glanced | Found:
    return await room.cache.glances.in_store(Wanted(key(number), TAGS), ANY)


async def entry_found(room: Room) -> object:
    glanced = await found(room)
    assert isinstance(glanced, Glanced)
    return glanced.entry


async def test_the_same_bytes_are_decoded_once() -> None:
    room = Room(memory_bytes=0)
    await room.answer()
    first = await entry_found(room)

    data, until = room.store.kept[key().name]
    room.store.kept[key().name] = bytes(bytearray(data)), until

    assert await entry_found(room) is first


async def test_other_bytes_under_the_same_name_are_another_answer() -> None:
    room = Room(memory_bytes=0)
    await room.answer()
    await found(room)

    room.database.body = b"others"
    await room.answer(freshness=Freshness(Use.REFRESH))
    glanced = await found(room)

    assert isinstance(glanced, Glanced)
    assert glanced.entry.body == b"others"


async def test_the_same_bytes_are_no_answer_to_another_question() -> None:
    room = Room(memory_bytes=0)
    await room.answer()
    await entry_found(room)

    room.store.kept[key(2).name] = room.store.kept[key().name]
    other = await found(room, 2)

    assert isinstance(other, Found)
    assert other.verdict.reason is MissReason.DAMAGED
