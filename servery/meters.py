"""How metrics are made: their names, their buckets, and a place for every word that they count by."""

from bisect import bisect_left
from collections import Counter as Counts
from collections.abc import Sequence
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

SECONDS: Final = (
    *(0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05),
    *(0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0),
)


class Seconds(Histogram):
    """A histogram of durations, which are often told many at a time."""

    def observe_all(self, values: Sequence[float]) -> None:
        """The same as `observe` for each of them."""
        self._sum.inc(sum(values))
        counts = Counts(bisect_left(self._upper_bounds, value) for value in values)
        for place, count in counts.items():
            self._buckets[place].inc(count)


class Meters:
    """All of one registry. `told` is their help, a sentence each."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._registry = registry

    def counter(self, name: str, told: str, *labels: str) -> Counter:
        return Counter(f"servery_{name}", told, labels, registry=self._registry)

    def by_word(self, name: str, told: str, label: str, words: Sequence[str]) -> dict[str, Counter]:
        """With a count of 0 for each word from the start, so that the first one is seen as a rise."""
        counter = self.counter(name, told, label)
        return {word: counter.labels(word.replace(" ", "_")) for word in words}

    def gauge(self, name: str, told: str, *labels: str) -> Gauge:
        """The sum of those of all processes that live."""
        return Gauge(f"servery_{name}", told, labels, registry=self._registry, multiprocess_mode="livesum")

    def seconds(self, name: str, told: str, *labels: str) -> Seconds:
        return Seconds(f"servery_{name}_seconds", told, labels, registry=self._registry, buckets=SECONDS)
