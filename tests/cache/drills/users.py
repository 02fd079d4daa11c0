"""Those who ask all the time, whatever happens to Redis, and judge what they get."""

import asyncio
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from statistics import mean, median
from typing import Final

from cache import Cache, CacheKey, Lifetime, Limits, Loaded, Mode, RedisStore, Source, StoreDown
from tests.cache.drills.stalls import Stalls
from tests.cache.fakes import PREFIX
from tests.cache.room import LIFETIME

TAG: Final = "table:sales"
LEASE: Final = 1.0
"""Seconds for which a process trusts what it knows."""

NOISE: Final = 0.25
_QUESTIONS: Final = 6
_PAUSE: Final = 0.012
_RARE: Final = 8


class Sales:
    """A database of one number. Every answer is that number as it was."""

    def __init__(self) -> None:
        self.value = 0
        self.loads = 0

    def change(self) -> int:
        self.value += 1
        return self.value

    async def load(self) -> Loaded:
        self.loads += 1
        return Loaded(b"%d" % self.value, 1)


@dataclass(frozen=True, slots=True)
class Floor:
    """From this moment on nothing older than `value` is to be shown; by `own` order: not even flagged."""

    moment: float
    value: int
    own: bool


@dataclass(slots=True)
class Seen:
    """What one user saw in a stretch of time. `added` are seconds beyond the load's own."""

    sources: Counter[Source] = field(default_factory=Counter)
    added: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    @property
    def p50_ms(self) -> float:
        return median(self.added) * 1000

    @property
    def max_ms(self) -> float:
        return max(self.added) * 1000

    @property
    def last_mean_ms(self) -> float:
        """Of the second half."""
        return mean(self.added[len(self.added) // 2 :]) * 1000


class User:
    """A process of its own, as far as Redis knows: with a cache, connections and a memory of its own."""

    def __init__(self, url: str, sales: Sales, stalls: Stalls, *, memory: bool) -> None:
        limits = Limits() if memory else Limits(memory_bytes=0)
        self.cache = Cache(RedisStore(url, prefix=PREFIX), limits=limits)
        self.seen = Seen()
        self._sales = sales
        self._stalls = stalls
        self._floors: list[Floor] = []
        self._numbers = count(1000)

    async def ask(self, number: int, *, lifetime: Lifetime = LIFETIME) -> Source | None:
        """Where the answer came from; None when there was none."""
        key = CacheKey.of(PREFIX, {"number": number}, scope={}, version="v1")
        began = time.perf_counter()
        try:
            hit = await self.cache.get_or_load(key, self._sales.load, tags=(TAG,), lifetime=lifetime)
        except Exception as error:  # noqa: BLE001  whatever it is, a user must never see it
            self.seen.errors.append(repr(error))
            return None
        ended = time.perf_counter()
        self.seen.sources[hit.source] += 1
        self.seen.added.append(max(0.0, ended - began - self._stalls.within(began, ended)))
        self._judge(hit.body, hit.source, began)
        return hit.source

    async def keep_asking(self) -> None:
        """The same questions again and again, and now and then one that nobody has asked."""
        for turn in count():
            await self.ask(next(self._numbers) if turn % _RARE == 0 else turn % _QUESTIONS)
            await asyncio.sleep(_PAUSE)

    async def until_from_redis(self) -> float:
        """Seconds, but for our own stalls, until an answer that was not in memory comes from Redis."""
        began = time.perf_counter()
        while time.perf_counter() - began < 10:
            number = next(self._numbers)
            await self.ask(number)
            if await self.ask(number) is Source.REDIS:
                break
            await asyncio.sleep(_PAUSE)
        ended = time.perf_counter()
        return max(0.0, ended - began - self._stalls.within(began, ended))

    async def invalidate(self) -> bool:
        """Whether the order was carried out."""
        try:
            await self.cache.invalidate((TAG,), Mode.PURGE)
        except StoreDown:
            return False
        return True

    def held_to(self, value: int, *, own: bool) -> None:
        """An invalidation has returned: at once for one's own, and within the lease for another's."""
        grace = 0.0 if own else LEASE + NOISE
        self._floors.append(Floor(time.perf_counter() + grace, value, own=own))

    @contextmanager
    def noting(self) -> Iterator[Seen]:
        """What is seen in the block, apart from what was seen before."""
        before, self.seen = self.seen, Seen()
        try:
            yield self.seen
        finally:
            self.seen = before

    def _judge(self, body: bytes, source: Source, began: float) -> None:
        if not body.isdigit() or int(body) > self._sales.value:
            self.seen.wrong.append(f"{body!r} from {source.value}")
            return
        for floor in self._floors:
            excused = source is Source.STALE and not floor.own
            if began >= floor.moment and int(body) < floor.value and not excused:
                self.seen.wrong.append(f"{body!r} instead of {floor.value} from {source.value}")
