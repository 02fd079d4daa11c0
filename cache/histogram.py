"""How long things take: counts in buckets that grow by a fifth, so that years of them take one kilobyte."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

PER_DOUBLING: Final = 4
LEAST_MS: Final = 2.0**-10
"""About a microsecond. What is shorter is counted as this."""

BUCKETS: Final = 30 * PER_DOUBLING + 1
"""Up to about 17 minutes. What is longer is counted in the last one."""


@dataclass(frozen=True, slots=True)
class Latencies:
    """Counts by number of bucket, where there are any. Those of several processes may be added."""

    buckets: Mapping[int, int] = field(default_factory=dict)
    sum_ms: float = 0.0

    @property
    def count(self) -> int:
        return sum(self.buckets.values())

    def percentile(self, share: float) -> float | None:
        """Milliseconds within which this share of them was done, give or take a tenth; None before the first.

        `share` lies between 0 and 1.
        """
        wanted = max(1, math.ceil(share * self.count))
        seen = 0
        for number in sorted(self.buckets):
            seen += self.buckets[number]
            if seen >= wanted:
                return middle_of(number)
        return None

    def __add__(self, other: "Latencies") -> "Latencies":
        return Latencies(added(self.buckets, other.buckets), self.sum_ms + other.sum_ms)


class Histogram:
    """Counts what one process does."""

    __slots__ = ("_counts", "_sum_ms")

    def __init__(self) -> None:
        self._counts = [0] * BUCKETS
        self._sum_ms = 0.0

    def record(self, ms: float) -> None:
        self._counts[bucket_of(ms)] += 1
        self._sum_ms += ms

    def latencies(self) -> Latencies:
        """A copy of the counts."""
        counted: Iterable[tuple[int, int]] = enumerate(self._counts)
        return Latencies({number: count for number, count in counted if count}, self._sum_ms)


def bucket_of(ms: float) -> int:
    """The number of the bucket of a duration."""
    if ms <= LEAST_MS:
        return 0
    return min(math.ceil(math.log2(ms / LEAST_MS) * PER_DOUBLING), BUCKETS - 1)


def middle_of(number: int) -> float:
    """Milliseconds in the middle of a bucket, by ratio: a tenth above its lower end, and below its upper."""
    return float(LEAST_MS * 2 ** ((number - 0.5) / PER_DOUBLING)) if number else LEAST_MS


def added(one: Mapping[int, int], other: Mapping[int, int]) -> dict[int, int]:
    return {number: one.get(number, 0) + other.get(number, 0) for number in sorted(one.keys() | other.keys())}
