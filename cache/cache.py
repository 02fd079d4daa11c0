"""Ask once, remember for a while. The store may fail at any time; its callers never notice.

A read that starts after an invalidation has returned never shows data older than it: every answer is stamped
with tokens that were read before its data, and is shown only as long as they are current. A failing store
means an event and a load, never an error. Only orders (`invalidate`, `delete`, `clear`) raise `StoreDown`,
because whoever orders a deletion must know that it did not happen.
"""

import time
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from functools import partial
from random import random
from typing import TypeAlias

from cache.admission import Admission
from cache.ask import Ask, Landing, Load
from cache.breaker import Breaker
from cache.budget import Budget
from cache.event import EventName, Measure, Observe, unmeasured, unobserved
from cache.explain import Explained, explained
from cache.flight import Flights
from cache.glance import Found, Glances
from cache.guarded import Guarded
from cache.hit import Hit, Source
from cache.key import CacheKey
from cache.lifetime import ANY, Freshness, Lifetime, Use, ends_soon
from cache.limits import Limits
from cache.loader import Loader
from cache.recall import Recall
from cache.refresher import Refresher
from cache.shelf import Aged, Shelf, Standing, Verdict, hit_of
from cache.stats import Condition, Counts, Stats, Tally
from cache.store import Lease, Store, StoreDown
from cache.teller import Teller
from cache.tokens import Mode, Stamps, bounded_tag
from cache.turn import Patience, Turn
from cache.wanted import Wanted

__all__ = ["Cache", "Limits"]

Ident: TypeAlias = tuple[CacheKey, frozenset[tuple[str, str]] | int, bool]
"""A question and its stamps, apart for those who want it loaded anew.

Without a store, the number of changes that this process knows of stands for the stamps.
"""


