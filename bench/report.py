"""A comparison as a table: for the terminal, and as Markdown for a page."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bench.comparison import FIGURES, Comparison, Measurement


@dataclass(frozen=True, slots=True)
class Report:
    """What was measured, and how; `method` names each circumstance."""

    title: str
    method: Mapping[str, str]
    comparisons: tuple[Comparison, ...]


def show(report: Report, console: Console) -> None:
    """Write the report to a terminal."""
    table = Table(title=report.title)
    for name in _header():
        table.add_column(name, justify="left" if name == "server" else "right")
    for comparison in report.comparisons:
        for row in _rows(comparison):
            table.add_row(*row)
        table.add_section()
    console.print(table)
    for name, told in report.method.items():
        console.print(Text.assemble((name, "bold"), ": ", told))


def markdown(report: Report) -> str:
    """The same, for a page."""
    rows = [row for comparison in report.comparisons for row in _rows(comparison)]
    rules = ["---" if name == "server" else "---:" for name in _header()]
    table = [_line(_header()), _line(rules), *map(_line, rows)]
    method = [f"- {name}: {told}" for name, told in report.method.items()]
    return "\n".join([f"**{report.title}**", "", *table, "", *method, ""])


def _header() -> tuple[str, ...]:
    return ("connections", "server", *FIGURES)


def _rows(comparison: Comparison) -> Iterator[tuple[str, ...]]:
    yield (str(comparison.connections), "Servery", *_medians(comparison.servery))
    yield ("", "plain ASGI", *_medians(comparison.plain))
    ratios = [comparison.ratio(figure) for figure in FIGURES.values()]
    yield ("", "ratio", *(_short(ratio.median) for ratio in ratios))
    yield ("", "at least", *(_short(ratio.least) for ratio in ratios))
    yield ("", "at most", *(_short(ratio.most) for ratio in ratios))


def _medians(measured: Sequence[Measurement]) -> Iterator[str]:
    for figure in FIGURES.values():
        yield _short(median(map(figure, measured)))


def _short(value: float) -> str:
    """Three digits that mean something."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
