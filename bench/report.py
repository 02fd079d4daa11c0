"""What was measured as a table: for the terminal, and as Markdown for a page."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table as RichTable
from rich.text import Text

Cells = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """`sections` are rows that belong together; the columns called `words` hold no figures."""

    header: Cells
    sections: tuple[tuple[Cells, ...], ...]
    words: frozenset[str]

    @property
    def rows(self) -> Iterator[Cells]:
        for section in self.sections:
            yield from section


@dataclass(frozen=True, slots=True)
class Report:
    """What was measured, and how; `method` names each circumstance."""

    title: str
    method: Mapping[str, str]
    table: Table


def show(report: Report, console: Console) -> None:
    """Write the report to a terminal."""
    table = RichTable(title=report.title)
    for name in report.table.header:
        table.add_column(name, justify="left" if name in report.table.words else "right")
    for section in report.table.sections:
        for row in section:
            table.add_row(*row)
        table.add_section()
    console.print(table)
    for name, told in report.method.items():
        console.print(Text.assemble((name, "bold"), ": ", told))


def markdown(report: Report) -> str:
    """The same, for a page."""
    table = report.table
    rules = ["---" if name in table.words else "---:" for name in table.header]
    lines = [_line(table.header), _line(rules), *map(_line, table.rows)]
    method = [f"- {name}: {told}" for name, told in report.method.items()]
    return "\n".join([f"**{report.title}**", "", *lines, "", *method, ""])


def short(value: float) -> str:
    """Three digits that mean something."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
