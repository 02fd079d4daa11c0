"""What is known of the tokens without asking, on a real server that changes, freezes, dies and comes back."""

import asyncio
import gc
import time
from collections.abc import AsyncIterator, Callable, Sequence

import pytest
import redis
from redis.asyncio import Redis
from redis.asyncio.connection import AbstractConnection

from cache import StoreDown
from cache.links import Links, Place, links_of
from cache.tracker import Rhythm, Tracker
from servery.embedded.binaries import find_valkey
from tests.cache.fakes import PREFIX, Watcher, until
from tests.cache.servers import RunningRedis

pytestmark = [pytest.mark.anyio, pytest.mark.integration]

QUICK = Rhythm(beat=0.02, lease=0.2)
PATIENCE = 10.0
"""Seconds within which what is expected must have happened on a busy machine."""


class Scene:
    """A tracker, and the server that it watches."""

    def __init__(self, server: RunningRedis, rhythm: Rhythm = QUICK, url: str = "") -> None:
        self.seen = Watcher()
        self.links = links_of(url or server.url, connections=4, sweep_timeout=1, vouch=lambda _run_id: None)
        self.tracker = Tracker(self.links, PREFIX, rhythm=rhythm, observe=self.seen)

    async def knows(self, *tags: str) -> str:
        """Learn tokens; returns the server's identity."""
        server = await self.tracker.vouched()
        self.tracker.learn(dict.fromkeys(tags, "1"), self.tracker.mark())
        assert self.tracker.known(tags) == dict.fromkeys(tags, "1")
        return server

    async def until_vouched(self) -> str:
        await until(lambda: self.tracker.server)
        return self.tracker.server or ""

    async def close(self) -> None:
        async with asyncio.timeout(PATIENCE):
            await self.tracker.close()
            await self.links.close()


@pytest.fixture
async def scene(server: RunningRedis) -> AsyncIterator[Scene]:
    made = Scene(server)
    yield made
    await made.close()


@pytest.fixture
async def admin(server: RunningRedis) -> AsyncIterator[Redis]:
    async with Redis.from_url(server.url, protocol=2) as client:
        yield client


async def listeners(admin: Redis) -> list[str]:
    """The ids of the connections that are told of changes."""
    return [client["id"] for client in await admin.client_list() if "t" in client["flags"]]


async def test_nothing_connects_before_its_first_use(scene: Scene, admin: Redis) -> None:
    assert scene.tracker.server is None
    assert scene.tracker.known(("a",)) is None
    assert len(await admin.client_list()) == 1


async def test_a_change_by_anybody_is_heard_of(scene: Scene, admin: Redis) -> None:
    await scene.knows("a", "b")

    await admin.set(f"{PREFIX}:gen:a", "2")
    await until(lambda: scene.tracker.known(("a",)) is None)

    assert scene.tracker.known(("b",)) == {"b": "1"}


@pytest.mark.parametrize("change", ["delete", "expire", "rename", "rpush"])
async def test_every_kind_of_change_is_heard_of(scene: Scene, admin: Redis, change: str) -> None:
    name = f"{PREFIX}:gen:a"
    await admin.set(name, "1")
    await scene.knows("b")
    # Its own creation may not be heard of yet.
    await admin.set(f"{PREFIX}:gen:b", "2")
    await until(lambda: scene.tracker.known(("b",)) is None)
    await scene.knows("a")

    match change:
        case "delete":
            await admin.unlink(name)
        case "expire":
            await admin.pexpire(name, 1)
        case "rename":
            await admin.rename(name, "elsewhere")
        case "rpush":
            await admin.eval("redis.call('del', KEYS[1]) redis.call('rpush', KEYS[1], 'x')", 1, name)

    await until(lambda: scene.tracker.known(("a",)) is None)


async def test_changes_of_others_are_not_heard_of(scene: Scene, admin: Redis) -> None:
    await scene.knows("a")

    for name in (f"{PREFIX}:query:a", "other:gen:a", "a", f"{PREFIX}:generation"):
        await admin.set(name, "2")
    await admin.set(f"{PREFIX}:gen:last", "2")
    await scene.knows("last")
    await admin.set(f"{PREFIX}:gen:last", "3")
    await until(lambda: scene.tracker.known(("last",)) is None)

    assert scene.tracker.known(("a",)) == {"a": "1"}


