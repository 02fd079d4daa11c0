"""A tracker of several primaries, of others than before, and of none that makes sense."""

from collections.abc import Sequence

import pytest
import redis
from redis.asyncio.connection import AbstractConnection

from cache import StoreDown
from cache.links import Links, Place, links_of
from cache.tracker import Tracker
from servery.embedded.binaries import find_valkey
from tests.cache.fakes import PREFIX, until
from tests.cache.scene import QUICK
from tests.cache.servers import RunningRedis

pytestmark = [pytest.mark.anyio, pytest.mark.integration]


class OddLinks:
    """Links to a real server; before, the first asking for primaries ends in `odd`."""

    together = True

    def __init__(self, links: Links, odd: BaseException) -> None:
        self._links = links
        self._odd: list[BaseException] = [odd]
        self.client, self.sweeper, self.dedicated = links.client, links.sweeper, links.dedicated
        self.exchange, self.sweep = links.exchange, links.sweep

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

    assert await tracker.vouched() != before
    await tracker.close()
    await links.close()
    second.kill()


class Several:
    """Links to several primaries; questions go to the first."""

    together = True

    def __init__(self, servers: Sequence[RunningRedis]) -> None:
        self._links = {
            Place("127.0.0.1", server.port): links_of(
                server.url, connections=4, sweep_timeout=1, vouch=lambda _: None
            )
            for server in servers
        }
        first = next(iter(self._links.values()))
        self.client, self.sweeper = first.client, first.sweeper
        self.exchange, self.sweep = first.exchange, first.sweep

    async def primaries(self) -> tuple[Place, ...]:
        return tuple(self._links)

    def dedicated(self, place: Place) -> AbstractConnection:
        return self._links[place].dedicated(place)

    async def close(self) -> None:
        for links in self._links.values():
            await links.close()


@pytest.mark.parametrize("silent", [0, 1])
async def test_what_is_known_needs_every_primary_to_be_heard(server: RunningRedis, silent: int) -> None:
    servers = (server, RunningRedis(str(find_valkey(None).path)))
    servers[1].start()
    links = Several(servers)
    tracker = Tracker(links, PREFIX, rhythm=QUICK)
    await tracker.vouched()
    tracker.learn({"a": "1"}, tracker.mark())
    known = tracker.known(("a",))

    servers[silent].freeze()
    await until(lambda: tracker.known(("a",)) is None)

    assert known == {"a": "1"}
    assert tracker.last_known(("a",)) == known
    await tracker.close()
    await links.close()
    servers[1].kill()


@pytest.mark.parametrize("changed", [0, 1])
async def test_a_change_on_any_primary_is_heard_of(server: RunningRedis, changed: int) -> None:
    servers = (server, RunningRedis(str(find_valkey(None).path)))
    servers[1].start()
    links = Several(servers)
    tracker = Tracker(links, PREFIX, rhythm=QUICK)
    await tracker.vouched()
    tracker.learn({"a": "1"}, tracker.mark())

    with redis.Redis.from_url(servers[changed].url) as client:
        client.set(f"{PREFIX}:gen:a", "2")
    await until(lambda: tracker.last_known(("a",)) is None)

    assert tracker.server
    await tracker.close()
    await links.close()
    servers[1].kill()
