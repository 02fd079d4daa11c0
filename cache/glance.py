"""The short way to an answer that is there: nothing is loaded, and what is not plainly good is left alone."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import TypeAlias

from cache.budget import Budget
from cache.entry import Entry
from cache.hit import Source
from cache.lifetime import Freshness, ends_soon, may_end_soon
from cache.memory import Remembered
from cache.recall import Recall
from cache.shelf import Aged, Shelf, Standing, Verdict, judged
from cache.teller import Teller
from cache.tokens import MEMORY
from cache.wanted import Wanted


@dataclass(frozen=True, slots=True)
class Found:
    """What was seen, for `Cache.get_or_load` to go on from. It is not asked for again.

    `soon`: whether it was decided to load it anew ahead of its end; None where that is still to be done.
    """

    verdict: Verdict
    budget: Budget
    source: Source
    soon: bool | None = False


HandedOn: TypeAlias = Mapping[tuple[str, Freshness], Found]
"""What was seen for one request, by the name of the key and what was accepted."""


@dataclass(slots=True)
class Glanced:
    """An answer that is fresh. The same `entry` means the same bytes. `verdict` is that of the store."""

    entry: Entry
    age_ms: int
    source: Source
    verdict: Verdict | None = None


class Glances:
    """Nothing is counted before `shown`: whoever finds too little asks the cache, which does the rest."""

    def __init__(  # noqa: PLR0917  what the cache is made of
        self,
        recall: Recall,
        shelf: Shelf,
        teller: Teller,
        budget: Callable[[], Budget],
        chance: Callable[[], float],
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._recall = recall
        self._shelf = shelf
        self._teller = teller
        self._budget = budget
        self._chance = chance
        self._clock = clock

    def in_memory(self, wanted: Wanted, freshness: Freshness) -> Glanced | Found | None:
        """What is remembered and may be shown; None where the store is to be looked into."""
        kept = self._recall.current_of(wanted)
        if kept is None:
            return None
        entry, age_ms = kept.entry, kept.age_ms(self._clock())
        left_ms = entry.lifetime.soft_ms - age_ms
        if freshness.max_age_ms is None and left_ms > 0 and not may_end_soon(left_ms, entry.cost_ms):
            return Glanced(entry, age_ms, Source.MEMORY)
        return self._judged(kept, age_ms, freshness)

    def ages_if_still(
        self, wanted: Sequence[Wanted], entries: Sequence[Callable[[], Entry | None]]
    ) -> list[int] | None:
        """The ages of these very entries in ms, when all are in memory, fresh and far from their end.

        The part of `in_memory` that leaves nothing to chance, for those who take any age: None says nothing.
        """
        changes = self._recall.heard_changes()
        if changes is None:
            return None
        now = self._clock()
        ages = []
        for each, entry in zip(wanted, entries, strict=True):
            kept = self._recall.current_after(changes, each)
            if kept is None or kept.entry is not entry():
                return None
            age_ms = kept.age_ms(now)
            if may_end_soon(kept.entry.lifetime.soft_ms - age_ms, kept.entry.cost_ms):
                return None
            ages.append(age_ms)
        return ages

    def shown_again(self, names: Sequence[str], saved_ms: int, started: float) -> None:
        """The same as `shown`, of all that was found by `ages_if_still`."""
        self._teller.hits(names, started, Source.MEMORY, saved_ms)

    async def in_store(self, wanted: Wanted, freshness: Freshness) -> Glanced | Found:
        """The same of what lies in the store, or what else was seen there."""
        budget = self._budget()
        verdict = await self._shelf.found(wanted.key, wanted.tags, freshness, budget)
        if verdict.standing is Standing.FRESH and verdict.found:
            entry, age_ms = verdict.found.entry, verdict.found.age_ms
            if self._ends_soon(entry, age_ms):
                return Found(verdict, budget, Source.REDIS, soon=True)
            return Glanced(entry, age_ms, Source.REDIS, verdict)
        return Found(verdict, budget, Source.REDIS)

    def handed_on(self, glanced: Glanced) -> Found:
        """For a request that goes the whole way because of another question in it."""
        verdict = glanced.verdict or _fresh(glanced.entry, glanced.age_ms)
        return Found(verdict, self._budget(), glanced.source)

    def shown(self, wanted: Wanted, glanced: Glanced, started: float) -> None:
        """It was shown to somebody who asked at `started`, by `time.monotonic`."""
        if glanced.verdict:
            self._recall.remember(wanted, glanced.verdict)
        self._teller.hit(wanted.key.name, started, glanced.source, glanced.entry.cost_ms)

    def _judged(self, kept: Remembered, age_ms: int, freshness: Freshness) -> Glanced | Found | None:
        entry = kept.entry
        verdict = judged(Aged(entry, age_ms), entry.stamps, freshness, kept.stamps[MEMORY])
        if verdict.shown is None:
            return None
        soon = verdict.standing is Standing.FRESH and self._ends_soon(entry, age_ms)
        if soon or verdict.standing is Standing.STALE:
            return Found(verdict, self._budget(), Source.MEMORY, soon=soon)
        return Glanced(entry, age_ms, Source.MEMORY)

    def _ends_soon(self, entry: Entry, age_ms: int) -> bool:
        return ends_soon(entry.lifetime.soft_ms - age_ms, entry.cost_ms, self._chance())


def _fresh(entry: Entry, age_ms: int) -> Verdict:
    return Verdict(Standing.FRESH, Aged(entry, age_ms), None, entry.stamps)
