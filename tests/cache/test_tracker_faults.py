"""What is known of the tokens while the server freezes, dies, comes back, or is another."""

import asyncio
import gc
import time
from collections.abc import Callable
from typing import Any

import pytest
from redis.asyncio import Redis
from redis.asyncio.connection import AbstractConnection, Connection
from redis.exceptions import ConnectionError as Broken

from cache import StoreDown
from cache.links import Links, Place
from cache.tracker import Tracker
from tests.cache.fakes import PREFIX, until
from tests.cache.scene import PATIENCE, QUICK, Scene
from tests.cache.servers import RunningRedis

pytestmark = [pytest.mark.anyio, pytest.mark.integration]


class Breaking(Connection):
    """Breaks when it is interrupted, as one may that is lost in the same moment."""

    async def read_response(self, *args: Any, **options: Any) -> Any:
        try:
            return await super().read_response(*args, **options)
        except asyncio.CancelledError:
            raise Broken("lost in the same moment") from None


class Fragile:
    """Links whose dedicated connections break when they are interrupted."""

    together = True

    def __init__(self, links: Links) -> None:
        self._links = links
        self.client, self.sweeper = links.client, links.sweeper
        self.exchange, self.sweep = links.exchange, links.sweep
        self.primaries, self.close = links.primaries, links.close

    def dedicated(self, place: Place) -> AbstractConnection:
        return Breaking(host=place.host, port=place.port, protocol=3, socket_timeout=None)


async def listeners(admin: Redis) -> list[str]:
    """The ids of the connections that are told of changes."""
    return [client["id"] for client in await admin.client_list() if "t" in client["flags"]]


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
    before = await scene.tracker.vouched()

    scene.tracker.vouch((await admin.info("server"))["run_id"])

    assert scene.tracker.server == before


async def test_a_stranger_is_refused_and_everything_doubted(scene: Scene) -> None:
    before = await scene.knows("a")

    with pytest.raises(ConnectionError, match="another"):
        scene.tracker.vouch("a stranger")
    await until(lambda: scene.tracker.known(("a",)) is None)

    assert await scene.until_vouched() == before
    await scene.knows("a")


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
    before = asyncio.all_tasks()

    await Scene(server).close()

    assert asyncio.all_tasks() == before


async def test_closing_while_the_server_is_frozen_is_quick(server: RunningRedis) -> None:
    scene = Scene(server)
    await scene.knows("a")
    server.freeze()
    began = time.monotonic()

    await scene.close()

    assert time.monotonic() - began < PATIENCE


async def test_closing_while_the_server_dies_ends(server: RunningRedis) -> None:
    before = asyncio.all_tasks()
    for pauses in range(12):
        scene = Scene(server)
        await scene.knows("a")

        server.kill()
        for _ in range(pauses):
            await asyncio.sleep(0)
        await scene.close()
        assert asyncio.all_tasks() == before
        server.start()


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


async def test_closing_ends_though_a_connection_is_lost_in_the_same_moment(scene: Scene) -> None:
    links = Fragile(scene.links)
    tracker = Tracker(links, PREFIX, rhythm=QUICK)
    await tracker.vouched()

    async with asyncio.timeout(PATIENCE):
        await tracker.close()

    assert tracker.server is None
