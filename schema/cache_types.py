"""What the cache tells of itself: its figures, and one of its entries."""

from dataclasses import asdict
from datetime import UTC, datetime
from enum import Enum
from typing import Final

import strawberry

from resolvers.entries import Explained
from resolvers.figures import Figures, Latency
from schema.scalars import BigInt, DateTime

_OF_CONTENTS: Final = (
    "age_ms",
    "soft_left_ms",
    "stale_left_ms",
    "hard_left_ms",
    "raw_bytes",
    "rows",
    "cost_ms",
)


@strawberry.enum(description="Whether Redis can be used.")
class CacheStatus(Enum):
    UP = "up"
    DOWN = "down"


@strawberry.type(description="Why there was nothing to show: the sum is `misses`.")
class CacheMisses:
    absent: BigInt = strawberry.field(description="There was no such answer.")
    expired: BigInt = strawberry.field(description="Its time was over.")
    invalidated: BigInt = strawberry.field(description="What it depends on had changed, or was cleared.")
    store_down: BigInt = strawberry.field(description="Redis did not answer in time.")
    too_big: BigInt = strawberry.field(description="It was too big to be kept when it was loaded last.")
    too_old: BigInt = strawberry.field(description="It was older than `maxAge`.")
    damaged: BigInt = strawberry.field(description="Something else lay under its name, or a damaged answer.")
    refreshed: BigInt = strawberry.field(description="The question asked for a new one: cache: REFRESH.")


@strawberry.type(description="Answers in the memory of the processes.")
class CacheMemory:
    entries: BigInt
    bytes: BigInt
    max_bytes: BigInt
    evictions: BigInt = strawberry.field(description="Answers that were pushed out by others.")


@strawberry.enum(description="What takes time.")
class CacheOperation(Enum):
    MEMORY_HIT = strawberry.enum_value("memory hit", description="A question answered from memory.")
    REDIS_HIT = strawberry.enum_value("redis hit", description="A question answered from Redis.")
    STALE_HIT = strawberry.enum_value("stale hit", description="A question answered with a stale answer.")
    JOINED = strawberry.enum_value("joined", description="A question answered by another one's load.")
    LOADED = strawberry.enum_value("loaded", description="A question whose answer was loaded.")
    LOOK = strawberry.enum_value("look", description="One look into Redis, also one that failed.")
    PUT = strawberry.enum_value("put", description="One answer packed and written to Redis.")
    LOAD = strawberry.enum_value("load", description="The database's part of a load.")
    FAILED_LOAD = strawberry.enum_value("failed load", description="The same, where it failed.")


@strawberry.type(
    description="How long something took. Percentiles are right to a tenth; null before the first."
)
class CacheLatency:
    operation: CacheOperation
    count: BigInt
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None


@strawberry.type(description="Counts of all processes that run, since each started, and of the Redis server.")
class CacheStats:
    status: CacheStatus
    memory_used_mb: float | None = strawberry.field(description="Of the whole server; null while it is down.")
    total_keys: int | None = strawberry.field(description="Ours alone; null while the server is down.")
    connected_clients: int | None
    uptime_seconds: BigInt | None
    hit_rate: float = strawberry.field(
        description="Our hits of all our look-ups, 0 to 1; 0 before the first."
    )
    hits: BigInt
    misses: BigInt
    flights_joined: BigInt = strawberry.field(
        description="Answers shared with a caller who asked just before."
    )
    database_ms_saved: BigInt = strawberry.field(description="What hits and shared answers would have cost.")
    memory_hits: BigInt
    redis_hits: BigInt
    stale_hits: BigInt = strawberry.field(
        description="Shown flagged: while loading anew, or for want of one."
    )
    misses_by_reason: CacheMisses
    loads: BigInt = strawberry.field(description="Also those in the background, and those that failed.")
    loads_failed: BigInt
    refreshes: BigInt = strawberry.field(description="Loads in the background, ahead of whoever asks next.")
    not_admitted: BigInt = strawberry.field(description="Not written to Redis: cheap once, or over a quota.")
    too_big: BigInt = strawberry.field(description="Not kept for their size.")
    bytes_stored: BigInt = strawberry.field(description="Written to Redis, packed.")
    evicted_keys: BigInt | None = strawberry.field(
        description="By the whole Redis server, for want of memory."
    )
    memory: CacheMemory
    latencies: list[CacheLatency]
    workers: int = strawberry.field(description="How many processes the counts are of.")