class Cache:
    """Answers from memory or the store, or loads them: once, however many callers wait.

    `forgivable` are the errors of a load for which an answer that has expired is better than none.
    """

    def __init__(
        self,
        store: Store,
        *,
        limits: Limits | None = None,
        breaker: Breaker | None = None,
        patience: Patience | None = None,
        forgivable: tuple[type[Exception], ...] = (),
        observe: Observe = unobserved,
        measure: Measure = unmeasured,
        clock: Callable[[], float] = time.monotonic,
        wall_clock: Callable[[], float] = time.time,
        chance: Callable[[], float] = random,
        tells_hits: bool = True,
    ) -> None:
        """`clock` measures durations in seconds; `wall_clock` only stamps entries for display.

        `chance` gives numbers from 0 to below 1: for jitter, and for loads ahead of an entry's end. `observe`
        is told of hits, too, if `tells_hits`.
        """
        self._limits = limits = limits or Limits()
        self._clock = clock
        self._forgivable = forgivable
        self._tally = Tally(measure)
        observe = self._tally.watching(observe)
        self._teller = Teller(self._tally, observe, clock, tells_hits=tells_hits)
        self._store = Guarded(store, breaker or Breaker(), observe)
        self._budget = partial(Budget, limits.store_seconds, self._store.was_late)
        self._recall = Recall(self._store, limits.memory_bytes, clock)
        self._shelf = Shelf(
            self._store,
            largest_body=limits.max_entry_bytes,
            tally=self._tally,
            observe=observe,
            clock=clock,
            wall_clock=wall_clock,
        )
        self._loader = Loader(
            self._store,
            self._shelf,
            self._recall,
            Admission(cheap_ms=limits.cheap_ms, quota_bytes=limits.quota_bytes, clock=clock),
            largest_body=limits.max_entry_bytes,
            loads_while_down=limits.loads_while_down,
            patience=patience or Patience(command=limits.store_seconds),
            tally=self._tally,
            observe=observe,
            clock=clock,
            chance=chance,
        )
        self._chance = chance
        self.glances = Glances(self._recall, self._shelf, self._teller, self._budget, chance, clock)
        self._flights: Flights[Ident, Landing] = Flights()
        self._orders = 0
        self._refresher = Refresher(self._flights, limits.refreshes, self._teller, clock)

    async def get_or_load(
        self,
        wanted: Wanted | CacheKey,
        load: Load,
        *,
        tags: Sequence[str] = (),
        lifetime: Lifetime,
        freshness: Freshness = ANY,
        found: Found | None = None,
    ) -> Hit:
        """The answer under the key. Raises what `load` raises, and nothing of the store's.

        Callers of one key at one time share the load. A caller who is cancelled leaves the others alone; the
        last one to leave cancels the load. `tags` go with a bare key; `found` is what `glances` saw of it for
        the same caller.
        """
        wanted = wanted if isinstance(wanted, Wanted) else Wanted(wanted, tags)
        newer = freshness.use is Use.REFRESH
        ask = Ask(wanted, load, lifetime, freshness, self._clock(), newer=newer)
        if freshness.use is Use.BYPASS:
            loaded, cost_ms, _ = await self._loader.load(ask)
            return Hit(loaded.body, loaded.rows, Source.DATABASE, 0, cost_ms=cost_ms)
        if found is None and freshness.use is Use.DEFAULT and (remembered := self._from_memory(ask)):
            return remembered
        return await self._from_store(ask, found)

    async def invalidate(self, tags: Sequence[str], mode: Mode) -> None:
        """No answer that depends on one of these tags, and was read before, is shown from now on."""
        started = self._ordered()
        await self._store.invalidate([bounded_tag(tag) for tag in tags], mode)
        self._teller.told(EventName.INVALIDATED, ", ".join(tags), started, mode.value)

    async def delete(self, name: str) -> bool:
        """Whether an entry was deleted. No load begun before is shown to whoever asks from now on."""
        started = self._ordered()
        deleted = await self._store.delete(name)
        self._teller.told(EventName.DELETE, name, started, "deleted" if deleted else "absent")
        return deleted

    async def clear(self, pattern: str, mode: Mode = Mode.PURGE) -> int:
        """How many entries were deleted: none with EXPIRE. What was read before is shown no more."""
        started = self._ordered()
        count = await self._store.clear(pattern, mode)
        self._teller.told(EventName.CLEAR, pattern, started, f"{count} deleted")
        return count

    def names(self, pattern: str) -> AsyncIterator[str]:
        """The names of the answers in the store that match. Raises StoreDown."""
        return self._store.names(pattern)

    def lease(self, name: str) -> Lease:
        """A lock among the processes of one deployment, for work that one of them does for all."""
        return self._store.lease(name)

    async def note(self, topic: str, text: str, ttl_ms: int) -> None:
        """Leave a small text for other processes of the same deployment. Raises StoreDown."""
        await self._store.note(topic, text, ttl_ms)

    async def notes(self, glob: str) -> dict[str, str]:
        """The texts of all topics that match. Raises StoreDown."""
        return await self._store.notes(glob)

    async def stats(self) -> Stats:
        """The counts of this process, and the server's figures when it is up."""
        try:
            server = await self._store.info()
        except StoreDown:
            server = None
        return self._tally.stats(server, self._recall.figures())

    def counts(self) -> Counts:
        """The counts of this process alone; nobody is asked."""
        return self._tally.counts(self._recall.figures())

    async def why_down(self) -> str:
        """Why the store does not answer within the time of one question; "" when it does."""
        try:
            await self._store.ping()
        except StoreDown as down:
            return down.reason
        return ""

    def condition(self) -> Condition:
        return Condition(self._store.left_alone, self._store.known(()) is not None)

    async def explain(self, name: str) -> Explained:
        """What lies under `name`, and why it is shown or not. Raises StoreDown."""
        return replace(await explained(self._store, name), in_memory=self._recall.holds(name))

    async def close(self) -> None:
        """Cancel loads, finish writes, close the store. Those who still wait get `LoadCancelled`."""
        await self._flights.close()
        await self._loader.settled()
        await self._store.close()

    def _ordered(self) -> float:
        self._orders += 1
        return self._clock()

    def _from_memory(self, ask: Ask) -> Hit | None:
        verdict = self._recall.current(ask)
        if verdict is None or verdict.shown is None:
            return None
        return self._hit(ask, verdict, verdict.shown, Source.MEMORY)

    async def _from_store(self, ask: Ask, found: Found | None) -> Hit:
        turn: Turn | None = None
        if found is None:
            budget = self._budget()
            seen, turn = await self._loader.first_look(ask, budget)
            found = Found(seen, budget, Source.REDIS, soon=None)
        try:
            return await self._judged(ask, found, turn)
        finally:
            self._loader.let_go(turn)

    async def _judged(self, ask: Ask, found: Found, turn: Turn | None) -> Hit:
        verdict, budget = found.verdict, found.budget
        wanted = ask.freshness.use is Use.DEFAULT
        if wanted and verdict.shown:
            if found.source is Source.REDIS:
                self._recall.remember(ask.wanted, verdict)
            return self._hit(ask, verdict, verdict.shown, found.source, soon=found.soon)
        last = self._recall.last_heard(ask) if wanted and verdict.stamps is None else None
        if last and last.shown:
            return self._stale(ask, last.shown)
        return await self._loaded(ask, verdict, budget, turn)

    async def _loaded(self, ask: Ask, verdict: Verdict, budget: Budget, turn: Turn | None) -> Hit:
        ident = self._ident(ask, verdict.stamps)

        async def work() -> Landing:
            # Once, however many wait for it.
            self._teller.miss(ask, verdict, was_too_big=self._loader.was_too_big(ask.name))
            return await self._loader.run(ask, verdict, budget, turn)

        if self._flights.is_under_way(ident):
            self._loader.joined(ask.name)
            self._loader.let_go(turn)  # the other caller's load may need it
        try:
            landing, shared = await self._flights.join(ident, work, label=ask.name)
            if shared and not ask.takes(landing):
                landing, shared = await self._flights.alone(ident, work, label=ask.name), False
        except self._forgivable:
            if ask.newer:  # who wants it new is told that it cannot be had
                raise
            if (excuse := await self._excuse(ask)) is None:
                raise
            return excuse
        self._teller.landed(ask, landing, shared=shared)
        if not shared:
            return landing.hit
        age_ms, source = landing.age_ms_for(ask), landing.hit.source
        if verdict.stamps is None and age_ms > self._limits.unheard_ms:
            source = Source.STALE  # nobody would have told of an invalidation since that load began
        return replace(landing.hit, age_ms=age_ms, source=source, shared=True)

    def _hit(
        self, ask: Ask, verdict: Verdict, shown: Aged, source: Source, *, soon: bool | None = None
    ) -> Hit:
        """Where the entry is stale or nearly so, it is loaded anew beside."""
        entry = shown.entry
        stale = verdict.standing is Standing.STALE
        if soon is None:
            soon = ends_soon(entry.lifetime.soft_ms - shown.age_ms, entry.cost_ms, self._chance())
        if stale or soon:
            self._refresh(ask, verdict)
        hit = hit_of(shown, Source.STALE if stale else source)
        self._teller.hit(ask.name, ask.started, hit.source, entry.cost_ms)
        return hit

    def _refresh(self, ask: Ask, verdict: Verdict) -> None:
        ident = self._ident(ask, verdict.stamps)
        self._refresher.refresh(ident, ask, lambda again: self._loader.run(again, verdict, self._budget()))

    async def _excuse(self, ask: Ask) -> Hit | None:
        """An answer that has expired, when the load has failed: by what is known now, not before the load."""
        now = await self._shelf.found(ask.key, ask.tags, ask.freshness, self._budget())
        last = now if now.stamps is not None else self._recall.last_heard(ask)
        return self._stale(ask, last.excuse) if last and last.excuse else None

    def _stale(self, ask: Ask, aged: Aged) -> Hit:
        self._teller.hit(ask.name, ask.started, Source.STALE, 0)
        return hit_of(aged, Source.STALE)

    def _ident(self, ask: Ask, stamps: Stamps | None) -> Ident:
        """Who comes after an invalidation never joins a load from before it."""
        if stamps is None:
            return ask.key, self._orders + self._store.changes(), ask.newer
        return ask.key, frozenset(stamps.items()), ask.newer
