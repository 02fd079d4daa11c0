"""A store in memory, a clock that is turned by hand, and a load that waits to be told."""

import asyncio
import fnmatch
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field, replace

from cache import CacheKey, Event, EventName, Found, Loaded, Look, Missing, Mode, Server, StoreDown
from cache.pattern import confined, tags_of
from cache.store import Claim
from cache.tokens import MEMORY, SERVER, Stamps, bucket_of, new_part, new_token

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
class FakeLease:
    """Taken by one at a time; `store.unshared` holds the names of those whose holder kept nothing."""

    store: "FakeStore"
    name: str
    mine: bool = False

    async def take(self) -> bool:
        return await self._attempt() is Claim.OURS

    async def look(self, name: str, tags: Sequence[str]) -> Look:
        claim = await self._attempt(alone=False)
        return replace(await self.store.look(name, tags), claim=claim)

    async def put(self, name: str, body: bytes, ttl_ms: int) -> None:
        await self.store.put(name, body, ttl_ms)
        await self.release(unshared=False)

    async def renew(self) -> None:
        self.store.renewals += 1

    async def release(self, *, unshared: bool) -> None:
        await self.store.release_gate.wait()
        if self.mine:
            self.store.leases.discard(self.name)
        if unshared:
            self.store.unshared.add(self.name)

    async def _attempt(self, *, alone: bool = True) -> Claim:
        await self.store.called("take", alone=alone)
        await self.store.take_gate.wait()
        if self.name in self.store.leases:
            return Claim.UNSHARED if self.name in self.store.unshared else Claim.THEIRS
        self.store.leases.add(self.name)
        self.mine = True
        await self.store.take_reply.wait()
        return Claim.OURS


@dataclass(slots=True)
class FakeStore:
    """Dies when `down` is set; `failing` names single commands that fail. A closed gate holds one back, or
    its reply.

    With `tracks` it tells the tokens that it has told once, as one does that is told of every change.
    """

    clock: Clock = field(default_factory=Clock)
    kept: dict[str, tuple[bytes, float]] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    told: dict[str, str] = field(default_factory=dict)
    noted: dict[str, str] = field(default_factory=dict)
    leases: set[str] = field(default_factory=set)
    unshared: set[str] = field(default_factory=set)
    renewals: int = 0
    lives: list[int] = field(default_factory=list)
    """For how many milliseconds each answer was put."""
    tracks: bool = False
    server: str = "server 1"
    down: bool = False
    failing: set[str] = field(default_factory=set)
    refuses_writes: bool = False
    calls: list[str] = field(default_factory=list)
    closed: bool = False
    look_reply: asyncio.Event = field(default_factory=opened)
    put_gate: asyncio.Event = field(default_factory=opened)
    take_gate: asyncio.Event = field(default_factory=opened)
    take_reply: asyncio.Event = field(default_factory=opened)
    release_gate: asyncio.Event = field(default_factory=opened)
    delete_gate: asyncio.Event = field(default_factory=opened)
    delete_reply: asyncio.Event = field(default_factory=opened)

    def known(self, tags: Sequence[str]) -> Stamps | None:
        return None if self.down else self.last_known(tags)

    def last_known(self, tags: Sequence[str]) -> Stamps | None:
        if not self.tracks or any(tag not in self.told for tag in tags):
            return None
        return {SERVER: self.server, **{tag: self.told[tag] for tag in tags}}

    def changes(self) -> int:
        return self.calls.count("invalidate")

    def heard_changes(self) -> int | None:
        return None if self.down or not self.tracks else hash((self.server, *sorted(self.told.items())))

    async def look(self, name: str, tags: Sequence[str]) -> Look:
        await self.called("look")
        body, until = self.kept.get(name, (b"", 0.0))
        tokens = {tag: self.tokens.setdefault(tag, new_token()) for tag in tags}
        self.told.update(tokens)
        await self.look_reply.wait()
        remaining = round((until - self.clock()) * 1000)
        found = Found(body, remaining) if remaining > 0 else Missing.ABSENT
        return Look(found, {SERVER: self.server, **tokens})

    async def put(self, name: str, body: bytes, ttl_ms: int) -> None:
        await self.called("put")
        self.lives.append(ttl_ms)
        await self.put_gate.wait()
        if self.refuses_writes:
            raise StoreDown("it is full")
        self.kept[name] = (body, self.clock() + ttl_ms / 1000)

    async def invalidate(self, tags: Sequence[str], mode: Mode) -> None:
        await self.called("invalidate")
        for tag in tags:
            held = self.tokens.get(tag, new_token()).partition(".")[0]
            self.tokens[tag] = new_token() if mode is Mode.PURGE else f"{held}.{new_part()}"
            self.told.pop(tag, None)

    async def delete(self, name: str) -> bool:
        await self.called("delete")
        await self.invalidate((bucket_of(name), MEMORY), Mode.PURGE)
        await self.delete_gate.wait()
        deleted = self.kept.pop(name, None) is not None
        await self.delete_reply.wait()
        return deleted

    async def clear(self, pattern: str, mode: Mode) -> int:
        await self.called("clear")
        confined(pattern, PREFIX)
        await self.invalidate(tags_of(pattern, PREFIX), mode)
        names = [name for name in self.kept if fnmatch.fnmatchcase(name, pattern)]
        for name in names if mode is Mode.PURGE else ():
            del self.kept[name]
        return len(names) if mode is Mode.PURGE else 0

    async def names(self, pattern: str) -> AsyncIterator[str]:
        await self.called("names")
        for name in self.kept:
            if fnmatch.fnmatchcase(name, pattern):
                yield name

    def lease(self, name: str) -> FakeLease:
        return FakeLease(self, name)

    async def note(self, topic: str, text: str, ttl_ms: int) -> None:  # noqa: ARG002
        await self.called("note")
        self.noted[topic] = text

    async def notes(self, glob: str) -> dict[str, str]:
        await self.called("notes")
        return {topic: text for topic, text in self.noted.items() if fnmatch.fnmatchcase(topic, glob)}

    async def ping(self) -> None:
        await self.called("ping")

    async def info(self) -> Server:
        await self.called("info")
        return Server(1.0, len(self.kept), keys_exact=True, connected_clients=1, uptime_seconds=1)

    async def close(self) -> None:
        self.closed = True

    async def called(self, name: str, *, alone: bool = True) -> None:
        """Unless it is `alone`, it takes no longer than what it travels with."""
        self.calls.append(name)
        if alone:
            await asyncio.sleep(0)
        if self.down or name in self.failing:
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


async def until(happened: Callable[[], object], seconds: float = 10.0) -> None:
    """Wait for what nobody tells of, on a machine that may be busy. Raises TimeoutError."""
    async with asyncio.timeout(seconds):
        while not happened():  # noqa: ASYNC110
            await asyncio.sleep(0.005)


def key(number: int = 1, *, tenant: str = "north", version: str = "v1") -> CacheKey:
    return CacheKey.of(PREFIX, {"number": number}, scope={"tenant": tenant}, version=version)
