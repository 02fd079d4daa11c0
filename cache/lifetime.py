"""How long an answer is good, and how old one a caller takes."""

import math
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from typing import Final

MILLISECOND = timedelta(milliseconds=1)
JITTER = 0.1


@dataclass(frozen=True, slots=True)
class Lifetime:
    """Milliseconds since the data was read, in this order.

    Until `soft_ms` an answer is fresh; until `stale_ms` it is shown at once while it is loaded anew; until
    `hard_ms` it is kept for the case that it cannot be loaded.
    """

    soft_ms: int
    stale_ms: int
    hard_ms: int

    @classmethod
    def of(
        cls,
        soft: timedelta,
        *,
        while_revalidating: timedelta = timedelta(0),
        if_error: timedelta = timedelta(0),
    ) -> "Lifetime":
        """`while_revalidating` and `if_error` are both counted from the end of `soft`."""
        stale = soft + while_revalidating
        return cls(soft // MILLISECOND, stale // MILLISECOND, max(stale, soft + if_error) // MILLISECOND)

    def jittered(self, chance: float) -> "Lifetime":
        """Up to a tenth longer or shorter, so that answers loaded together do not all end together.

        `chance` lies between 0 and 1.
        """
        factor = 1 + JITTER * (2 * chance - 1)
        move = round(self.soft_ms * factor) - self.soft_ms
        return Lifetime(self.soft_ms + move, self.stale_ms + move, self.hard_ms + move)


class Use(Enum):
    """What a caller wants of the cache."""

    DEFAULT = "default"
    REFRESH = "refresh"
    """Load anew, and keep that."""
    BYPASS = "bypass"
    """Neither look nor keep."""


@dataclass(frozen=True, slots=True)
class Freshness:
    """What a caller accepts. With `max_age_ms` nothing older is shown, whatever fails.

    With `keep` an answer that is loaded is kept however cheap it was: it is loaded for those who ask later.
    """

    use: Use = Use.DEFAULT
    max_age_ms: int | None = None
    keep: bool = False

    def accepts(self, age_ms: int) -> bool:
        return self.max_age_ms is None or age_ms <= self.max_age_ms


ANY = Freshness()
MOST_COSTS: Final = 37
"""The logarithm of the least chance, 2^-53, is not above that."""


def may_end_soon(left_ms: int, cost_ms: int) -> bool:
    """Whether `ends_soon` may say so by any chance at all: most often it may not, which is quickly told."""
    return cost_ms * MOST_COSTS >= left_ms


def ends_soon(left_ms: int, cost_ms: int, chance: float) -> bool:
    """Whether to load anew ahead of the end: the likelier, the nearer it is and the more the load costs.

    Optimal probabilistic cache stampede prevention (XFetch): Vattani, Chierichetti, Lowenstein, VLDB 2015.
    """
    return -math.log(1 - chance) * cost_ms >= left_ms
