"""The first look of a question comes with an attempt to take the lease that a miss needs."""

import asyncio
from contextlib import suppress

import pytest
from redis.asyncio import Redis

from cache import ANY, Cache, Limits, Mode, RedisStore, Source
from cache.budget import Budget
from cache.glance import Found
from cache.shelf import Standing, Verdict
from cache.stats import MissReason
from cache.tokens import MEMORY
from cache.wanted import Wanted
from tests.cache.fakes import PREFIX, Database, key, settle, until
from tests.cache.room import LIFETIME, TAGS, THREE_STAGES, Room
from tests.cache.servers import RunningRedis

pytestmark = pytest.mark.anyio

ASKED = 2
"""A question that nobody has asked, whose tags are known but for the one of its key."""


@pytest.fixture
async def room() -> Room:
    made = Room(tracks=True)
    await made.answer(1)
    made.store.calls.clear()
    made.database.loads = 0
    return made


async def test_a_miss_looks_once(room: Room) -> None:
    await room.answer(ASKED)

    assert room.store.calls[:2] == ["take", "look"]
    assert room.store.calls.count("look") == 1
    assert room.store.leases == set()


async def test_without_known_tokens_nobody_can_tell_which_lease_it_is(room: Room) -> None:
    await room.store.invalidate(TAGS, Mode.PURGE)
    room.store.calls.clear()

    await room.answer(ASKED)

    assert room.store.calls[:3] == ["look", "take", "look"]


async def test_a_hit_lets_go(room: Room) -> None:
    other = Room(store=room.store)
    room.store.calls.clear()

    hit = await other.answer(1)
    await settle()

    assert (hit.source, room.store.calls) == (Source.REDIS, ["take", "look"])
    assert room.store.leases == set()


async def test_whoever_leaves_while_he_looks_lets_go(room: Room) -> None:
    room.store.look_reply.clear()
    leaving = room.ask(ASKED)
    await until(lambda: bool(room.store.leases))

    leaving.cancel()
    with suppress(asyncio.CancelledError):
        await leaving
    await settle()

    assert room.store.leases == set()


async def test_others_wait_for_what_is_loaded_with_it(room: Room) -> None:
    other = Room(store=room.store)
    room.database.gate.clear()
    first = room.ask(ASKED)
    await until(lambda: room.database.loads == 1)

    second = other.ask(ASKED)
    await settle()
    room.database.gate.set()

    assert [(await each).source for each in (first, second)] == [Source.DATABASE, Source.REDIS]
    assert other.database.loads == 0


async def test_of_several_callers_one_attempts_it(room: Room) -> None:
    room.store.look_reply.clear()
    asked = [room.ask(ASKED) for _ in range(5)]
    await until(lambda: room.store.calls.count("look") == 5)
    attempts = room.store.calls.count("take")
    room.store.look_reply.set()
    await asyncio.gather(*asked)
    await settle()

    assert attempts == 1
    assert room.database.loads == 1
    assert room.store.leases == set()


async def test_whoever_joins_a_load_leaves_the_lease_to_it(room: Room) -> None:
    wanted = Wanted(key(ASKED), TAGS)
    stamps = dict((await room.store.look(key(ASKED).name, (*wanted.tags, MEMORY))).stamps)
    memory = stamps.pop(MEMORY)
    seen = Verdict(Standing.NOTHING, None, MissReason.ABSENT, stamps, memory)
    room.store.look_reply.clear()
    holder = room.ask(ASKED)
    await until(lambda: bool(room.store.leases))

    loading = asyncio.create_task(
        room.cache.get_or_load(
            wanted,
            room.database.load,
            lifetime=LIFETIME,
            freshness=ANY,
            found=Found(seen, Budget(1), Source.REDIS),
        )
    )
    await until(lambda: room.store.calls.count("take") == 2)
    room.store.look_reply.set()

    async with asyncio.timeout(5):
        hits = await asyncio.gather(loading, holder)
    assert {hit.source for hit in hits} == {Source.DATABASE}
    assert room.database.loads == 1
    assert room.store.leases == set()


async def test_the_lease_stays_with_the_load_when_the_caller_who_took_it_leaves(room: Room) -> None:
    room.database.gate.clear()
    leaving = room.ask(ASKED)
    await until(lambda: room.database.loads == 1)
    staying = room.ask(ASKED)
    await settle()

    leaving.cancel()
    await settle()
    held = set(room.store.leases)
    room.database.gate.set()
    await staying

    assert len(held) == 1
    assert room.store.leases == set()


async def test_what_is_stale_is_loaded_anew_without_a_wait_for_our_own_lease(room: Room) -> None:
    await room.answer(ASKED, lifetime=THREE_STAGES)
    other = Room(store=room.store)
    room.clock.turn(150)

    hit = await other.answer(ASKED, lifetime=THREE_STAGES)
    await settle()

    assert (hit.source, other.database.loads) == (Source.STALE, 1)
    assert room.store.leases == set()


async def test_a_look_that_failed_leaves_no_lease_behind_while_the_answer_is_loaded(room: Room) -> None:
    room.store.failing = {"look"}
    room.database.gate.clear()
    asked = room.ask(ASKED)
    await until(lambda: room.database.loads == 1)
    await settle()

    assert room.store.leases == set()
    room.database.gate.set()
    await asked


async def test_memory_goes_by_the_token_of_the_key_as_well(room: Room) -> None:
    """It is renewed after that of memory: what was looked up between the two is old."""
    await room.answer(ASKED)
    own = Wanted(key(ASKED), TAGS).own
    before = (await room.answer(ASKED)).source

    await room.store.invalidate((own,), Mode.PURGE)

    assert before is Source.MEMORY
    assert (await room.answer(ASKED)).source is Source.DATABASE


@pytest.mark.integration
@pytest.mark.parametrize("setting", [("maxmemory", "1"), ("min-replicas-to-write", "1")])
async def test_a_server_that_refuses_writes_shows_what_it_has(
    server: RunningRedis, admin: Redis, setting: tuple[str, str]
) -> None:
    database = Database()

    async def asked(cache: Cache, number: int) -> Source:
        hit = await cache.get_or_load(key(number), database.load, tags=TAGS, lifetime=LIFETIME)
        return hit.source

    writer, reader = (Cache(RedisStore(server.url, prefix=PREFIX), limits=Limits(cheap_ms=0)) for _ in "ab")
    for number in range(8):
        await asked(writer, number)
    await asked(reader, 0)
    await admin.config_set(*setting)

    found = [await asked(reader, number) for number in range(1, 8)]
    missed = await asked(reader, 8)

    assert found == [Source.REDIS] * 7
    assert missed is Source.DATABASE
    assert not reader.condition().left_alone
    await writer.close()
    await reader.close()
