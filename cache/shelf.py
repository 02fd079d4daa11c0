"""Entries in the store: found and checked, or kept. Its failures end here, as a reason for a miss."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from cache.entry import LONGEST_HEADER, Entry
from cache.event import Event, EventName, Observe
from cache.hit import Loaded
from cache.key import CacheKey
from cache.stats import MissReason, Tally
from cache.store import Found, Missing, Store, StoreDown


@dataclass(frozen=True, slots=True)
class Aged:
    """An entry and how old it is by the store's clock."""

    entry: Entry
    age_ms: int


class Shelf:
    """Every look and every attempt to keep is told and counted here."""

    def __init__(
        self,
        store: Store,
        *,
        largest_body: int,
        tally: Tally,
        observe: Observe,
        clock: Callable[[], float] = time.monotonic,
        wall_clock: Callable[[], float] = time.time,
    ) -> None:
        self._store = store
        self._largest_body = largest_body
        self._tally = tally
        self._observe = observe
        self._clock = clock
        self._wall_clock = wall_clock

    async def find(self, key: CacheKey) -> Aged | MissReason:
        """The entry if there is one that is whole and really the key's own. Never raises."""
        started = self._clock()
        detail = ""
        try:
            found = self._judge(await self._store.get(key.name), key)
        except StoreDown as down:
            found, detail = MissReason.STORE_DOWN, down.reason
        if isinstance(found, MissReason):
            self._tally.misses[found] += 1
            self._tell(EventName.MISS, key, started, detail or found.value)
        return found

    def _judge(self, found: Found | Missing, key: CacheKey) -> Aged | MissReason:
        if found is Missing.ABSENT:
            return MissReason.ABSENT
        if found is Missing.UNREADABLE:
            return MissReason.DAMAGED
        entry = Entry.decode(found.body, key, largest=self._largest_body + LONGEST_HEADER)
        if entry is None:
            return MissReason.DAMAGED
        return Aged(entry, max(0, entry.ttl_ms - found.remaining_ms))

    def refusal(self, loaded: Loaded, *, cost_ms: int, ttl_ms: int) -> str:
        """Why this answer is not kept; "" when it is."""
        if len(loaded.body) > self._largest_body:
            self._tally.too_big += 1
            return f"too big: {len(loaded.body)} bytes"
        if cost_ms >= ttl_ms:
            return "it took longer to load than it may be kept"
        return ""

    async def keep(self, key: CacheKey, loaded: Loaded, *, cost_ms: int, ttl_ms: int) -> None:
        """Keep the answer until `ttl_ms` after the start of its load: that is when its data was read.

        Never raises: an answer that cannot be kept is still an answer.
        """
        started = self._clock()
        entry = Entry(
            sha256=key.sha256,
            scope=key.scope,
            created_ms=int(self._wall_clock() * 1000),
            ttl_ms=ttl_ms,
            cost_ms=cost_ms,
            rows=loaded.rows,
            body=loaded.body,
        )
        try:
            await self._store.put(key.name, entry.encode(), ttl_ms - cost_ms)
        except StoreDown as down:
            self._tell(EventName.NOT_STORED, key, started, down.reason)
        else:
            self._tell(EventName.SET, key, started, f"{len(loaded.body)} bytes")

    def _tell(self, name: EventName, key: CacheKey, started: float, detail: str) -> None:
        self._observe(Event(name, key.name, (self._clock() - started) * 1000, detail))
