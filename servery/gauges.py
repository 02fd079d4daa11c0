"""Metrics that show the state of this process, beside those that count."""

from collections.abc import Callable

from cache.cache import Cache
from db.pool import Usage
from servery import __version__
from servery.meters import Meters


class Gauges:
    """Shows what `watch` was told to, as it was at the last `refresh`."""

    def __init__(self, meters: Meters) -> None:
        self._cache: Cache | None = None
        self._pool: Callable[[], Usage | None] = lambda: None
        self._evictions = 0
        meters.gauge("processes", "Processes that answer.").set(1)
        meters.gauge("build_info", "Processes of this version.", "version").labels(__version__).set(1)
        self._memory_bytes = meters.gauge("cache_memory_bytes", "What answers take in memory.")
        self._memory_entries = meters.gauge("cache_memory_entries", "Answers in memory.")
        self._memory_limit = meters.gauge("cache_memory_limit_bytes", "The most that answers may take there.")
        self._memory_evictions = meters.counter("cache_memory_evictions", "Answers pushed out of memory.")
        self._breakers_open = meters.gauge(
            "cache_breakers_open", "Processes that leave Redis alone for a moment, because it failed."
        )
        self._trackers_live = meters.gauge(
            "cache_trackers_live", "Processes that hear Redis now, and so may trust their memory."
        )
        connections = meters.gauge("pool_connections", "Connections to PostgreSQL.", "state")
        self._idle, self._busy = connections.labels("idle"), connections.labels("busy")
        self._most = meters.gauge("pool_connections_limit", "The most connections to PostgreSQL.")

    def watch(self, cache: Cache, pool: Callable[[], Usage | None]) -> None:
        self._cache, self._pool = cache, pool
        self.refresh()

    def refresh(self) -> None:
        if self._cache is not None:
            self._show_cache(self._cache)
        if usage := self._pool():
            self._idle.set(usage.idle)
            self._busy.set(usage.busy)
            self._most.set(usage.most)

    def _show_cache(self, cache: Cache) -> None:
        memory, condition = cache.counts().memory, cache.condition()
        self._memory_bytes.set(memory.bytes)
        self._memory_entries.set(memory.entries)
        self._memory_limit.set(memory.max_bytes)
        self._memory_evictions.inc(memory.evictions - self._evictions)
        self._evictions = memory.evictions
        self._breakers_open.set(condition.left_alone)
        self._trackers_live.set(condition.heard)
