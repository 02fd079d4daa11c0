"""A store and its cache on a real server that tells of changes, or does not."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from typing import Any

import pytest
from redis.asyncio import Redis

from cache import Cache, EventName, Hit, Limits, Mode, RedisStore, Source, StoreDown, Timeouts
from cache.tokens import EVERYTHING, MEMORY, SERVER, bucket_of
from tests.cache.fakes import PREFIX, Database, Watcher, key
from tests.cache.room import LIFETIME, TAGS
from tests.cache.servers import RunningRedis

pytestmark = [pytest.mark.anyio, pytest.mark.integration]

PATIENCE = 10.0
"""Seconds within which what is expected must have happened on a busy machine."""


class Process:
    """A cache on a real server, as one of many."""

    def __init__(self, url: str, memory_bytes: int = 10**6, **options: Any) -> None:
        self.database = Database()
        self.seen = Watcher()
        self.store = RedisStore(url, prefix=PREFIX, observe=self.seen, **options)
        self.cache = Cache(self.store, limits=Limits(memory_bytes=memory_bytes))

    async def answer(self, number: int = 1) -> Hit:
        return await self.cache.get_or_load(key(number), self.database.load, tags=TAGS, lifetime=LIFETIME)

    async def until(self, source: Source) -> Hit:
        async with asyncio.timeout(PATIENCE):
            while (hit := await self.answer()).source is not source:  # noqa: ASYNC110
                await asyncio.sleep(0.005)
        return hit


MakeProcess = Callable[..., Process]


@pytest.fixture
async def process(server: RunningRedis) -> AsyncIterator[MakeProcess]:
    made: list[Process] = []

    def make(url: str = "", **options: Any) -> Process:
        made.append(Process(url or server.url, **options))
        return made[-1]

    yield make
    for each in made:
        async with asyncio.timeout(PATIENCE):
            await each.cache.close()


async def test_questions_are_answered_from_memory_without_the_server(
    process: MakeProcess, admin: Redis
) -> None:
    one = process()
    await one.until(Source.MEMORY)
    before = (await admin.info("commandstats"))["cmdstat_get"]["calls"]

    hits = [await one.answer() for _ in range(50)]

    assert {hit.source for hit in hits} == {Source.MEMORY}
    assert (await admin.info("commandstats"))["cmdstat_get"]["calls"] == before


@pytest.mark.parametrize("mode", list(Mode))
async def test_what_another_process_invalidates_is_gone_from_memory(process: MakeProcess, mode: Mode) -> None:
    one, other = process(), process()
    await one.until(Source.MEMORY)

    await other.cache.invalidate([TAGS[0]], mode)
    one.database.body = b"new"

    async with asyncio.timeout(PATIENCE):
        while (await one.answer()).body != b"new":  # noqa: ASYNC110
            await asyncio.sleep(0)


@pytest.mark.parametrize("mode", list(Mode))
async def test_a_strict_process_shows_at_once_what_another_has_invalidated(
    process: MakeProcess, mode: Mode
) -> None:
    one, other = process(strict=True, memory_bytes=0), process()
    await one.answer()

    for number in range(20):
        await one.until(Source.REDIS)
        await other.cache.invalidate([TAGS[number % 2]], mode)
        one.database.body = str(number).encode()

        assert (await one.answer()).body == str(number).encode()


@pytest.mark.parametrize("strict", [False, True])
async def test_tokens_that_are_known_are_asked_for_only_by_a_strict_process(
    process: MakeProcess, admin: Redis, *, strict: bool
) -> None:
    one = process(strict=strict, memory_bytes=0)
    every_tag = (*TAGS, EVERYTHING, MEMORY, bucket_of(key().name))
    async with asyncio.timeout(PATIENCE):
        await one.answer()
        while one.store.known(every_tag) is None and not strict:
            await one.answer()
    await admin.config_resetstat()

    await one.answer()

    asked = await admin.info("commandstats")
    assert asked["cmdstat_get"]["calls"] == 1
    assert ("cmdstat_mget" in asked) is strict


@pytest.mark.parametrize("order", ["invalidate", "delete", "clear", "narrow clear"])
async def test_what_this_process_invalidates_is_gone_from_memory_at_once(
    process: MakeProcess, order: str
) -> None:
    one = process()
    for number in range(5):
        await one.until(Source.MEMORY)
        match order:
            case "invalidate":
                await one.cache.invalidate([TAGS[1]], Mode.EXPIRE)
            case "delete":
                await one.cache.delete(key().name)
            case "clear":
                await one.cache.clear(f"{PREFIX}:*")
            case "narrow clear":
                await one.cache.clear(f"{key().name[:-20]}*")
        one.database.body = str(number).encode()

        assert (await one.answer()).body == str(number).encode()


async def test_sixty_callers_on_a_warm_key_share_one_trip(process: MakeProcess, admin: Redis) -> None:
    one, other = process(), process()
    await one.answer()
    await other.answer(2)
    await admin.config_resetstat()

    hits = await asyncio.gather(*(other.answer() for _ in range(60)))

    assert {hit.source for hit in hits} == {Source.REDIS}
    # One of the answer, and one of the lease that the first of them attempts with it.
    assert (await admin.info("commandstats"))["cmdstat_pttl"]["calls"] == 2


async def test_nothing_of_before_is_shown_after_a_restart(process: MakeProcess, server: RunningRedis) -> None:
    one = process()
    await one.until(Source.MEMORY)
    before = (await one.store.look(key().name, TAGS)).stamps[SERVER]

    server.kill()
    server.start()
    async with asyncio.timeout(PATIENCE):
        while True:
            with suppress(StoreDown):
                after = (await one.store.look(key().name, TAGS)).stamps[SERVER]
                if after != before:
                    break
            await asyncio.sleep(0.01)
    one.database.body = b"new"

    assert (await one.answer()).body == b"new"


async def test_nothing_of_before_is_shown_though_the_restarted_server_has_it_all(
    process: MakeProcess, server: RunningRedis, admin: Redis
) -> None:
    one = process()
    await one.answer()
    dumped = {name: await admin.dump(name) for name in await admin.keys() if b":lock:" not in name}

    server.kill()
    server.start()
    async with Redis.from_url(server.url, protocol=2) as fresh:
        for name, value in dumped.items():
            await fresh.restore(name, 60_000, value or b"")
    two = process()
    two.database.body = b"new"

    assert (await two.answer()).body == b"new"


async def test_an_account_that_may_not_be_told_works_without_memory_and_says_so(
    process: MakeProcess, server: RunningRedis, admin: Redis
) -> None:
    await admin.acl_setuser(
        "limited",
        enabled=True,
        passwords=["+secret"],
        keys=[f"{PREFIX}:*"],
        commands=["+@all", "-client|tracking"],
    )
    one = process(server.url.replace("redis://", "redis://limited:secret@"))

    sources = [(await one.answer()).source for _ in range(4)]
    await one.cache.invalidate([TAGS[0]], Mode.EXPIRE)
    one.database.body = b"new"

    assert sources == [Source.DATABASE, Source.REDIS, Source.REDIS, Source.REDIS]
    assert (await one.answer()).body == b"new"
    assert one.seen.count(EventName.UNTRACKED) == 1
    assert "tracking" in one.seen.events[0].detail.lower()


async def test_a_server_that_tells_of_changes_is_not_complained_of(process: MakeProcess) -> None:
    one = process()

    await one.answer()

    assert one.seen.count(EventName.UNTRACKED) == 0


async def test_looks_under_way_while_connections_are_renewed_fail_as_a_store_that_is_down(
    process: MakeProcess, admin: Redis
) -> None:
    one = process(connections=4)
    await one.answer()
    failures: set[type[BaseException]] = set()
    done = asyncio.Event()

    async def look(number: int) -> None:
        while not done.is_set():
            try:
                await one.store.look(key(number).name, [f"tag:{number}"])
                await one.store.put(key(number).name, b"x" * 5000, 60_000)
            except Exception as failure:  # noqa: BLE001  any but one is a defect
                failures.add(type(failure))
            await asyncio.sleep(0)

    looking = [asyncio.create_task(look(number)) for number in range(20)]
    for _ in range(15):
        for client in await admin.client_list():
            if "t" in client["flags"]:
                await admin.client_kill_filter(_id=client["id"])
        await asyncio.sleep(0.15)
    done.set()
    await asyncio.gather(*looking)

    assert failures <= {StoreDown}
    await one.until(Source.MEMORY)


async def test_closing_leaves_no_connection_and_no_task(server: RunningRedis, admin: Redis) -> None:
    before = asyncio.all_tasks()
    one = Process(server.url)
    asked = [asyncio.create_task(one.answer(number)) for number in range(100)]
    await asyncio.sleep(0.005)

    await one.cache.close()
    await asyncio.wait(asked)
    async with asyncio.timeout(PATIENCE):
        while len(await admin.client_list()) > 1:  # noqa: ASYNC110
            await asyncio.sleep(0.01)

    assert asyncio.all_tasks() == before
    for each in asked:
        each.exception()


async def test_callers_cancelled_at_any_moment_leave_no_lock(process: MakeProcess, admin: Redis) -> None:
    one = process(timeouts=Timeouts(lease=60))
    await one.answer(0)

    for pauses in range(60):
        caller = asyncio.create_task(one.answer(pauses + 1))
        for _ in range(pauses):
            await asyncio.sleep(0)
        caller.cancel()
        await asyncio.wait((caller,))
    await asyncio.sleep(0.1)

    assert await admin.keys(f"{PREFIX}:lock:*") == []
