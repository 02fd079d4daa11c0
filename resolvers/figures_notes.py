"""Figures of the cache as the processes of one deployment tell them to each other: small texts in Redis.

What lies there may have been written by anybody, so whatever is odd in it counts nothing.
"""

from collections.abc import Iterable, Mapping
from enum import Enum
from typing import Any, Final, TypeVar

import orjson

from cache.event import Operation
from cache.histogram import BUCKETS, Latencies
from cache.hit import Source
from cache.stats import Counts, MemoryFigures, MissReason

FORMAT: Final = 1
LONGEST_NOTE: Final = 64 * 1024
MOST_COUNTED: Final = 10**15
"""No honest count comes near it, and sums of them stay exact in every client."""

_NUMBERS: Final = (
    "flights_joined",
    "loads",
    "loads_failed",
    "refreshes",
    "too_big",
    "not_admitted",
    "load_ms_saved",
    "bytes_stored",
)
_OF_MEMORY: Final = ("entries", "bytes", "max_bytes", "evictions")

Word = TypeVar("Word", bound=Enum)


def note_of(counts: Counts) -> str:
    told = {
        "format": FORMAT,
        "hits": {source.value: count for source, count in counts.hits_by_source.items()},
        "misses": {reason.value: count for reason, count in counts.misses_by_reason.items()},
        "numbers": {name: getattr(counts, name) for name in _NUMBERS},
        "memory": {name: getattr(counts.memory, name) for name in _OF_MEMORY},
        "took": {
            operation.value: {"ms": found.sum_ms, "buckets": [*found.buckets.items()]}
            for operation, found in counts.latencies.items()
        },
    }
    return orjson.dumps(told).decode()


def counts_of(note: str) -> Counts | None:
    """What a note tells; nothing when it is none of ours. Never raises."""
    try:
        told = orjson.loads(note) if len(note) <= LONGEST_NOTE else None
    except ValueError:
        return None
    if not isinstance(told, dict) or told.get("format") != FORMAT:
        return None
    return Counts(
        hits_by_source=_counted(Source, told.get("hits")),
        misses_by_reason=_counted(MissReason, told.get("misses")),
        memory=MemoryFigures(**_named(_OF_MEMORY, told.get("memory"))),
        latencies=_latencies(told.get("took")),
        **_named(_NUMBERS, told.get("numbers")),
    )


def _counted(words: type[Word], told: Any) -> Mapping[Word, int]:
    found = _mapping(told)
    return {word: _count(found[word.value]) for word in words if word.value in found}


def _named(names: Iterable[str], told: Any) -> dict[str, Any]:
    found = _mapping(told)
    return {name: _count(found.get(name)) for name in names}


def _latencies(told: Any) -> Mapping[Operation, Latencies]:
    found = _mapping(told)
    return {each: _durations(found[each.value]) for each in Operation if each.value in found}


def _durations(told: Any) -> Latencies:
    match told:
        case {"ms": int() | float() as sum_ms, "buckets": [*pairs]} if 0 <= sum_ms <= MOST_COUNTED:
            return Latencies(dict(filter(None, map(_pair, pairs[:BUCKETS]))), float(sum_ms))
    return Latencies()


def _pair(told: Any) -> tuple[int, int] | None:
    match told:
        case [int() as number, count] if 0 <= number < BUCKETS:
            return number, _count(count)
    return None


def _mapping(told: Any) -> Mapping[str, Any]:
    return told if isinstance(told, dict) else {}


def _count(told: Any) -> int:
    """0 for what is no count. `True` is an int to isinstance."""
    return told if type(told) is int and 0 <= told <= MOST_COUNTED else 0
