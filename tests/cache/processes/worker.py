"""The program of such a process. Orders come as lines of standard input; it says what it saw in the end."""

import asyncio
import json
import sys
import time
from collections import Counter
from pathlib import Path
from threading import Thread

from cache import Cache, CacheKey, Hit, Loaded, RedisStore, Source
from tests.cache.fakes import PREFIX
from tests.cache.processes.register import Register
from tests.cache.processes.task import Task, Told
from tests.cache.room import LIFETIME
from tests.proxy import proxy_to

TAG = "table:sales"
KEY = CacheKey.of(PREFIX, {"number": 1}, scope={}, version="v1")
_PAUSE = 0.0005


class Worker:
    """One cache, and the orders that it is given."""

    def __init__(self, task: Task, url: str) -> None:
        self._task = task
        self._register = Register(Path(task.folder))
        self._cache = Cache(RedisStore(url, prefix=PREFIX))
        self.orders: asyncio.Queue[str] = asyncio.Queue()

    async def answer(self) -> Hit:
        return await self._cache.get_or_load(KEY, self._load, tags=(TAG,), lifetime=LIFETIME)

    async def burst(self) -> Told:
        """Many callers in the same moment, some of whom leave."""
        await self._cache.notes("*")  # connected
        say("ready")
        await self.orders.get()
        began = time.perf_counter()
        callers = [asyncio.create_task(self.answer()) for _ in range(self._task.callers)]
        asyncio.get_running_loop().call_later(self._task.leave_after, self._leave, callers)
        results = await asyncio.gather(*callers, return_exceptions=True)
        told = Told(slowest=time.perf_counter() - began)
        told.answered = sum(isinstance(result, Hit) for result in results)
        told.left = sum(isinstance(result, asyncio.CancelledError) for result in results)
        told.errors = [repr(result) for result in results if isinstance(result, Exception)]
        return told

    async def watch(self) -> Told:
        """The same question again and again."""
        told, sources = Told(), Counter[str]()
        await self.answer()
        say("ready")
        while self.orders.empty():
            began = time.monotonic()
            try:
                hit = await self.answer()
            except Exception as error:  # noqa: BLE001  whatever it is, the test wants to know
                told.errors.append(repr(error))
                continue
            shown = told.flagged if hit.source is Source.STALE else told.fresh
            shown[int(hit.body.partition(b" ")[0])] = began
            sources[hit.source.value] += 1
            await asyncio.sleep(_PAUSE)
        told.sources = dict(sources)
        return told

    async def close(self) -> None:
        await self._cache.close()
        self._register.close()

    async def _load(self) -> Loaded:
        self._register.note("load")
        value = self._register.value
        try:
            await asyncio.sleep(self._task.load_seconds)
        except asyncio.CancelledError:
            self._register.note("cancelled")
            raise
        return Loaded(b"%d " % value + b"x" * self._task.body_bytes, 1)

    def _leave(self, callers: list[asyncio.Task[Hit]]) -> None:
        for caller in callers[: self._task.leave]:
            caller.cancel()


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


async def run(task: Task) -> None:
    """All connections go through a proxy of its own, which `stall` and `resume` are about."""
    async with proxy_to(task.url) as proxy:
        worker = Worker(task, proxy.url(task.url))
        loop = asyncio.get_running_loop()

        def hear() -> None:
            for line in sys.stdin:
                match line.strip():
                    case "stall":
                        loop.call_soon_threadsafe(proxy.freeze)
                    case "resume":
                        loop.call_soon_threadsafe(proxy.resume)
                    case order:
                        loop.call_soon_threadsafe(worker.orders.put_nowait, order)

        Thread(target=hear, daemon=True).start()
        told = await (worker.watch() if task.kind == "watch" else worker.burst())
        await worker.close()
    say(told.encode())


if __name__ == "__main__":
    asyncio.run(run(Task(**json.loads(sys.argv[1]))))
