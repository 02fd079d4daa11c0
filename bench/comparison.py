"""What servers did in the same rounds, and how each stands to another."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
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
RATIOS: Final = ("ratio", "at least", "at most", "p99 ratio", "CPU ratio")


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
    """One server, and the one `beside` it that it is held against, in the same rounds; or nothing.

    `labels` tell it from the others of its table.
    """

    labels: Cells
    name: str
    measured: tuple[Measurement, ...]
    beside: str = ""
    limit: tuple[Measurement, ...] = ()

    def median(self, figure: str) -> float:
        return median(map(FIGURES[figure], self.measured))

    def ratio(self, figure: str) -> Ratio:
        """To the other's."""
        told = FIGURES[figure]
        return Ratio.of(list(map(told, self.measured)), list(map(told, self.limit)))


def table_of(labels: Cells, groups: Iterable[Sequence[Comparison]]) -> Table:
    """Medians, and the ratios to what is beside each; a group is a section of the table."""
    sections = tuple(tuple(map(_row, group)) for group in groups)
    header = (*labels, "server", *FIGURES, "beside", *RATIOS)
    return Table(header, sections, frozenset({"server", "beside"}))


def _row(comparison: Comparison) -> Cells:
    figures = [short(comparison.median(name)) for name in FIGURES]
    return (*comparison.labels, comparison.name, *figures, comparison.beside, *_ratios(comparison))


def _ratios(comparison: Comparison) -> Iterator[str]:
    if not comparison.limit:
        yield from [""] * len(RATIOS)
        return
    rate = comparison.ratio("requests/s")
    yield from map(short, (rate.median, rate.least, rate.most))
    yield short(comparison.ratio("p99 ms").median)
    yield short(comparison.ratio("CPU µs/request").median)
