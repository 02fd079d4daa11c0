"""Counts and tells what happens to asks."""

import time
from collections.abc import Callable, Sequence

from cache.ask import Ask, Landing
from cache.event import Event, EventName, Observe, Operation
from cache.hit import Source
from cache.shelf import Verdict
from cache.stats import MissReason, Tally


class Teller:
    """Each thing that happens is counted once and told once."""

    def __init__(
        self,
        tally: Tally,
        observe: Observe,
        clock: Callable[[], float] = time.monotonic,
        *,
        tells_hits: bool = True,
    ) -> None:
        """Without `tells_hits` they are only counted: there may be tens of thousands a second."""
        self._tally = tally
        self._observe = observe
        self._clock = clock
        self._tells_hits = tells_hits

    def hit(self, name: str, started: float, source: Source, saved_ms: int) -> None:
        """An answer was shown without a load; `saved_ms` is what that would have cost."""
        self.hits((name,), started, source, saved_ms)

    def hits(self, names: Sequence[str], started: float, source: Source, saved_ms: int) -> None:
        """The same of several that were shown together; `saved_ms` is what all would have cost."""
        self._tally.hits(source, (self._clock() - started) * 1000, saved_ms, len(names))
        if self._tells_hits:
            for name in names:
                self.told(EventName.HIT, name, started, source.value)

    def miss(self, ask: Ask, verdict: Verdict, *, was_too_big: bool) -> None:
        """There was nothing to show."""
        reason = verdict.reason or MissReason.REFRESHED
        if reason is MissReason.ABSENT and was_too_big:
            reason = MissReason.TOO_BIG
        self._tally.misses[reason] += 1
        self.told(EventName.MISS, ask.name, ask.started, verdict.detail or reason.value, reason.value)

    def landed(self, ask: Ask, landing: Landing, *, shared: bool) -> None:
        """Who waited for another's load, here or elsewhere, has joined it."""
        if shared or landing.hit.source is not Source.DATABASE:
            self._tally.saved_ms += landing.cost_ms
            self._tally.joined += 1
            self.told(EventName.JOINED, ask.name, ask.started, landing.hit.source.value)
        else:
            self._tally.took(Operation.LOADED, (self._clock() - ask.started) * 1000)

    def refreshing(self, ask: Ask) -> None:
        """A load in the background has begun."""
        self._tally.refreshes += 1
        self._observe(Event(EventName.REFRESHING, ask.name))

    def told(self, name: EventName, key: str, started: float, detail: str, word: str = "") -> None:
        self._observe(Event(name, key, (self._clock() - started) * 1000, detail, word))