@pytest.mark.parametrize("flush", ["flushall", "flushdb"])
async def test_a_flush_forgets_everything(scene: Scene, admin: Redis, flush: str) -> None:
    await scene.knows("a", "b")
    asked = scene.tracker.mark()

    await (admin.flushall() if flush == "flushall" else admin.flushdb())
    await until(lambda: scene.tracker.tokens() == {})
    scene.tracker.learn({"a": "1"}, asked)

    assert scene.tracker.known(("a",)) is None


async def test_what_is_known_is_trusted_for_one_lease_after_the_server_was_heard(
    scene: Scene, server: RunningRedis
) -> None:
    await scene.knows("a")

    server.freeze()
    await until(lambda: scene.tracker.known(("a",)) is None)

    assert scene.tracker.server is None
    assert scene.tracker.tokens() == {}
    assert scene.tracker.last_known(("a",)) == {"a": "1"}
    scene.tracker.learn({"b": "1"}, scene.tracker.mark())
    assert scene.tracker.last_known(("b",)) is None
    server.thaw()


async def test_a_thawed_server_is_the_same_and_known_anew(scene: Scene, server: RunningRedis) -> None:
    before = await scene.knows("a")
    server.freeze()
    await until(lambda: scene.tracker.server is None)

    server.thaw()

    assert await scene.until_vouched() == before
    await scene.knows("a")


async def test_nothing_is_known_after_a_connection_was_lost(scene: Scene, admin: Redis) -> None:
    before = await scene.knows("a")

    for client in await listeners(admin):
        await admin.client_kill_filter(_id=client)
    await until(lambda: scene.tracker.last_known(("a",)) is None)

    assert await scene.until_vouched() == before
    assert scene.tracker.known(("a",)) is None


async def test_a_server_that_was_restarted_is_another_one(scene: Scene, server: RunningRedis) -> None:
    before = await scene.knows("a")

    server.kill()
    await until(lambda: scene.tracker.server is None)
    with pytest.raises(StoreDown):
        await scene.tracker.vouched()
    server.start()
    after = await scene.until_vouched()

    assert after != before
    assert scene.tracker.last_server == after
    assert scene.tracker.known(("a",)) is None


async def test_a_server_that_is_away_at_the_start_is_told_at_once_and_found_later(
    server: RunningRedis,
) -> None:
    server.kill()
    scene = Scene(server)

    with pytest.raises(StoreDown, match=r"\d"):
        await scene.tracker.vouched()
    server.start()
    await scene.until_vouched()

    await scene.knows("a")
    await scene.close()


async def test_a_known_server_is_vouched_for(scene: Scene, admin: Redis) -> None:
    await scene.tracker.vouched()

    scene.tracker.vouch((await admin.info("server"))["run_id"])


async def test_a_stranger_is_refused_and_everything_doubted(scene: Scene) -> None:
    before = await scene.knows("a")

    with pytest.raises(ConnectionError, match="another"):
        scene.tracker.vouch("a stranger")
    await until(lambda: scene.tracker.known(("a",)) is None)

    assert await scene.until_vouched() == before
    await scene.knows("a")


async def test_thousands_of_changes_that_wait_at_once_are_heard_of(
    scene: Scene, server: RunningRedis
) -> None:
    await scene.knows("a")

    with redis.Redis.from_url(server.url, protocol=2) as blocking:
        for number in range(5000):
            blocking.set(f"{PREFIX}:gen:{number % 7}", number)
        blocking.set(f"{PREFIX}:gen:a", "2")
    await until(lambda: scene.tracker.known(("a",)) is None)
    await scene.until_vouched()

    assert scene.tracker.last_server
    await scene.knows("b")


async def test_a_change_of_thousands_of_names_at_once_is_heard_of(scene: Scene, admin: Redis) -> None:
    await scene.knows("a", *map(str, range(5000)))

    await admin.mset({f"{PREFIX}:gen:{number}": b"2" for number in range(5000)})
    await until(lambda: len(scene.tracker.tokens()) <= 1)

    assert scene.tracker.known(("a",)) == {"a": "1"}


