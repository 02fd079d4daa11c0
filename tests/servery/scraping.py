"""Metrics as Prometheus reads them, and a cache that they watch."""

from typing import Any

from prometheus_client.metrics_core import Metric
from prometheus_client.parser import text_string_to_metric_families

from cache import ANY, Breaker, Cache, Freshness, Lifetime, Limits, Loaded
from servery.metrics import Metrics
from tests.cache.fakes import Clock, FakeStore, Watcher, key

LIFETIME = Lifetime(100_000, 200_000, 300_000)


def families(metrics: Metrics) -> dict[str, Metric]:
    metrics.refresh()  # as whoever asks for the page has it done
    text = metrics.exposition().decode()
    return {each.name: each for each in text_string_to_metric_families(text)}


def value(metrics: Metrics, name: str, **labels: str) -> float:
    """Of the one sample with this name and these labels."""
    (found,) = [
        sample.value
        for family in families(metrics).values()
        for sample in family.samples
        if (sample.name, sample.labels) == (name, labels)
    ]
    return found


class Watched:
    """A cache that metrics watch."""

    def __init__(self, *, tracks: bool = False, **limits: Any) -> None:
        self.clock = Clock()
        self.store = FakeStore(self.clock, tracks=tracks)
        self.seen = Watcher()
        self.metrics = Metrics()
        self.cache = Cache(
            self.store,
            limits=Limits(**limits),
            breaker=Breaker(clock=self.clock),
            observe=self.metrics.observing(self.seen),
            measure=self.metrics.took,
            clock=self.clock,
            chance=lambda: 0.5,
        )
        self.metrics.watch(self.cache)

    async def load(self) -> Loaded:
        self.clock.turn(0.2)
        return Loaded(b"1" * 2_000, 1)

    async def answer(self, number: int = 1, freshness: Freshness = ANY) -> None:
        await self.cache.get_or_load(key(number), self.load, lifetime=LIFETIME, freshness=freshness)

    def value(self, name: str, **labels: str) -> float:
        return value(self.metrics, name, **labels)
