"""An answer of the API beside the rows of a benchmark's SQL: money to the last digit, ratios within 1e-9."""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from math import isclose
from typing import Any

from tests.tpch.queries import BenchmarkQuery

RATIO_TOLERANCE = 1e-9

Row = dict[str, Any]
Told = Sequence[Any]


def differences(query: BenchmarkQuery, rows: list[Row], told: Sequence[Told]) -> list[str]:
    """What is not the same, in words; order counts."""
    if len(rows) != len(told):
        return [f"{len(rows)} rows instead of {len(told)}"]
    return [
        f"row {number}: {name} is {row.get(name)!r} instead of {value!r}"
        for number, (row, values) in enumerate(zip(rows, told, strict=True), 1)
        for name, value in _unlike(query, row, values)
    ]


def _unlike(query: BenchmarkQuery, row: Row, told: Told) -> Iterator[tuple[str, Any]]:
    if row.keys() != set(query.columns):
        yield from ((name, "nothing") for name in row.keys() ^ set(query.columns))
        return
    for name, value in zip(query.columns, told, strict=True):
        if not _same(row[name], value, name, is_ratio=name in query.ratios):
            yield name, value


def _same(found: Any, told: Any, name: str, *, is_ratio: bool) -> bool:
    """As the type of the SQL's value demands. Only a ratio may be a float there."""
    match told:
        case float():
            return is_ratio and found is not None and isclose(float(found), told, rel_tol=RATIO_TOLERANCE)
        case Decimal():
            return isinstance(found, str) and Decimal(found) == told
        case date():
            return bool(found == told.isoformat())
        case int() if name.endswith("__year"):
            return bool(found == f"{told}-01-01")
        case _:
            return type(found) is type(told) and bool(found == told)
