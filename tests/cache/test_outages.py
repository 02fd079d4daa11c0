"""Single moments of an outage: what is under way just then."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta

import pytest
from redis.asyncio import Redis

from cache import Cache, Hit, Lifetime, Loaded, Mode, RedisStore, Source, StoreDown
from tests.cache.drills.stalls import Stalls, stalls_watched
from tests.cache.drills.users import NOISE
from tests.cache.fakes import PREFIX, Database, key
from tests.cache.mistreat import spoiling_proxy_to
from tests.cache.room import LIFETIME, TAGS
from tests.cache.servers import RunningRedis

pytestmark = [pytest.mark.anyio, pytest.mark.integration]

ADDED = 0.25
"""Seconds that the store may add to a question."""

PAUSE = 0.1
"""The longest between two looks at a lock, when it was waited for so shortly."""


class Process:
    """A cache on a real server. A load takes `seconds`."""

    def __init__(self, url: str, stalls: Stalls) -> None:
        self.database = Database()
        self.cache = Cache(RedisStore(url, prefix=PREFIX))
        self._stalls = stalls

    async def answer(self, number: int = 1, seconds: float = 0.0, lifetime: Lifetime = LIFETIME) -> Hit:
        async def load() -> Loaded:
            await asyncio.sleep(seconds)
            return await self.database.load()

        return await self.cache.get_or_load(key(number), load, tags=TAGS, lifetime=lifetime)

    async def added(self, number: int = 1, seconds: float = 0.0) -> float:
        """Seconds beyond those of the load, and those in which this machine was busy."""
        return await self.seconds(self.answer(number, seconds)) - seconds

    async def seconds(self, doing: Awaitable[object]) -> float:
        began = time.perf_counter()
        await doing
        ended = time.perf_counter()
        return ended - began - self._stalls.within(began, ended)


MakeProcess = Callable[[str], Process]


@pytest.fixture
async def make_process() -> AsyncIterator[MakeProcess]:
    made: list[Process] = []
    async with stalls_watched() as stalls:

        def make(url: str) -> Process:
            made.append(Process(url, stalls))
            return made[-1]

        yield make
        for process in made:
            await process.cache.close()


@pytest.fixture
async def process(server: RunningRedis, make_process: MakeProcess) -> Process:
    """One that has spoken to its server."""
    made = make_process(server.url)
    await made.answer(0)
    return made


async def test_sixty_callers_on_a_cold_key_run_one_load(process: Process) -> None:
    before = process.database.loads

    await asyncio.gather(*(process.answer() for _ in range(60)))

    assert process.database.loads == before + 1


async def test_many_questions_at_once_are_answered_while_redis_is_frozen(
    process: Process, server: RunningRedis
) -> None:
    server.freeze()

    asked = asyncio.gather(*(process.answer(number) for number in range(100, 200)))
    took = await process.seconds(asked)

    assert {hit.source for hit in await asked} == {Source.DATABASE}
    assert took < ADDED + NOISE
    assert process.database.most_at_once <= 8


@pytest.mark.parametrize("after", [0.0, 0.02, 0.15])
async def test_freezing_while_another_process_is_waited_for_costs_a_quarter_second(
    process: Process, server: RunningRedis, make_process: MakeProcess, after: float
) -> None:
    follower = make_process(server.url)
    await follower.answer(0)
    leading = asyncio.create_task(process.answer(7, seconds=1.5))
    await asyncio.sleep(0.1)
    following = asyncio.create_task(follower.answer(7))
    await asyncio.sleep(0.1 + after)

    server.freeze()

    assert await follower.seconds(following) < ADDED + PAUSE + 0.4
    assert (await leading).source is Source.DATABASE


async def test_freezing_during_a_load_costs_a_quarter_second(process: Process, server: RunningRedis) -> None:
    asking = asyncio.create_task(process.added(8, seconds=0.3))
    await asyncio.sleep(0.15)

    server.freeze()

    assert await asking < ADDED + NOISE


@pytest.mark.parametrize(
    "words",
    [b":lock:", b":query:", b":gen:", b'"format"', b"EVAL"],
    ids=["lock", "look", "tokens", "write", "release"],
)
async def test_a_connection_cut_before_the_reply_costs_no_wait(
    server: RunningRedis, make_process: MakeProcess, words: bytes
) -> None:
    async with spoiling_proxy_to(server.port) as proxy:
        process = make_process(proxy.url(server.url))
        await process.answer(0)

        proxy.fatal = words
        added = [await process.added(number) for number in (10, 11)]

    assert proxy.fatal == b"", "nobody said that"
    assert max(added) < ADDED + NOISE


async def test_a_text_without_an_end_under_the_name_of_a_lock_holds_nobody_up(
    process: Process, server: RunningRedis, make_process: MakeProcess
) -> None:
    other = make_process(server.url)
    await other.answer(0)
    leading = asyncio.create_task(process.answer(9, seconds=0.5))
    async with Redis.from_url(server.url, protocol=2) as admin:
        while not (locks := await admin.keys(f"{PREFIX}:lock:*")):  # noqa: ASYNC110
            await asyncio.sleep(0.005)
        for name in locks:
            await admin.set(name, "for ever")

    added = await other.added(9)

    assert added < ADDED + NOISE
    await leading


@pytest.mark.parametrize("mode", Mode)
async def test_a_full_server_can_still_be_told_that_data_has_changed(
    process: Process, server: RunningRedis, make_process: MakeProcess, mode: Mode
) -> None:
    other = make_process(server.url)
    await process.answer(1)
    await other.answer(1)
    async with Redis.from_url(server.url, protocol=2) as admin:
        await admin.config_set("maxmemory", "1")

        await process.cache.invalidate(TAGS[:1], mode)

        assert (await process.answer(1)).source is Source.DATABASE
        assert await _source_of(other) is Source.DATABASE


async def test_a_full_server_can_be_cleared(process: Process, server: RunningRedis) -> None:
    await process.answer(1)
    async with Redis.from_url(server.url, protocol=2) as admin:
        await admin.config_set("maxmemory", "1")

        assert await process.cache.clear(f"{PREFIX}:*") == 2
        assert await admin.keys(f"{PREFIX}:query:*") == []


async def test_without_redis_nothing_unflagged_is_older_than_its_lifetime(
    process: Process, server: RunningRedis
) -> None:
    lifetime = Lifetime.of(timedelta(seconds=0.4), if_error=timedelta(seconds=60))
    for _ in range(2):  # the first makes a token, and the word of that takes away what was known of it
        await process.answer(1, lifetime=lifetime)
        await asyncio.sleep(0.05)
    server.freeze()

    hits = []
    for _ in range(40):
        hits.append(await process.answer(1, lifetime=lifetime))
        await asyncio.sleep(0.02)

    unflagged = [hit.age_ms for hit in hits if hit.source in {Source.MEMORY, Source.REDIS}]
    assert max(unflagged) < 400 * 1.1
    assert Source.DATABASE in {hit.source for hit in hits}


async def test_an_operator_is_told_when_redis_is_away(process: Process, server: RunningRedis) -> None:
    server.kill()

    for order in (
        process.cache.clear(f"{PREFIX}:*"),
        process.cache.delete(key().name),
        process.cache.invalidate(TAGS, Mode.EXPIRE),
    ):
        with pytest.raises(StoreDown):
            await order
    assert (await process.cache.stats()).status == "down"


async def test_closing_is_quick_while_redis_is_frozen(process: Process, server: RunningRedis) -> None:
    server.freeze()

    # The farewells of what listens, and of two clients.
    assert await process.seconds(process.cache.close()) < 3.0


async def _source_of(process: Process) -> Source:
    """After a moment in which the message about the change arrives."""
    await asyncio.sleep(0.05)
    return (await process.answer(1)).source


async def test_a_note_of_another_type_is_left_out(process: Process, server: RunningRedis) -> None:
    await process.cache.note("ours", "text", 60_000)
    async with Redis.from_url(server.url, protocol=2) as admin:
        await admin.rpush(f"{PREFIX}:note:theirs", "a list")

        assert await process.cache.notes("*") == {"ours": "text"}
