"""A read that starts after an invalidation has returned shows nothing older: random schedules in memory."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from random import Random

import pytest

from cache import ANY, Cache, Freshness, Lifetime, Limits, Loaded, Mode, Source, StoreDown, Use
from tests.cache.fakes import PREFIX, FakeStore, key

pytestmark = pytest.mark.anyio

TAG = "table:sales"
LONG = Lifetime(60_000, 60_000, 120_000)
SHORT = Lifetime(3, 6, 9)
WISHES = (ANY, ANY, ANY, ANY, Freshness(use=Use.REFRESH), Freshness(max_age_ms=2), Freshness(use=Use.BYPASS))


@dataclass(slots=True)
class Truth:
    """A number that grows. `settled` is what it was when the latest invalidation that has returned began."""

    now: int = 0
    settled: int = 0
    lies: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Schedule:
    """Readers and writers of one truth that get in each other's way at random."""

    random: Random
    caches: list[Cache]
    truth: Truth = field(default_factory=Truth)
    shown: set[Source] = field(default_factory=set)

    async def pause(self) -> None:
        for _ in range(self.random.choice((0, 0, 1, 2, 5, 9))):
            await asyncio.sleep(0)

    async def load(self) -> Loaded:
        await self.pause()
        version = self.truth.now
        await self.pause()
        if self.random.random() < 0.1:
            raise ConnectionError("the database is away")
        return Loaded(b"%d" % version + b" " * self.random.choice((0, 2000)), 1)

    async def read(self) -> None:
        for _ in range(12):
            await self.pause()
            settled, wish = self.truth.settled, self.random.choice(WISHES)
            asking = asyncio.create_task(self._asked(wish))
            if self.random.random() < 0.2:
                await self.pause()
                asking.cancel()
            await asyncio.wait((asking,))
            if asking.cancelled() or asking.exception():
                assert asking.cancelled() or isinstance(asking.exception(), ConnectionError)
                continue
            version, source = asking.result()
            self.shown.add(source)
            if version < settled and source is not Source.STALE:
                self.truth.lies.append(f"{version} < {settled} from {source} by {wish}")

    async def _asked(self, wish: Freshness) -> tuple[int, Source]:
        lifetime = self.random.choice((LONG, SHORT))
        cache = self.random.choice(self.caches)
        hit = await cache.get_or_load(key(), self.load, tags=(TAG,), lifetime=lifetime, freshness=wish)
        return int(hit.body), hit.source

    async def write(self, order: Callable[[Cache, Random], Awaitable[None]]) -> None:
        for _ in range(6):
            await self.pause()
            self.truth.now += 1
            version = self.truth.now
            try:
                await order(self.random.choice(self.caches), self.random)
            except StoreDown:
                continue
            self.truth.settled = max(self.truth.settled, version)


async def order(cache: Cache, random: Random) -> None:
    mode = random.choice(list(Mode))
    match random.randrange(4):
        case 0:
            await cache.delete(key().name)
        case 1:
            await cache.clear(f"{key().name[: random.randint(20, 40)]}*", mode)
        case 2:
            await cache.clear(f"{PREFIX}:*", mode)
        case _:
            await cache.invalidate([TAG], mode)


async def ran(random: Random, caches: list[Cache]) -> Schedule:
    schedule = Schedule(random, caches)
    await asyncio.gather(*(schedule.read() for _ in range(6)), *(schedule.write(order) for _ in range(2)))
    for cache in caches:
        await cache.close()
    return schedule


@dataclass(slots=True)
class Hesitant(FakeStore):
    """Takes its time at random, and fails as often as `failures` says."""

    random: Random = field(default_factory=Random)
    failures: float = 0.0

    async def called(self, name: str, *, alone: bool = True) -> None:
        for _ in range(self.random.choice((0, 0, 1, 3, 8))):
            await asyncio.sleep(0)
        if self.random.random() < self.failures:
            raise StoreDown("chance has it")
        await FakeStore.called(self, name, alone=alone)
        for _ in range(self.random.choice((0, 0, 1, 3, 8))):
            await asyncio.sleep(0)


def caches(store: FakeStore, random: Random, count: int) -> list[Cache]:
    limits = Limits(cheap_ms=random.choice((0, 5)), memory_bytes=random.choice((0, 10**6)))
    return [
        Cache(store, limits=limits, forgivable=(ConnectionError,), chance=random.random) for _ in range(count)
    ]


@pytest.mark.parametrize("tracks", [False, True], ids=["asked", "told"])
@pytest.mark.parametrize("seed", range(15))
async def test_no_process_shows_what_is_older_than_an_invalidation(seed: int, *, tracks: bool) -> None:
    random = Random(seed)
    store = Hesitant(tracks=tracks, random=random)

    schedule = await ran(random, caches(store, random, 3))

    assert schedule.truth.lies == []
    assert Source.DATABASE in schedule.shown


@pytest.mark.parametrize("tracks", [False, True], ids=["asked", "told"])
@pytest.mark.parametrize("seed", range(15))
async def test_a_process_whose_store_fails_now_and_then_does_not_either(seed: int, *, tracks: bool) -> None:
    random = Random(seed)
    store = Hesitant(tracks=tracks, random=random, failures=0.2)

    schedule = await ran(random, caches(store, random, 1))

    assert schedule.truth.lies == []


async def test_the_schedules_find_a_cache_that_lies() -> None:
    lies: list[str] = []

    for seed in range(20):
        random = Random(seed)
        store = Hesitant(random=random)
        store.tokens = Unchanging()
        lies += (await ran(random, caches(store, random, 3))).truth.lies

    assert lies != []


class Unchanging(dict[str, str]):
    """Tokens that an invalidation does not change."""

    def __setitem__(self, tag: str, token: str) -> None:
        self.setdefault(tag, token)