async def test_a_busy_event_loop_does_not_make_what_is_known_older_than_its_lease(scene: Scene) -> None:
    await scene.knows("a")

    time.sleep(0.3)  # noqa: ASYNC251  the stall

    assert scene.tracker.known(("a",)) is None


async def test_closing_ends_its_connections_and_tasks(server: RunningRedis, admin: Redis) -> None:
    before = asyncio.all_tasks()
    scene = Scene(server)
    await scene.knows("a")

    await scene.close()
    async with asyncio.timeout(PATIENCE):
        while len(await admin.client_list()) > 1:  # noqa: ASYNC110
            await asyncio.sleep(0.01)

    assert asyncio.all_tasks() == before


async def test_closing_before_the_first_use_is_no_fault(server: RunningRedis) -> None:
    await Scene(server).close()


async def test_closing_while_the_server_is_frozen_is_quick(server: RunningRedis) -> None:
    scene = Scene(server)
    await scene.knows("a")
    server.freeze()

    await scene.close()


async def test_closing_while_the_server_dies_ends(server: RunningRedis) -> None:
    for pauses in range(12):
        scene = Scene(server)
        await scene.knows("a")

        server.kill()
        for _ in range(pauses):
            await asyncio.sleep(0)
        await scene.close()
        server.start()


class OddLinks:
    """Links to a real server; before, the first asking for primaries ends in `odd`."""

    def __init__(self, links: Links, odd: BaseException) -> None:
        self._links = links
        self._odd: list[BaseException] = [odd]
        self.client, self.sweeper, self.dedicated = links.client, links.sweeper, links.dedicated

    async def primaries(self) -> tuple[Place, ...]:
        if self._odd:
            raise self._odd.pop()
        return await self._links.primaries()

    async def close(self) -> None:
        await self._links.close()


@pytest.mark.parametrize(
    "odd", [ValueError("not a port"), IndexError(), UnicodeDecodeError("utf-8", b"", 0, 1, "odd"), OSError()]
)
async def test_an_odd_reply_is_no_end(server: RunningRedis, odd: Exception) -> None:
    links = OddLinks(links_of(server.url, connections=4, sweep_timeout=1, vouch=lambda _: None), odd)
    tracker = Tracker(links, PREFIX, rhythm=QUICK)

    with pytest.raises(StoreDown):
        await tracker.vouched()
    await until(lambda: tracker.server)

    await tracker.close()
    await links.close()


class Wandering:
    """Links whose primaries are others each time they are asked for."""

    def __init__(self, servers: Sequence[RunningRedis]) -> None:
        self._links = [
            links_of(server.url, connections=4, sweep_timeout=1, vouch=lambda _: None) for server in servers
        ]
        self.now = 0

    @property
    def client(self) -> object:
        return self._links[self.now].client

    @property
    def sweeper(self) -> object:
        return self._links[self.now].sweeper

    async def primaries(self) -> tuple[Place, ...]:
        return await self._links[self.now].primaries()

    def dedicated(self, place: Place) -> AbstractConnection:
        return self._links[self.now].dedicated(place)

    async def close(self) -> None:
        for links in self._links:
            await links.close()


async def test_other_primaries_are_noticed_within_a_lease(server: RunningRedis) -> None:
    second = RunningRedis(str(find_valkey(None).path))
    second.start()
    links = Wandering((server, second))
    tracker = Tracker(links, PREFIX, rhythm=QUICK)  # type: ignore[arg-type]  # clients of either server
    before = await tracker.vouched()

    links.now = 1
    await until(lambda: tracker.last_server != before)

    await tracker.close()
    await links.close()
    second.kill()


async def test_an_error_of_the_tracker_makes_no_noise(server: RunningRedis) -> None:
    noises: list[dict[str, object]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: noises.append(context))
    scene = Scene(server)
    await scene.knows("a")
    steps: list[Callable[[], object]] = [server.kill, server.start]

    for step in steps * 2:
        step()
        await asyncio.sleep(0.1)
    await scene.until_vouched()
    await scene.close()
    gc.collect()

    assert noises == []
