"""Tells an answer to a person at a terminal: rows, totals, notes, the plan and the SQL."""

from collections.abc import Iterable, Mapping
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

MOST_ROWS = 50
NUMBERS = {"INTEGER", "DECIMAL", "FLOAT"}


def tell_answer(name: str, answer: Mapping[str, Any], console: Console, *, rows: int = MOST_ROWS) -> None:
    """`answer` is the value of one `analytics` field."""
    console.print(Text(name, style="bold"))
    console.print(_table(answer, rows))
    for line in _summary(answer, rows):
        console.print(Text(line), soft_wrap=True)
    for by in answer["subtotals"] or ():
        _tell_subtotal(by, console)
    console.print(Text("\nPlan", style="bold"))
    for line in _plan_lines(answer["metadata"]["plan"], ""):
        console.print(Text(line), soft_wrap=True)
    console.print(Text("\nSQL", style="bold"))
    for line in answer["metadata"]["sql"].splitlines():
        console.print(Text(line), soft_wrap=True)


def _table(answer: Mapping[str, Any], most: int) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in answer["columns"]:
        is_number = column["type"] in NUMBERS
        table.add_column(column["name"], justify="right" if is_number else "left", overflow="fold")
    names = [column["name"] for column in answer["columns"]]
    for row in answer["data"][:most]:
        table.add_row(*(_shown(row[name]) for name in names))
    if totals := answer["totals"]:
        table.add_section()
        cells = [_shown(totals[name]) if name in totals else "" for name in names]
        if cells[0] == "":
            cells[0] = "(total)"
        table.add_row(*cells, style="bold")
    return table


def _shown(value: object) -> str:
    return "null" if value is None else str(value)


def _summary(answer: Mapping[str, Any], most: int) -> Iterable[str]:
    told = answer["metadata"]
    rows = told["totalRows"]
    shown = f", the first {most} shown" if rows > most else ""
    more = ", and there are more" if told["truncated"] else ""
    yield f"{rows} row{'' if rows == 1 else 's'}{shown}{more}, in {told['queryTimeMs']:.1f} ms"
    if told["groupCount"] is not None:
        yield f"{told['groupCount']} groups in all"
    for name, what in (("dateRange", "range"), ("compareRange", "compared with")):
        if found := told[name]:
            first, last = found["startDate"] or "the beginning", found["endDate"] or "the end"
            yield f"{what}: {first} to {last} ({told['timezone']})"
    yield from (f"note: {note}" for note in told["notes"])


def _tell_subtotal(subtotal: Mapping[str, Any], console: Console) -> None:
    console.print(Text(f"\nby {', '.join(subtotal['by'])}", style="bold"))
    table = Table(box=None, pad_edge=False, header_style="bold")
    names = list(subtotal["rows"][0]) if subtotal["rows"] else []
    for name in names:
        table.add_column(name, justify="left" if name in subtotal["by"] else "right")
    for row in subtotal["rows"][:MOST_ROWS]:
        table.add_row(*(_shown(row[name]) for name in names))
    console.print(table)


def _plan_lines(told: object, indent: str) -> Iterable[str]:
    """Nested values as an outline."""
    match told:
        case dict():
            for name, value in told.items():
                yield from _item(f"{indent}{name}: ", value, indent)
        case list():
            for value in told:
                yield from _listed(value, indent)
        case _:
            yield f"{indent}{told}"


def _listed(value: object, indent: str) -> Iterable[str]:
    """A dash before the first line of an item."""
    if isinstance(value, dict) and value.keys() != {"filter", "where"}:
        first, *rest = _plan_lines(value, f"{indent}  ")
        yield f"{indent}- {first.lstrip()}"
        yield from rest
    else:
        yield from _item(f"{indent}- ", value, indent)


def _item(head: str, value: object, indent: str) -> Iterable[str]:
    if isinstance(value, dict | list):
        if not value:
            return
        if isinstance(value, dict) and value.keys() == {"filter", "where"}:
            yield f"{head}{value['filter']}  ({value['where']})"
            return
        yield head.rstrip()
        yield from _plan_lines(value, f"{indent}  ")
    else:
        yield f"{head}{value}"
