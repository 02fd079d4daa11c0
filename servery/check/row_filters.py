"""What row filters need, and what they do not hide."""

from collections.abc import Iterator

from sqlglot import exp

from model.expression import Sql
from model.model import Model
from servery.check.finding import Finding, advice


def rows_that_stay_open(model: Model) -> Iterator[Finding]:
    """Tables that look a filtered one up and have no filter: their rows are counted for everybody."""
    for table in model.tables.values():
        if table.row_filter is None:
            continue
        others = [
            each.name
            for each in model.tables.values()
            if each.row_filter is None and each is not table and table.name in model.routes(each.name)
        ]
        if others:
            names = ", ".join(others)
            message = (
                f"The row filter of {table.name} hides rows of {table.name} only: {names}, without one, "
                "counts every row for everybody, under null where the row looked up is hidden."
            )
            remedy = f"If they are not for everybody, give {names} a row filter, too."
            yield advice(("tables", table.name, "row_filter"), message, remedy)


def filtered_columns(row_filter: Sql) -> tuple[str, ...]:
    """Those that must be equal to something that is told of the viewer, whatever else holds."""
    found: list[str] = []
    for condition in _all_of(row_filter.tree):
        if isinstance(condition, exp.EQ | exp.In):
            sides = [condition.left, condition.right] if isinstance(condition, exp.EQ) else [condition.this]
            columns = [side.name for side in sides if isinstance(side, exp.Column)]
            if len(columns) == 1 and condition.find(exp.Placeholder):
                found += columns
    return tuple(dict.fromkeys(found))


def _all_of(tree: exp.Expr) -> Iterator[exp.Expr]:
    tree = tree.unnest()
    if isinstance(tree, exp.And):
        yield from _all_of(tree.left)
        yield from _all_of(tree.right)
    else:
        yield tree
