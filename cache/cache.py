"""Ask once, remember for a while. The store may fail at any time; its callers never notice.

A failing store means an event and a load, never an error. Only `delete` and `clear` raise
`StoreDown`, because whoever orders a deletion must know that it did not happen.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TypeAlias

from cache.breaker import Breaker
from cache.event import Event, EventName, Observe, unobserved
from cache.flight import Flight, Flights
from cache.guarded import Guarded
from cache.hit import Hit, Loaded, Source
from cache.key import CacheKey
from cache.shelf import Aged, Shelf
from cache.stats import MissReason, Stats, Tally
from cache.store import Store, StoreDown
from cache.writes import Writes

Load: TypeAlias = Callable[[], Awaitable[Loaded]]

_MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Limits:
    """Larger bodies are served and counted, but not stored.

    `loads_while_down` bounds the loads that run at one time while the store is down, so that
    the loss of the cache does not become the loss of the database.
    """

    max_entry_bytes: int = 1024 * 1024
    loads_while_down: int = 8


@dataclass(frozen=True, slots=True)
class _Landing:
    hit: Hit
    cost_ms: int


class Cache:
    """Answers from the store, or loads them: once, however many callers wait."""

    def __init__(
        self,
        store: Store,
        *,
        limits: Limits | None = None,
        breaker: Breaker | None = None,
        observe: Observe = unobserved,
        clock: Callable[[], float] = time.monotonic,
        wall_clock: Callable[[], float] = time.time,
    ) -> None:
        """`clock` measures durations in seconds; `wall_clock` only stamps entries for display."""
        limits = limits or Limits()
        self._observe = observe
        self._clock = clock
        self._tally = Tally()
        self._store = Guarded(store, breaker or Breaker(), observe)
        self._shelf = Shelf(
            self._store,
            largest_body=limits.max_entry_bytes,
            tally=self._tally,
            observe=observe,
            clock=clock,
            wall_clock=wall_clock,
        )
        self._flights: Flights[CacheKey, _Landing] = Flights()
        self._writes = Writes()
        self._few_loads = asyncio.Semaphore(limits.loads_while_down)

    async def get_or_load(self, key: CacheKey, load: Load, *, ttl: timedelta) -> Hit:
        """The answer under `key`. Raises what `load` raises, and nothing of the store's.

        Callers of one key at one time share the look and the load; the first one's `ttl` holds.
        A caller who is cancelled leaves the others alone; the last one to leave cancels the load.
        """
        started = self._clock()
        landing, shared = await self._flights.join(
            key, lambda flight: self._answer(flight, key, load, ttl // _MILLISECOND), label=key.name
        )
        self._count(landing, key, started, shared=shared)
        return replace(landing.hit, shared=True) if shared else landing.hit

    async def delete(self, name: str) -> bool:
        """Whether an entry was deleted. A load begun before is not stored, nor joined from now on."""
        started = self._clock()
        async with self._invalidation(lambda key: key.name == name):
            deleted = await self._store.delete(name)
        self._tell(EventName.DELETE, name, started, "deleted" if deleted else "absent")
        return deleted

    async def clear(self, pattern: str) -> int:
        """How many entries were deleted. No load begun before is stored, nor joined from now on."""
        started = self._clock()
        async with self._invalidation(lambda _key: True):
            count = await self._store.clear(pattern)
        self._tell(EventName.CLEAR, pattern, started, f"{count} deleted")
        return count

    async def stats(self) -> Stats:
        """The counts of this process, and the server's figures when it is up."""
        try:
            server = await self._store.info()
        except StoreDown:
            return self._tally.stats(None)
        return self._tally.stats(server)

    async def close(self) -> None:
        """Cancel loads, finish writes, close the store. Those who still wait get `LoadCancelled`."""
        await self._flights.close()
        await self._writes.settled()
        await self._store.close()

    async def _answer(self, flight: Flight[_Landing], key: CacheKey, load: Load, ttl_ms: int) -> _Landing:
        # The look is made inside the flight: two callers may miss, and the first may land before
        # the second takes off. It also makes one look serve all who ask at the same time.
        found = await self._shelf.find(key)
        if isinstance(found, Aged):
            entry = found.entry
            return _Landing(Hit(entry.body, entry.rows, Source.REDIS, found.age_ms), entry.cost_ms)
        loaded, cost_ms = await self._load(load, found)
        if found is not MissReason.STORE_DOWN:  # a store that failed the look is not waited for twice
            await self._keep(flight, key, loaded, cost_ms, ttl_ms)
        return _Landing(Hit(loaded.body, loaded.rows, Source.DATABASE, 0), cost_ms)

    async def _load(self, load: Load, reason: MissReason) -> tuple[Loaded, int]:
        async with self._few_loads if reason is MissReason.STORE_DOWN else nullcontext():
            started = self._clock()
            self._tally.loads += 1
            try:
                loaded = await load()
            except BaseException:
                self._tally.failed += 1
                raise
            return loaded, round((self._clock() - started) * 1000)

    async def _keep(
        self, flight: Flight[_Landing], key: CacheKey, loaded: Loaded, cost_ms: int, ttl_ms: int
    ) -> None:
        refusal = self._shelf.refusal(loaded, cost_ms=cost_ms, ttl_ms=ttl_ms)
        if flight.detached:
            refusal = "it was invalidated while it was loaded"
        if refusal:
            self._observe(Event(EventName.NOT_STORED, key.name, detail=refusal))
            return
        # No await between the look at `detached` and the start of the write: an invalidation
        # either comes before and is seen here, or comes after and waits for the write.
        write = self._shelf.keep(key, loaded, cost_ms=cost_ms, ttl_ms=ttl_ms)
        await self._writes.see_through(write, label=key.name)

    @asynccontextmanager
    async def _invalidation(self, concerns: Callable[[CacheKey], bool]) -> AsyncIterator[None]:
        self._flights.detach(concerns)
        await self._writes.settled()
        try:
            yield
        finally:
            # Those who took off meanwhile may have seen what was deleted a moment later.
            self._flights.detach(concerns)

    def _count(self, landing: _Landing, key: CacheKey, started: float, *, shared: bool) -> None:
        source = landing.hit.source
        if source is Source.DATABASE and not shared:
            return
        self._tally.saved_ms += landing.cost_ms
        if source is Source.DATABASE:
            self._tally.joined += 1
            self._tell(EventName.JOINED, key.name, started, source.value)
        else:
            self._tally.hits[source] += 1
            self._tell(EventName.HIT, key.name, started, source.value)

    def _tell(self, name: EventName, key: str, started: float, detail: str) -> None:
        self._observe(Event(name, key, (self._clock() - started) * 1000, detail))
