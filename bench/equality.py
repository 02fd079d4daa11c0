"""Whether two statements give the same answer."""

from collections.abc import Sequence
from decimal import Decimal
from math import isclose
from typing import Final

from bench.faults import NotMeasured
from db.database import Result

ALMOST: Final = 1e-9
"""Of floats, whose sums depend on the order of their rows."""


def check_equal(question: str, names: Sequence[str], ours: Result, by_hand: Result) -> None:
    """Row by row in their order, by the names of columns. Raises NotMeasured with the first difference."""
    theirs, mine = (_by_name(result, names) for result in (by_hand, ours))
    if len(mine) != len(theirs):
        raise NotMeasured(f"{question}: {len(mine)} rows from Servery, {len(theirs)} by hand.")
    for mine_row, their_row in zip(mine, theirs, strict=True):
        if not all(map(_same, mine_row, their_row)):
            raise NotMeasured(f"{question}: {mine_row} from Servery, {their_row} by hand.")


def _by_name(result: Result, names: Sequence[str]) -> list[tuple[object, ...]]:
    places = {column.name: place for place, column in enumerate(result.columns)}
    missing = [name for name in names if name not in places]
    if missing:
        raise NotMeasured(f"There is no column {', '.join(missing)} among {', '.join(places)}.")
    types = [result.columns[places[name]].type for name in names]
    return [
        tuple(
            Decimal(row[places[name]]) if kind == "numeric" and row[places[name]] else row[places[name]]
            for name, kind in zip(names, types, strict=True)
        )
        for row in result.rows
    ]


def _same(mine: object, theirs: object) -> bool:
    if isinstance(mine, float | Decimal) and isinstance(theirs, float | Decimal):
        return isclose(mine, theirs, rel_tol=ALMOST)
    return mine == theirs
