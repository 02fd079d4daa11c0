"""What the cache does, in numbers for people and programs."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from cache.event import Operation
from cache.histogram import Latencies
from cache.hit import Source
from cache.stats import Counts, MemoryFigures, MissReason
from cache.store import Server

DIGITS: Final = 3
"""Percentiles come from buckets: more digits would promise more than there is."""


@dataclass(frozen=True, slots=True)
class Misses:
    """Why there was nothing to show."""

    absent: int
    expired: int
    invalidated: int
    store_down: int
    too_big: int
    too_old: int
    damaged: int
    refreshed: int


@dataclass(frozen=True, slots=True)
class Latency:
    """How long something took; the percentiles are None before the first."""

    operation: str
    count: int
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None


@dataclass(frozen=True, slots=True)
class Figures:
    """Our own counts, of as many `workers`, and what the Redis server says of itself while it is up."""

    status: Literal["up", "down"]
    memory_used_mb: float | None
    total_keys: int | None
    connected_clients: int | None
    uptime_seconds: int | None
    evicted_keys: int | None
    hit_rate: float
    hits: int
    misses: int
    flights_joined: int
    database_ms_saved: int
    memory_hits: int
    redis_hits: int
    stale_hits: int
    misses_by_reason: Misses
    loads: int
    loads_failed: int
    refreshes: int
    not_admitted: int
    too_big: int
    bytes_stored: int
    memory: MemoryFigures
    latencies: tuple[Latency, ...]
    workers: int


def figures_of(counts: Counts, server: Server | None, workers: int) -> Figures:
    """`server` is None while it is down."""
    hits = counts.hits_by_source
    return Figures(
        status="up" if server else "down",
        memory_used_mb=server.memory_used_mb if server else None,
        total_keys=server.keys if server else None,
        connected_clients=server.connected_clients if server else None,
        uptime_seconds=server.uptime_seconds if server else None,
        evicted_keys=server.evicted_keys if server else None,
        hit_rate=counts.hit_rate,
        hits=counts.hits,
        misses=counts.misses,
        flights_joined=counts.flights_joined,
        database_ms_saved=counts.load_ms_saved,
        memory_hits=hits.get(Source.MEMORY, 0),
        redis_hits=hits.get(Source.REDIS, 0),
        stale_hits=hits.get(Source.STALE, 0),
        misses_by_reason=_misses(counts.misses_by_reason),
        loads=counts.loads,
        loads_failed=counts.loads_failed,
        refreshes=counts.refreshes,
        not_admitted=counts.not_admitted,
        too_big=counts.too_big,
        bytes_stored=counts.bytes_stored,
        memory=counts.memory,
        latencies=tuple(_latency(each, counts.latencies.get(each, Latencies())) for each in Operation),
        workers=workers,
    )


def _misses(counted: Mapping[MissReason, int]) -> Misses:
    return Misses(**{reason.name.lower(): counted.get(reason, 0) for reason in MissReason})


def _latency(operation: Operation, found: Latencies) -> Latency:
    p50, p95, p99 = (_rounded(found.percentile(share)) for share in (0.5, 0.95, 0.99))
    return Latency(operation.value, found.count, p50, p95, p99)


def _rounded(ms: float | None) -> float | None:
    return None if ms is None else float(f"{ms:.{DIGITS}g}")
