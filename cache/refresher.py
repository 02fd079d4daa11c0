"""Loads in the background, for answers that are shown stale or would soon be."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Final, Generic, TypeVar

from cachetools import LRUCache

from cache.ask import Ask, Landing
from cache.flight import Flights
from cache.teller import Teller

K = TypeVar("K")

PAUSE_S: Final = 1.0
_MOST: Final = 10_000


class Refresher(Generic[K]):
    """At most so many at one time; a question whose load just failed is left alone for a moment."""

    def __init__(
        self, flights: Flights[K, Landing], most: int, teller: Teller, clock: Callable[[], float]
    ) -> None:
        self._flights = flights
        self._most = most
        self._teller = teller
        self._clock = clock
        self._running = 0
        self._begun: LRUCache[str, float] = LRUCache(_MOST)

    def refresh(self, ident: K, ask: Ask, run: Callable[[Ask], Awaitable[Landing]]) -> None:
        """Begin, unless enough is loaded already: then another caller will see to it."""
        now = self._clock()
        if self._running >= self._most or now - self._begun.get(ask.name, float("-inf")) < PAUSE_S:
            return
        again = replace(ask, started=now, again=True)
        if self._flights.send(ident, lambda: run(again), self._landed, label=ask.name):
            self._running += 1
            self._begun[ask.name] = now
            self._teller.refreshing(ask)

    def _landed(self) -> None:
        self._running -= 1
