"""Entries in the store, judged: fresh, stale, an excuse for a failing database, or a reason for a miss."""

import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from cache.budget import Budget
from cache.entry import Entry
from cache.event import Event, EventName, NotStored, Observe, Operation
from cache.hit import Hit, Loaded, Source
from cache.key import CacheKey
from cache.lifetime import Freshness, Lifetime
from cache.stats import MissReason, Tally
from cache.store import Claim, LoadLease, Look, Missing, Store, StoreDown
from cache.tokens import MEMORY, Stamps, only_expired


class Standing(Enum):
    """What an entry is good for."""

    FRESH = "fresh"
    STALE = "stale"
    """To be shown at once, and loaded anew beside."""
    EXCUSE = "excuse"
    """To be shown only when the load fails."""
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Aged:
    """An entry and how old its data is."""

    entry: Entry
    age_ms: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found. `stamps` are the tokens of now, without that of memory; None when the store is down."""

    standing: Standing
    found: Aged | None
    reason: MissReason | None
    stamps: Stamps | None
    memory: str = ""
    detail: str = ""
    claim: Claim | None = None
    """What came of the attempt to take a lease, if there was one."""

    @property
    def shown(self) -> Aged | None:
        """What was found, when it may be shown without a load before."""
        return self.found if self.standing in {Standing.FRESH, Standing.STALE} else None

    @property
    def excuse(self) -> Aged | None:
        """What was found, when it may be shown, flagged, because the load fails."""
        found = self.found
        if found is None or self.standing is Standing.NOTHING:
            return None
        return found if found.age_ms < found.entry.lifetime.hard_ms else None


def hit_of(aged: Aged, source: Source) -> Hit:
    entry = aged.entry
    return Hit(entry.body, entry.rows, source, aged.age_ms, cost_ms=entry.cost_ms, lifetime=entry.lifetime)


class Shelf:
    """Finds and keeps."""

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
        self._latest: tuple[bytes, Entry] | None = None

    async def find(
        self, key: CacheKey, tags: Sequence[str], freshness: Freshness, lease: LoadLease | None = None
    ) -> Verdict:
        """With a `lease`, after an attempt to take it. Raises StoreDown."""
        started = self._clock()
        try:
            look = await (lease or self._store).look(key.name, (*tags, MEMORY))
        finally:
            self._tally.took(Operation.LOOK, (self._clock() - started) * 1000)
        verdict = self._judge(look, key, freshness)
        return replace(verdict, claim=look.claim) if lease else verdict

    async def found(
        self, key: CacheKey, tags: Sequence[str], freshness: Freshness, budget: Budget
    ) -> Verdict:
        """The same within a caller's time, and nothing when the store is down."""
        return await found_within(budget, lambda: self.find(key, tags, freshness))

    def _judge(self, look: Look, key: CacheKey, freshness: Freshness) -> Verdict:
        stamps = dict(look.stamps)
        memory = stamps.pop(MEMORY, "")
        if isinstance(look.found, Missing):
            absent = look.found is Missing.ABSENT
            return _nothing(MissReason.ABSENT if absent else MissReason.DAMAGED, stamps, memory)
        entry = self._entry_in(look.found.body, key)
        if entry is None:
            return _nothing(MissReason.DAMAGED, stamps, memory)
        age_ms = max(0, entry.lifetime.hard_ms - look.found.remaining_ms)
        return judged(Aged(entry, age_ms), stamps, freshness, memory)

    def _entry_in(self, data: bytes, key: CacheKey) -> Entry | None:
        """What is asked for again and again is decoded once, as long as the very same bytes lie there."""
        latest = self._latest
        if latest and latest[0] == data and (latest[1].sha256, latest[1].scope) == (key.sha256, key.scope):
            return latest[1]
        entry = Entry.decode(data, key, largest=self._largest_body)
        self._latest = (data, entry) if entry else None
        return entry

    async def keep(self, key: CacheKey, entry: Entry, lease: LoadLease | None) -> bool:
        """Keep the answer until its hard end, counted from the start of its load: then its data was read.

        Whether that was done, and the lease let go of with it. Never raises: an answer that cannot be kept is
        still an answer.
        """
        started = self._clock()
        data = entry.encode()
        try:
            await (lease or self._store).put(key.name, data, entry.lifetime.hard_ms - entry.cost_ms)
        except StoreDown as down:
            word = NotStored.STORE_DOWN.value
            self._observe(Event(EventName.NOT_STORED, key.name, detail=down.reason, word=word))
            return False
        ms = (self._clock() - started) * 1000
        self._tally.bytes_stored += len(data)
        self._tally.took(Operation.PUT, ms)
        self._observe(Event(EventName.SET, key.name, ms, f"{len(data)} bytes", size=len(data)))
        return True

    def entry(self, key: CacheKey, loaded: Loaded, stamps: Stamps, lifetime: Lifetime, cost_ms: int) -> Entry:
        return Entry(
            sha256=key.sha256,
            scope=key.scope,
            stamps=stamps,
            created_ms=int(self._wall_clock() * 1000),
            lifetime=lifetime,
            cost_ms=cost_ms,
            rows=loaded.rows,
            body=loaded.body,
            rows_at=loaded.rows_at,
        )


async def found_within(budget: Budget, look: Callable[[], Awaitable[Verdict]]) -> Verdict:
    """What the look finds; nothing when the store is down, or takes longer."""
    try:
        return await budget.spend(look)
    except StoreDown as down:
        return Verdict(Standing.NOTHING, None, MissReason.STORE_DOWN, None, detail=down.reason)


def judged(aged: Aged, stamps: Stamps, freshness: Freshness, memory: str) -> Verdict:
    """What an entry is good for now, by its stamps, its age and what the caller takes."""
    standing, reason = _judgement(aged, stamps, freshness)
    return Verdict(standing, aged, reason, stamps, memory)


def _judgement(aged: Aged, stamps: Stamps, freshness: Freshness) -> tuple[Standing, MissReason | None]:
    lifetime, age = aged.entry.lifetime, aged.age_ms
    if aged.entry.stamps != stamps:
        excused = only_expired(aged.entry.stamps, stamps) and freshness.max_age_ms is None
        return Standing.EXCUSE if excused else Standing.NOTHING, MissReason.INVALIDATED
    if not freshness.accepts(age):
        return Standing.NOTHING, MissReason.TOO_OLD
    if age < lifetime.soft_ms:
        return Standing.FRESH, None
    if age < lifetime.stale_ms:
        return Standing.STALE, None
    return Standing.EXCUSE, MissReason.EXPIRED


def _nothing(reason: MissReason, stamps: Stamps, memory: str) -> Verdict:
    return Verdict(Standing.NOTHING, None, reason, stamps, memory)
