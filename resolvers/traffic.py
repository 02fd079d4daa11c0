"""What is asked of this process, how often, and at what cost: the questions that are worth warming."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from heapq import nlargest
from typing import Final

from model.dates import CompareTo, DateRange
from model.viewer import Viewer
from resolvers.question import Question

MOST_TEXTS: Final = 1_000
MOST_KEYS: Final = 4_000
LONGEST: Final = 4_096
"""In bytes of UTF-8, of a text and of who asks. Longer ones are written by programs, and seldom twice."""

HALF_LIFE_S: Final = 3_600.0
_LARGEST_EXPONENT: Final = 64.0

_Known = tuple[str, DateRange | None, CompareTo | DateRange | None]
"""A cache key names days; `last: {n: 7}` and the same days by date part ways tomorrow."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that can be asked again: the arguments of `analytics`, and who asks."""

    text: str
    viewer: Viewer

    @property
    def is_kept(self) -> bool:
        """Whether it is short enough, and text for other machines, too: half a pair of UTF-16 is none."""
        words = (self.text, self.viewer.subject, self.viewer.tenant or "", *self.viewer.roles)
        try:
            return bool(self.text) and len("".join(words).encode()) <= LONGEST
        except UnicodeEncodeError:
            return False


@dataclass(frozen=True, slots=True)
class Demand:
    """How often a question is asked, and what its answers cost together. An hour ago counts half."""

    asked: Asked
    count: float
    cost_ms: float


@dataclass(slots=True, eq=False)
class Count:
    """Of one question. Found by several keys, so it is itself and no other; once `dropped`, nobody looks."""

    count: float = 0.0
    cost_ms: float = 0.0
    dropped: bool = False


class Traffic:
    """Counts questions, in bounded memory. `clock` measures seconds."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._since = clock()
        self._tallies: dict[Asked, Count] = {}
        self._known: dict[_Known, Count] = {}

    def note(
        self,
        cache_key: str,
        question: Question,
        cost_ms: float,
        viewer: Viewer,
        text: Callable[[], str | None],
    ) -> Count:
        """Count a question that was answered. `text` is called only when it is new here."""
        known = (cache_key, question.date_range, question.compare)
        tally = self._known.get(known)
        if tally is None:
            tally = self._learn(known, viewer, text())
        self.again(tally, cost_ms)
        return tally

    def again(self, counted: Count, cost_ms: float) -> bool:
        """Count the same question once more. False when its `Count` is not looked at any more."""
        return self.all_again((counted,), (cost_ms,))

    def all_again(self, counted: Sequence[Count | None], costs_ms: Sequence[float]) -> bool:
        """The same of several that were asked together, but for those that are not counted."""
        weight = self._weight()
        looked_at = True
        for each, cost_ms in zip(counted, costs_ms, strict=True):
            if each is not None:
                each.count += weight
                each.cost_ms += weight * cost_ms
                looked_at = looked_at and not each.dropped
        return looked_at

    def top(self, most: int) -> list[Demand]:
        """Those that cost the most, count by count; the dearest first."""
        faded = 1 / self._weight()
        dearest = nlargest(most, self._tallies.items(), key=lambda each: each[1].cost_ms)
        return [Demand(asked, tally.count * faded, tally.cost_ms * faded) for asked, tally in dearest]

    def _learn(self, known: _Known, viewer: Viewer, text: str | None) -> Count:
        """A question that cannot be told is known, too: it is counted where nobody looks."""
        asked = Asked(text or "", viewer)
        tally = self._tally(asked) if asked.is_kept else Count()
        if len(self._known) >= MOST_KEYS:
            for oldest in list(self._known)[: MOST_KEYS // 4]:
                del self._known[oldest]
        self._known[known] = tally
        return tally

    def _tally(self, asked: Asked) -> Count:
        tally = self._tallies.get(asked)
        if tally is None:
            if len(self._tallies) >= MOST_TEXTS:
                self._drop_least()
            tally = self._tallies[asked] = Count()
        return tally

    def _drop_least(self) -> None:
        """A tenth at once, so that a flood of questions that come once is not sorted at each of them."""
        rising = sorted(self._tallies.items(), key=lambda each: each[1].count)
        dropped = {self._tallies.pop(asked) for asked, _ in rising[: MOST_TEXTS // 10]}
        for tally in dropped:
            tally.dropped = True
        self._known = {known: tally for known, tally in self._known.items() if tally not in dropped}

    def _weight(self) -> float:
        """What a question counts now. Nothing that was counted fades: what comes later counts more."""
        exponent = (self._clock() - self._since) / HALF_LIFE_S
        if exponent > _LARGEST_EXPONENT:
            self._start_anew(2.0**-exponent)
            return 1.0
        return float(2.0**exponent)

    def _start_anew(self, faded: float) -> None:
        self._since = self._clock()
        for tally in self._tallies.values():
            tally.count *= faded
            tally.cost_ms *= faded
