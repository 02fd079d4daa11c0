"""What two servers did in the same rounds, and how one stands to the other."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import median
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True, slots=True)
class Measurement:
    """One server in one slice of time. `cpu_us` is what its process used for a request."""

    per_second: float
    p50_ms: float
    p99_ms: float
    cpu_us: float


Figure = Callable[[Measurement], float]

FIGURES: Final[Mapping[str, Figure]] = MappingProxyType(
    {
        "requests/s": lambda measured: measured.per_second,
        "p50 ms": lambda measured: measured.p50_ms,
        "p99 ms": lambda measured: measured.p99_ms,
        "CPU µs/request": lambda measured: measured.cpu_us,
    }
)


@dataclass(frozen=True, slots=True)
class Ratio:
    """The median over the rounds, with the least and the most of them."""

    median: float
    least: float
    most: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """Both servers at so many connections: the same round at the same place of both."""

    connections: int
    servery: tuple[Measurement, ...]
    plain: tuple[Measurement, ...]

    def ratio(self, figure: Figure) -> Ratio:
        """Servery's over the plain app's, round by round: what slows a whole round leaves it alone."""
        ratios = [figure(a) / figure(b) for a, b in zip(self.servery, self.plain, strict=True)]
        return Ratio(median(ratios), min(ratios), max(ratios))
