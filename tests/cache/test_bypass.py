"""Answers that have nothing to do with the cache."""

import asyncio

import pytest

from cache import Freshness, Source, Use
from tests.cache.fakes import key, settle
from tests.cache.room import Room

pytestmark = pytest.mark.anyio

BYPASS = Freshness(use=Use.BYPASS)


async def test_a_bypass_neither_looks_nor_keeps() -> None:
    room = Room(tracks=True)

    hit = await room.answer(1, BYPASS)

    assert (hit.source, hit.shared) == (Source.DATABASE, False)
    assert room.store.calls == []
    assert room.store.kept == {}
    assert (await room.cache.stats()).memory.entries == 0


async def test_a_bypass_ignores_what_is_kept_and_leaves_it() -> None:
    room = Room()
    room.database.body = b"kept"
    await room.answer()
    room.database.body = b"now"

    assert (await room.answer(1, BYPASS)).body == b"now"
    assert (await room.answer()).body == b"kept"


async def test_a_bypass_neither_joins_nor_is_joined() -> None:
    room = Room()
    room.database.gate.clear()

    everyone = [room.ask(), room.ask(1, BYPASS), room.ask(1, BYPASS), room.ask()]
    await settle()
    running = room.database.running
    room.database.gate.set()
    hits = await asyncio.gather(*everyone)

    assert running == 3
    assert [hit.shared for hit in hits] == [False, False, False, True]


async def test_a_bypass_has_no_excuse() -> None:
    room = Room()
    await room.answer()
    room.database.error = ConnectionError("the database is away")

    with pytest.raises(ConnectionError):
        await room.answer(1, BYPASS)


async def test_a_caller_who_leaves_a_bypass_stops_its_load() -> None:
    room = Room()
    room.database.gate.clear()
    caller = room.ask(1, BYPASS)
    await room.database.started.wait()

    caller.cancel()
    await settle()

    assert room.database.cancelled == 1
    assert key().name not in room.store.kept
