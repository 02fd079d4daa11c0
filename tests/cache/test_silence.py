"""Connections that die without a word, as behind a firewall that forgets them: nothing is refused or ends."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest

from cache import Breaker, Cache, Hit, Mode, RedisStore, Source, StoreDown, Timeouts
from cache.tracker import Rhythm
from tests.cache.fakes import PREFIX, Database, key, until
from tests.cache.room import LIFETIME, TAGS
from tests.cache.servers import RunningRedis

pytestmark = [pytest.mark.anyio, pytest.mark.integration]

QUICK = Timeouts(operation=0.1, order=0.2)
NAMES = [key(number).name for number in range(20)]


class Relay:
    """Passes on what it gets, until its lines are cut: then it takes everything and passes on nothing."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._lines: list[tuple[bytearray, list[bool]]] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._silent = False
        self._server: asyncio.Server | None = None

    async def start(self) -> str:
        self._server = await asyncio.start_server(self._joined, "127.0.0.1", 0)
        return f"redis://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/0"

    def cut(self, *, listening: bool) -> None:
        """The lines of now: those that listen to changes, or those of data."""
        for said, alive in self._lines:
            if (b"TRACKING" in said) is listening:
                alive[0] = False

    def cut_all_for_good(self) -> None:
        self._silent = True

    async def close(self) -> None:
        if self._server:
            self._server.close()
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)

    async def _joined(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", self._port)
        line = (bytearray(), [True])
        self._lines.append(line)
        for source, sink in ((reader, back), (there, writer)):
            task = asyncio.create_task(self._pass_on(source, sink, line))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _pass_on(
        self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, line: tuple[bytearray, list[bool]]
    ) -> None:
        said, alive = line
        with suppress(OSError):
            try:
                while data := await source.read(65536):
                    said.extend(data[:1000])
                    if alive[0] and not self._silent:
                        sink.write(data)
            finally:
                sink.close()


@pytest.fixture
async def relay(server: RunningRedis) -> AsyncIterator[Relay]:
    made = Relay(server.port)
    yield made
    await made.close()


@pytest.fixture
async def store(relay: Relay) -> AsyncIterator[RedisStore]:
    url = await relay.start()
    made = RedisStore(url, prefix=PREFIX, timeouts=QUICK, rhythm=Rhythm(beat=0.05, lease=0.3))
    yield made
    async with asyncio.timeout(10):
        await made.close()


async def works(store: RedisStore) -> None:
    async with asyncio.timeout(5):
        while True:
            with suppress(StoreDown):
                await asyncio.gather(*(store.look(name, TAGS) for name in NAMES))
                return
            await asyncio.sleep(0.01)


async def test_lines_of_data_that_fell_silent_are_given_up_though_the_server_is_heard(
    store: RedisStore, relay: Relay
) -> None:
    for _ in range(5):
        await asyncio.gather(*(store.put(name, b"x", 60_000) for name in NAMES))

    relay.cut(listening=False)
    lost = [asyncio.create_task(store.look(name, ("never asked for",))) for name in NAMES for _ in range(10)]
    await asyncio.wait(lost)

    assert all(each.exception() is None or isinstance(each.exception(), StoreDown) for each in lost)
    await works(store)


async def test_a_line_of_changes_that_fell_silent_is_found_out_within_a_lease(
    store: RedisStore, relay: Relay
) -> None:
    await works(store)

    relay.cut(listening=True)
    await until(lambda: store.known(()) is None)

    await works(store)
    await until(lambda: store.known(()) is not None)


@pytest.mark.parametrize("mode", list(Mode))
async def test_an_order_that_nobody_answers_fails_in_time(
    store: RedisStore, relay: Relay, mode: Mode
) -> None:
    await works(store)

    relay.cut(listening=False)
    relay.cut(listening=True)
    with pytest.raises(StoreDown):
        async with asyncio.timeout(2):
            await store.invalidate(["table:sales", "table:costs"], mode)

    await works(store)
    await store.invalidate(["table:sales", "table:costs"], mode)


async def test_silence_for_good_costs_a_moment_and_then_nothing(store: RedisStore, relay: Relay) -> None:
    await works(store)
    cache = Cache(store, breaker=Breaker(pause=60))
    database = Database()
    relay.cut_all_for_good()

    async def answer(number: int) -> Hit:
        return await cache.get_or_load(key(number), database.load, tags=TAGS, lifetime=LIFETIME)

    async with asyncio.timeout(5):
        hits = [await answer(number) for number in range(8)]
    loop = asyncio.get_running_loop()
    started = loop.time()
    hits += [await answer(number) for number in range(8, 108)]
    took = loop.time() - started

    assert {hit.source for hit in hits} == {Source.DATABASE}
    assert took < 1
