"""Answers in memory, shown without asking anybody as long as the tokens are known to be theirs."""

import time
from collections.abc import Callable

from cache.ask import Ask
from cache.entry import Entry
from cache.memory import Memory, Remembered
from cache.shelf import Aged, Verdict, judged
from cache.stats import MemoryFigures
from cache.store import Store
from cache.tokens import MEMORY, Stamps


class Recall:
    """Memory, and what the store knows of the tokens."""

    def __init__(self, store: Store, max_bytes: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._memory = Memory(max_bytes)
        self._max_bytes = max_bytes
        self._clock = clock

    def current(self, ask: Ask) -> Verdict | None:
        """What is remembered, when its tokens are known to be those of now."""
        kept = self._memory.find(ask.name)
        if kept is None or kept.stamps != self._store.known((*ask.tags, MEMORY)):
            return None
        return self._judged(ask, kept)

    def last_heard(self, ask: Ask) -> Verdict | None:
        """What is remembered, when its tokens were those of the moment in which the store was last heard."""
        kept = self._memory.find(ask.name)
        if kept is None or kept.stamps != self._store.last_known((*ask.tags, MEMORY)):
            return None
        return self._judged(ask, kept)

    def keep(self, ask: Ask, entry: Entry, stamps: Stamps, memory: str, read_at: float) -> None:
        """`memory` is the token of memory itself, taken together with `stamps`."""
        self._memory.keep(ask.name, Remembered(entry, {**stamps, MEMORY: memory}, read_at))

    def remember(self, ask: Ask, verdict: Verdict) -> None:
        """Keep what was found in the store."""
        if verdict.found and verdict.stamps is not None:
            read_at = self._clock() - verdict.found.age_ms / 1000
            self.keep(ask, verdict.found.entry, verdict.stamps, verdict.memory, read_at)

    def holds(self, name: str) -> bool:
        """Whether it is there, good or not."""
        return name in self._memory

    def figures(self) -> MemoryFigures:
        memory = self._memory
        return MemoryFigures(memory.entries, memory.bytes, self._max_bytes, memory.evictions)

    def _judged(self, ask: Ask, kept: Remembered) -> Verdict | None:
        entry = kept.entry
        if (entry.sha256, entry.scope) != (ask.key.sha256, ask.key.scope):
            return None
        age_ms = max(0, round((self._clock() - kept.born) * 1000))
        verdict = judged(Aged(entry, age_ms), entry.stamps, ask.freshness)
        return Verdict(verdict.standing, verdict.found, verdict.reason, verdict.stamps, kept.stamps[MEMORY])
