"""A server with wires to it, on which schedules are played one after the other."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, TypeVar

from redis.asyncio import Redis

from tests.cache.interleaving.controls import Control
from tests.cache.interleaving.ours import OurCaches, lasting_store
from tests.cache.interleaving.outcome import Outcome, Total
from tests.cache.interleaving.play import Company, Play, Weather
from tests.cache.interleaving.still import StillLoop
from tests.cache.interleaving.turns import Turns
from tests.cache.interleaving.wire import Wire
from tests.cache.interleaving.world import Trust
from tests.cache.node import program
from tests.cache.servers import RunningRedis

T = TypeVar("T")

CACHES: Final = 3
UNTOLD: Final = "untold"
"""An account that may not use CLIENT TRACKING: its tokens are asked for at each look."""


class Stage:
    """One server, three wires."""

    def __init__(self, loop: StillLoop, server: Path) -> None:
        self._loop = loop
        self._turns = Turns(loop)
        self._gremlin: Any = Redis(unix_socket_path=str(server), protocol=2)
        self._wires = [
            Wire(f"cache {number}", server.with_name(f"wire{number}.sock"), server, self._turns)
            for number in range(CACHES)
        ]

    async def open(self) -> None:
        await self._gremlin.execute_command(
            "ACL", "SETUSER", UNTOLD, "on", "nopass", "~*", "&*", "+@all", "-client|tracking"
        )
        for wire in self._wires:
            await wire.open()

    async def close(self) -> None:
        for wire in self._wires:
            await wire.close()
        await self._gremlin.aclose()

    async def ours(self, seeds: Iterable[int], trust: Trust) -> Total:
        """The caches of this house. STRICT: they are not told of changes, and ask each time."""
        total = Total()
        for seed in seeds:
            total.add(seed, await self._ours(seed, trust))
        return total

    async def control(
        self, kind: type[Control], seeds: Iterable[int], *, evicts_tokens: bool, enough: int | None = None
    ) -> Total:
        """A design that is known to be wrong, in good weather; until it was wrong `enough` times."""
        total = Total()
        for seed in seeds:
            self._loop.restart()
            weather = Weather(evicts_tokens=evicts_tokens, slow_loads=seed % 2 == 1)
            async with self._clients() as clients:
                company = Company(kind(clients, self._turns), self._wires, Trust.STRICT)
                total.add(seed, await self._played(company, seed, weather))
            if len(total.wrong) == enough:
                break
        return total

    async def _ours(self, seed: int, trust: Trust) -> Outcome:
        self._loop.restart()
        user = "" if trust is Trust.TOLD else f"{UNTOLD}:any@"
        stores = [lasting_store(wire.url.replace("://", f"://{user}")) for wire in self._wires]
        random.seed(seed)  # the pauses of those who wait for a lock
        for store in stores:
            await store.notes("*")  # connected before the schedule begins
        caches = OurCaches(stores, self._loop.time, random.Random(f"chance {seed}").random)
        try:
            return await self._played(Company(caches, self._wires, trust), seed, Weather.of(seed))
        finally:
            await self._while_time_passes(caches.close())
            for store in stores:
                await store.end()

    async def _while_time_passes(self, work: Coroutine[None, None, None]) -> None:
        """What is put off a little while is done then."""
        task = asyncio.create_task(work)
        while not task.done():
            await self._turns.settle()
            self._loop.pass_time()
        await task

    async def _played(self, company: Company, seed: int, weather: Weather) -> Outcome:
        await self._gremlin.flushall()
        await self._turns.settle()
        return await Play(company, self._gremlin, self._turns, seed, weather).run()

    @asynccontextmanager
    async def _clients(self) -> AsyncIterator[list[Redis]]:
        clients = [Redis.from_url(wire.url, protocol=2) for wire in self._wires]
        try:
            yield clients
        finally:
            for client in clients:
                await client.aclose()


@asynccontextmanager
async def _staged(loop: StillLoop) -> AsyncIterator[Stage]:
    with TemporaryDirectory() as folder:
        socket = Path(folder, "server.sock")
        server = RunningRedis(program(), {"unixsocket": str(socket)})
        server.start()
        stage = Stage(loop, socket)
        try:
            await stage.open()
            yield stage
        finally:
            await stage.close()
            server.kill()


def staged(show: Callable[[Stage], Awaitable[T]]) -> T:
    """What `show` gives, on a stage of its own."""

    async def run() -> T:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, StillLoop)
        async with _staged(loop) as stage:
            return await show(stage)

    with asyncio.Runner(loop_factory=StillLoop) as runner:
        return runner.run(run())
