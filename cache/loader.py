"""A load and what is done with it: one at a time for each question, in this process and among all."""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from hashlib import sha256
from random import random
from typing import Final

from cachetools import LRUCache

from cache.admission import Admission
from cache.ask import Ask, Landing
from cache.budget import Budget
from cache.ended import ended
from cache.event import Event, EventName, NotStored, Observe, Operation
from cache.hit import Hit, Loaded, Source
from cache.lifetime import Lifetime, Use
from cache.recall import Recall
from cache.shelf import Aged, Shelf, Standing, Verdict, found_within, hit_of
from cache.stats import Tally
from cache.store import Store, StoreDown
from cache.tokens import MEMORY, Stamps
from cache.turn import Patience, Turn
from cache.writes import Writes

MOST_TAGS: Final = 400
"""Their tokens must fit into an entry's header."""

_MOST_BIG: Final = 1_000


@dataclass(frozen=True, slots=True)
class _Read:
    """An answer from its source, when its data was read, and what it is stamped with."""

    loaded: Loaded
    cost_ms: int
    read_at: float
    stamps: Stamps
    memory: str


class Loader:
    """Runs inside a flight: its callers are gathered already."""

    def __init__(
        self,
        store: Store,
        shelf: Shelf,
        recall: Recall,
        admission: Admission,
        *,
        largest_body: int,
        loads_while_down: int,
        patience: Patience,
        tally: Tally,
        observe: Observe,
        clock: Callable[[], float] = time.monotonic,
        chance: Callable[[], float] = random,
    ) -> None:
        self._store = store
        self._shelf = shelf
        self._recall = recall
        self._admission = admission
        self._largest_body = largest_body
        self._few_loads = asyncio.Semaphore(loads_while_down)
        self._patience = patience
        self._tally = tally
        self._observe = observe
        self._clock = clock
        self._chance = chance
        self._writes = Writes()
        self._attempted: set[str] = set()
        """For these another caller is under way, whose load they will share."""
        self._big: LRUCache[str, bool] = LRUCache(_MOST_BIG)

    def was_too_big(self, name: str) -> bool:
        """Whether this process did not keep it the last time, for its size."""
        return name in self._big

    def joined(self, name: str) -> None:
        """Another caller waits for what is being loaded: those of other processes will want it, too."""
        self._admission.seen_again(name)

    async def settled(self) -> None:
        """Wait for what is being written."""
        await self._writes.settled()

    async def first_look(self, ask: Ask, budget: Budget) -> tuple[Verdict, Turn | None]:
        """What is there, and a turn that was attempted with the look: that saves a miss a second one.

        There is none where another caller attempts it, or where it is not known yet, by the tokens of now,
        which lease a load will need. Whoever gets one lets go of it.
        """
        known = self._store.known((*ask.wanted.shared, MEMORY))
        if known is None or ask.freshness.use is not Use.DEFAULT or ask.name in self._attempted:
            return await self._shelf.found(ask.key, ask.tags, ask.freshness, budget), None
        turn = self._turn(ask, known)
        self._attempted.add(ask.name)
        try:
            verdict = await found_within(budget, turn.attempt)
        except BaseException:
            self.let_go(turn)
            raise
        finally:
            self._attempted.remove(ask.name)
        if verdict.shown or verdict.stamps is None:
            # At once: it may be loaded anew beside, or will be loaded without a turn.
            self.let_go(turn)
        return verdict, turn

    def let_go(self, turn: Turn | None) -> None:
        """Of a lease, if there is one, and no load that sees to it."""
        if turn and turn.is_open and not turn.taken:
            self._writes.begin(turn.end(unshared=False), label="release")

    async def run(self, ask: Ask, seen: Verdict, budget: Budget, first: Turn | None = None) -> Landing:
        """What another process has loaded meanwhile, or a load. Raises what the load raises.

        `first` is the turn that was attempted with the look that saw this.
        """
        if seen.stamps is None:  # the store failed the look: it is not waited for twice
            async with self._few_loads:
                loaded, cost_ms, read_at = await self.load(ask)
            word = NotStored.STORE_DOWN.value
            self._observe(Event(EventName.NOT_STORED, ask.name, detail=seen.detail, word=word))
            return self._landing(loaded, cost_ms, read_at)
        turn = self._turn_after(ask, seen, first)
        try:
            verdict = await self._come(ask, seen, turn, budget)
            if verdict.standing is Standing.FRESH and verdict.found:
                return self._found(ask, verdict, verdict.found)
            loaded, cost_ms, read_at = await turn.kept(self.load(ask))
            stamps = verdict.stamps if verdict.stamps is not None else seen.stamps
            memory = verdict.memory if verdict.stamps is not None else seen.memory
            lifetime = await self._keep(ask, _Read(loaded, cost_ms, read_at, stamps, memory), turn, budget)
        finally:
            # Whatever happened, and without holding up whoever is leaving.
            if turn.is_open:
                self._writes.begin(turn.end(unshared=False), label="release")
        return self._landing(loaded, cost_ms, read_at, lifetime)

    def _turn_after(self, ask: Ask, seen: Verdict, first: Turn | None) -> Turn:
        assert seen.stamps is not None  # noqa: S101  or there is no turn
        stamps = ask.wanted.shared_of(seen.stamps, seen.memory)
        if first is not None:
            if first.stamps == stamps:
                first.taken = True
                return first
            self.let_go(first)
        return self._turn(ask, stamps)

    def _turn(self, ask: Ask, stamps: Stamps) -> Turn:
        look = partial(self._shelf.find, ask.key, ask.tags, ask.freshness)
        lease = self._store.lease(_lease_name(ask, stamps))
        return Turn(lease, look, self._patience, self._clock, stamps=stamps)

    async def load(self, ask: Ask) -> tuple[Loaded, int, float]:
        """The answer, how many milliseconds it took, and when it began."""
        started = self._clock()
        self._tally.loads += 1
        try:
            loaded = await ask.load()
        except BaseException:
            self._tally.failed += 1
            self._tally.took(Operation.FAILED_LOAD, (self._clock() - started) * 1000)
            raise
        ms = (self._clock() - started) * 1000
        self._tally.took(Operation.LOAD, ms)
        return loaded, round(ms), started

    async def _come(self, ask: Ask, seen: Verdict, turn: Turn, budget: Budget) -> Verdict:
        """The turn, and what there is then. FRESH only if it will do for this ask."""
        try:
            verdict = await turn.come(budget)
        except StoreDown:
            budget.exhaust()
            return replace(seen, standing=Standing.NOTHING)
        if ask.newer:  # how old a found entry is, is not known to the millisecond
            return replace(verdict, standing=Standing.NOTHING)
        if ask.again and verdict.found and seen.found and verdict.found.entry == seen.found.entry:
            return replace(verdict, standing=Standing.NOTHING)
        return verdict

    def _found(self, ask: Ask, verdict: Verdict, found: Aged) -> Landing:
        entry = found.entry
        born = self._clock() - found.age_ms / 1000
        if verdict.stamps is not None:
            self._recall.keep(ask.wanted, entry, verdict.stamps, verdict.memory, born)
        return Landing(hit_of(found, Source.REDIS), entry.cost_ms, born)

    def _landing(
        self, loaded: Loaded, cost_ms: int, read_at: float, lifetime: Lifetime | None = None
    ) -> Landing:
        hit = Hit(loaded.body, loaded.rows, Source.DATABASE, 0, cost_ms=cost_ms, lifetime=lifetime)
        return Landing(hit, cost_ms, read_at)

    async def _keep(self, ask: Ask, read: _Read, turn: Turn, budget: Budget) -> Lifetime | None:
        """How long the answer is good, where it is kept at all."""
        lifetime = ask.lifetime.jittered(self._chance())
        refusal = self._refusal(ask, read, lifetime)
        entry = self._shelf.entry(ask.key, read.loaded, read.stamps, lifetime, read.cost_ms)
        entry = entry if refusal else entry.packed()
        if not refusal or refusal.memory:
            self._recall.keep(ask.wanted, entry, read.stamps, read.memory, read.read_at)
        if refusal:
            word = refusal.word.value
            self._observe(Event(EventName.NOT_STORED, ask.name, detail=refusal.why, word=word))
            self._writes.begin(turn.end(unshared=True), label="release")
            return lifetime if refusal.memory else None
        # The write goes on by itself; it is waited for as long as the question has time for the store, so
        # that whoever asks next finds it.
        keep = partial(self._shelf.keep, ask.key, entry)
        writing = self._writes.begin(turn.end_with(keep), label=ask.name)
        with suppress(StoreDown):
            await budget.spend(lambda: ended(writing))
        return lifetime

    def _refusal(self, ask: Ask, read: _Read, lifetime: Lifetime) -> "_Refusal | None":
        size = len(read.loaded.body)
        if len(ask.tags) > MOST_TAGS:
            why = f"it depends on {len(ask.tags)} things, more than {MOST_TAGS}"
            return _Refusal(NotStored.TOO_BIG, why, memory=True)
        if size > self._largest_body:
            self._tally.too_big += 1
            self._big[ask.name] = True
            return _Refusal(NotStored.TOO_BIG, f"too big: {size} bytes", memory=False)
        self._big.pop(ask.name, None)
        if read.cost_ms >= lifetime.hard_ms:
            why = "it took longer to load than it may be kept"
            return _Refusal(NotStored.TOO_SLOW, why, memory=False)
        why = self._admission.refusal(ask.name, ask.key.scope, cost_ms=read.cost_ms, size=size)
        if why and not ask.freshness.keep:
            self._tally.not_admitted += 1
            return _Refusal(NotStored.NOT_ADMITTED, why, memory=True)
        return None


@dataclass(frozen=True, slots=True)
class _Refusal:
    """Why an answer is not written, and whether it may stay in the memory of this process."""

    word: NotStored
    why: str
    memory: bool


def _lease_name(ask: Ask, stamps: Stamps) -> str:
    """Of question and stamps: who comes after an invalidation does not wait for a load from before it.

    The stamp of memory stands for that of the key alone: what deletes a key renews both. The name is in
    braces, so that in a Cluster the lease lies on the node of the answer, where one follows the other.
    """
    digest = sha256("\n".join(sorted(stamps.values())).encode()).hexdigest()[:8]
    return f"{{{ask.name}}}:{digest}"