@strawberry.enum(description="What an entry is good for.")
class CacheEntryStatus(Enum):
    FRESH = "fresh"
    STALE = strawberry.enum_value("stale", description="Shown flagged, and loaded anew beside.")
    EXPIRED = strawberry.enum_value("expired", description="Kept for the case that the database fails.")
    INVALIDATED = strawberry.enum_value("invalidated", description="What it depends on has changed since.")
    ABSENT = "absent"
    UNREADABLE = strawberry.enum_value("unreadable", description="Not written by this version, or damaged.")


@strawberry.type(description="Something that an answer depends on.")
class CacheTag:
    tag: str = strawberry.field(
        description="As clearCache takes it, or a few words for what every answer has."
    )
    current: bool = strawberry.field(description="Whether it is as it was when the answer was loaded.")


@strawberry.type(description="One entry of the cache. What is left of a time is 0 when it is over.")
class CacheEntry:
    cache_key: str
    exists: bool
    status: CacheEntryStatus
    age_ms: BigInt | None = strawberry.field(description="Since the load of its data began.")
    soft_left_ms: BigInt | None = strawberry.field(description="So long it is fresh.")
    stale_left_ms: BigInt | None = strawberry.field(
        description="So long it is shown while it is loaded anew."
    )
    hard_left_ms: BigInt | None = strawberry.field(description="So long it is kept.")
    stored_bytes: BigInt | None = strawberry.field(description="What it takes in Redis, packed.")
    raw_bytes: BigInt | None = strawberry.field(description="The answer itself.")
    rows: BigInt | None
    cost_ms: BigInt | None = strawberry.field(description="What it took to load: what a miss would cost.")
    created_at: DateTime | None
    tags: list[CacheTag]
    killed_by: list[str] = strawberry.field(description="What has changed since it was loaded.")
    shown_on_failure: bool = strawberry.field(description="Whether it may be shown when the database fails.")
    in_memory: bool = strawberry.field(description="Whether the process that answers has it in its memory.")


def cache_stats_of(figures: Figures) -> CacheStats:
    fields = {name: getattr(figures, name) for name in Figures.__slots__}
    shown = {
        "status": CacheStatus(figures.status),
        "misses_by_reason": CacheMisses(**asdict(figures.misses_by_reason)),
        "memory": CacheMemory(**asdict(figures.memory)),
        "latencies": [_latency(each) for each in figures.latencies],
    }
    return CacheStats(**fields | shown)


def _latency(told: Latency) -> CacheLatency:
    return CacheLatency(**asdict(told) | {"operation": CacheOperation(told.operation)})


def cache_entry_of(told: Explained) -> CacheEntry:
    contents = told.contents
    fields = {name: getattr(contents, name) if contents else None for name in _OF_CONTENTS}
    created = datetime.fromtimestamp(contents.created_ms / 1000, UTC) if contents else None
    return CacheEntry(
        cache_key=told.name,
        exists=told.exists,
        status=CacheEntryStatus(told.state.value),
        stored_bytes=None if told.stored_bytes is None else BigInt(told.stored_bytes),
        created_at=DateTime(created.isoformat(timespec="milliseconds")) if created else None,
        tags=[CacheTag(tag=each.tag, current=each.current) for each in contents.tags] if contents else [],
        killed_by=list(contents.killed_by) if contents else [],
        shown_on_failure=contents.excuse if contents else False,
        in_memory=told.in_memory,
        **fields,
    )
