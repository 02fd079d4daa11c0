"""Answers in memory, shown without asking anybody as long as the tokens are known to be theirs."""

import time
from collections.abc import Callable
from weakref import ref

from cache.ask import Ask
from cache.entry import Entry
from cache.key import CacheKey
from cache.memory import Memory, Remembered
from cache.shelf import Aged, Verdict, judged
from cache.stats import MemoryFigures
from cache.store import Store
from cache.tokens import MEMORY, Stamps
from cache.wanted import Wanted


class Recall:
    """Memory, and what the store knows of the tokens."""

    def __init__(self, store: Store, max_bytes: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self.heard_changes = store.heard_changes
        self._memory = Memory(max_bytes)
        self._max_bytes = max_bytes
        self._clock = clock

    def current(self, ask: Ask) -> Verdict | None:
        """What is remembered, when its tokens are known to be those of now."""
        kept = self.current_of(ask.wanted)
        return None if kept is None else self._judged(ask, kept)

    def last_heard(self, ask: Ask) -> Verdict | None:
        """What is remembered, when its tokens were those of the moment in which the store was last heard."""
        kept = self._memory.find(ask.name)
        if kept is None or kept.stamps != self._store.last_known((*ask.tags, MEMORY)):
            return None
        return self._judged(ask, kept)

    def current_of(self, wanted: Wanted) -> Remembered | None:
        """The same, not judged any further."""
        changes = self.heard_changes()
        return None if changes is None else self.current_after(changes, wanted)

    def current_after(self, changes: int, wanted: Wanted) -> Remembered | None:
        """The same, for those who know already how many `changes` of tokens the store has told of."""
        kept = self._memory.find(wanted.key.name)
        if kept is None:
            return None
        # Without a change since, the tokens are those with which this very answer was compared before.
        if wanted.kept is None or kept is not wanted.kept() or changes != wanted.changes:
            known = self._store.known((*wanted.tags, MEMORY))
            if kept.stamps != known or not _is_for(kept.entry, wanted.key):
                return None
            wanted.kept, wanted.changes = ref(kept), changes
        return kept

    def keep(self, wanted: Wanted, entry: Entry, stamps: Stamps, memory: str, read_at: float) -> None:
        """`memory` is the token of memory itself, taken together with `stamps`."""
        self._memory.keep(wanted.key.name, Remembered(entry, {**stamps, MEMORY: memory}, read_at))

    def remember(self, wanted: Wanted, verdict: Verdict) -> None:
        """Keep what was found in the store."""
        if self._max_bytes and verdict.found and verdict.stamps is not None:
            read_at = self._clock() - verdict.found.age_ms / 1000
            self.keep(wanted, verdict.found.entry, verdict.stamps, verdict.memory, read_at)

    def holds(self, name: str) -> bool:
        """Whether it is there, good or not."""
        return name in self._memory

    def figures(self) -> MemoryFigures:
        memory = self._memory
        return MemoryFigures(memory.entries, memory.bytes, self._max_bytes, memory.evictions)

    def _judged(self, ask: Ask, kept: Remembered) -> Verdict | None:
        entry = kept.entry
        if not _is_for(entry, ask.key):
            return None
        age_ms = kept.age_ms(self._clock())
        return judged(Aged(entry, age_ms), entry.stamps, ask.freshness, kept.stamps[MEMORY])


def _is_for(entry: Entry, key: CacheKey) -> bool:
    return (entry.sha256, entry.scope) == (key.sha256, key.scope)
