"""What two servers did in the same rounds, and how one stands to the other."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from types import MappingProxyType
from typing import Final

from bench.report import Cells, Table, short


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

    @classmethod
    def of(cls, ours: Sequence[float], theirs: Sequence[float]) -> "Ratio":
        """Round by round: what slows a whole round leaves it alone."""
        ratios = [our / their for our, their in zip(ours, theirs, strict=True)]
        return cls(median(ratios), min(ratios), max(ratios))


@dataclass(frozen=True, slots=True)
class Comparison:
    """Both servers at so many connections: the same round at the same place of both."""

    connections: int
    servery: tuple[Measurement, ...]
    plain: tuple[Measurement, ...]

    def ratio(self, figure: Figure) -> Ratio:
        """Servery's over the plain app's."""
        return Ratio.of(list(map(figure, self.servery)), list(map(figure, self.plain)))


def table_of(comparisons: tuple[Comparison, ...]) -> Table:
    """Medians of both, and their ratios, at each number of connections."""
    header = ("connections", "server", *FIGURES)
    return Table(header, tuple(tuple(_rows(each)) for each in comparisons), frozenset({"server"}))


def _rows(comparison: Comparison) -> Iterator[Cells]:
    yield (str(comparison.connections), "Servery", *_medians(comparison.servery))
    yield ("", "plain ASGI", *_medians(comparison.plain))
    ratios = [comparison.ratio(figure) for figure in FIGURES.values()]
    yield ("", "ratio", *(short(ratio.median) for ratio in ratios))
    yield ("", "at least", *(short(ratio.least) for ratio in ratios))
    yield ("", "at most", *(short(ratio.most) for ratio in ratios))


def _medians(measured: Sequence[Measurement]) -> Iterator[str]:
    for figure in FIGURES.values():
        yield short(median(map(figure, measured)))
