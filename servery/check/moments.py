"""Whether the columns of a validity range can be compared, and are in the zone that the model means."""

from collections.abc import Iterator
from dataclasses import dataclass

from model.model import Model
from model.source import Path
from model.table import Join
from servery.check.catalog import Catalog
from servery.check.finding import Finding, error, path_of_join, warning
from servery.check.types import INSTANT, TIMES, comparable

UTC = "UTC"
"""The zone of every session: in it PostgreSQL compares an instant with a day or a clock on a wall."""


@dataclass(frozen=True, slots=True)
class Side:
    """A column, and its type where it is there."""

    name: str
    type: str | None


def moments_that_cannot_meet(model: Model, join: Join, catalog: Catalog) -> Iterator[Finding]:
    """`at` with `from`, and `at` with `to`, where that is of another type than `from`."""
    valid = join.valid
    if valid is None:
        return
    path = (*path_of_join(join), "valid")
    at = _side(catalog, join.table, valid.at)
    start, end = _side(catalog, join.target, valid.start), _side(catalog, join.target, valid.end)
    here, begins, ends = (
        _is_declared(model, table, column)
        for table, column in ((join.table, valid.at), (join.target, valid.start), (join.target, valid.end))
    )
    yield from _judged(model, (*path, "at"), at, start, converted=here and begins)
    if start.type != end.type:
        yield from _judged(model, (*path, "to"), at, end, converted=here and ends)


def _side(catalog: Catalog, table: str, column: str) -> Side:
    return Side(f"{table}.{column}", catalog.columns(table).get(column))


def _judged(model: Model, path: Path, left: Side, right: Side, *, converted: bool) -> Iterator[Finding]:
    if left.type is None or right.type is None or left.type == right.type:
        return
    sides = f"{left.name} is {left.type} and {right.name} is {right.type}"
    types = {left.type, right.type}
    if not (comparable(left.type, right.type) or types <= TIMES):
        yield error(path, f"{sides}; PostgreSQL does not compare these.", "Name columns of one type.")
    elif INSTANT in types and not converted and model.timezone != UTC:
        message = f"{sides}; they are compared in UTC, and not in {model.timezone}."
        yield warning(path, message, "Declare both as time dimensions: they meet in its zone.")


def _is_declared(model: Model, table: str, column: str) -> bool:
    return any(each.sql.column == column for each in model.time_columns(table))
