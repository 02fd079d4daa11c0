"""A store in memory, a clock that is turned by hand, and a load that waits to be told."""

import asyncio
import fnmatch
from dataclasses import dataclass, field

from cache import CacheKey, Event, EventName, Found, Loaded, Missing, OutsidePrefix, Server, StoreDown

PREFIX = "analytics"


def opened() -> asyncio.Event:
    gate = asyncio.Event()
    gate.set()
    return gate


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now

    def turn(self, seconds: float) -> None:
        self.now += seconds


@dataclass(slots=True)
class FakeStore:
    """Dies when `down` is set. A closed gate holds back a command, or its reply."""

    clock: Clock = field(default_factory=Clock)
    kept: dict[str, tuple[bytes, float]] = field(default_factory=dict)
    down: bool = False
    refuses_writes: bool = False
    calls: list[str] = field(default_factory=list)
    closed: bool = False
    get_reply: asyncio.Event = field(default_factory=opened)
    put_gate: asyncio.Event = field(default_factory=opened)
    delete_gate: asyncio.Event = field(default_factory=opened)
    delete_reply: asyncio.Event = field(default_factory=opened)

    async def get(self, name: str) -> Found | Missing:
        await self._called("get")
        body, until = self.kept.get(name, (b"", 0.0))
        await self.get_reply.wait()
        remaining = round((until - self.clock()) * 1000)
        return Found(body, remaining) if remaining > 0 else Missing.ABSENT

    async def put(self, name: str, body: bytes, ttl_ms: int) -> None:
        await self._called("put")
        await self.put_gate.wait()
        if self.refuses_writes:
            raise StoreDown("it is full")
        self.kept[name] = (body, self.clock() + ttl_ms / 1000)

    async def delete(self, name: str) -> bool:
        await self._called("delete")
        await self.delete_gate.wait()
        deleted = self.kept.pop(name, None) is not None
        await self.delete_reply.wait()
        return deleted

    async def clear(self, pattern: str) -> int:
        await self._called("clear")
        if not pattern.startswith(PREFIX + ":"):
            raise OutsidePrefix(pattern, PREFIX)
        names = [name for name in self.kept if fnmatch.fnmatchcase(name, pattern)]
        for name in names:
            del self.kept[name]
        return len(names)

    async def info(self) -> Server:
        await self._called("info")
        return Server(1.0, len(self.kept), keys_exact=True, connected_clients=1, uptime_seconds=1)

    async def close(self) -> None:
        self.closed = True

    async def _called(self, name: str) -> None:
        self.calls.append(name)
        await asyncio.sleep(0)
        if self.down:
            raise StoreDown("the test took it down")


class Database:
    """Counts its loads. While `gate` is closed a load waits; `error` makes it fail."""

    def __init__(self, body: bytes = b'{"rows":[]}') -> None:
        self.gate = opened()
        self.started = asyncio.Event()
        self.error: BaseException | None = None
        self.loads = 0
        self.cancelled = 0
        self.running = 0
        self.most_at_once = 0
        self.body = body

    async def load(self) -> Loaded:
        self.loads += 1
        self.running += 1
        self.most_at_once = max(self.most_at_once, self.running)
        body = self.body
        self.started.set()
        try:
            await self.gate.wait()
            await asyncio.sleep(0)
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        finally:
            self.running -= 1
        if self.error is not None:
            raise self.error
        return Loaded(body, rows=7)


class Watcher:
    def __init__(self) -> None:
        self.events: list[Event] = []

    def __call__(self, event: Event) -> None:
        self.events.append(event)

    def names(self) -> list[EventName]:
        return [event.name for event in self.events]

    def count(self, name: EventName) -> int:
        return self.names().count(name)


async def settle() -> None:
    """Let every task that can run do so."""
    for _ in range(20):
        await asyncio.sleep(0)


def key(number: int = 1, *, tenant: str = "north", version: str = "v1") -> CacheKey:
    return CacheKey.of(PREFIX, {"number": number}, scope={"tenant": tenant}, version=version)
