"""What a table's time and a metric's `only` ask of the joins and of the dimensions that they lead to."""

from collections.abc import Iterator
from uuid import UUID

from model.dimension import Dimension
from model.faults import did_you_mean, shown, similar
from model.metric import Metric
from model.misfits import Finding
from model.model import Model
from model.routes import joins_named
from model.source import Path
from model.table import Table
from model.value import ValueType


def lookup_findings(model: Model) -> Iterator[Finding]:
    """Every lookup of the model that leads nowhere, or to a value that cannot be there."""
    for table in model.tables.values():
        yield from _time_findings(model, table)
    for dimension in model.dimensions.values():
        yield from _via_findings(model, dimension)
    for metric in model.metrics.values():
        yield from _only_findings(model, metric)


def _via_findings(model: Model, dimension: Dimension) -> Iterator[Finding]:
    """Joins that a dimension names, and that lead elsewhere."""
    if not dimension.via:
        return
    path: Path = ("tables", dimension.declared_on, "dimensions", dimension.name, "via")
    try:
        found = joins_named(model.tables, dimension.declared_on, dimension.via)
    except LookupError as error:
        yield path, f"The way to '{dimension.name}' breaks off: {error.args[0]}.", "Name many-to-one joins."
        return
    if found[-1].target != dimension.table:
        message = f"'{dimension.name}' is on {dimension.table}, and 'via' leads to {found[-1].target}."
        yield path, message, "Name every join to it."


def _time_findings(model: Model, table: Table) -> Iterator[Finding]:
    if table.time is None:
        return
    found = model.dimensions.get(table.time)
    if not (found and found.type.is_time and _finds(model, table.name, found)):
        message = f"'{table.time}' is not a time dimension of {table.name} or of a table it looks up."
        hint = "Declare it under 'dimensions:' with type timestamptz, timestamp or date."
        yield ("tables", table.name, "time"), message, hint


def _only_findings(model: Model, metric: Metric) -> Iterator[Finding]:
    for name, values in metric.only:
        path: Path = ("tables", metric.table or "", "metrics", metric.name, "only", name)
        found = model.dimensions.get(name)
        if not (found and metric.table and _finds(model, metric.table, found)):
            hint = did_you_mean(similar(name, model.dimensions)).strip()
            known = "There must be exactly one way of many-to-one joins to it."
            message = f"'{name}' is not a dimension that {metric.table} looks up."
            yield path, message, known if found else hint
        else:
            for value in values:
                yield from _value_findings(path, found, value)


def _value_findings(path: Path, dimension: Dimension, value: object) -> Iterator[Finding]:
    if dimension.type.is_time:
        message = f"'{dimension.name}' is a time; 'only' compares with fixed values."
        yield path, message, "Ranges of time belong in the question."
    elif not _fits(dimension.type, value):
        message = f"'{shown(value)}' is not a value of '{dimension.name}', which is of type {dimension.type}."
        yield path, message, "Put it in quotes." if dimension.type is ValueType.STRING else ""
    elif dimension.values and value not in dimension.values:
        hint = did_you_mean(similar(str(value), dimension.values)).strip()
        yield path, f"'{shown(value)}' is not among the values of '{dimension.name}'.", hint


def _fits(kind: ValueType, value: object) -> bool:
    match kind:
        case ValueType.STRING:
            return isinstance(value, str)
        case ValueType.BOOLEAN:
            return isinstance(value, bool)
        case ValueType.UUID:
            return isinstance(value, str) and _is_uuid(value)
        case ValueType.INTEGER:
            return isinstance(value, int) and not isinstance(value, bool)
        case _:
            return isinstance(value, int | float) and not isinstance(value, bool)


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _finds(model: Model, table: str, dimension: Dimension) -> bool:
    """Whether there is exactly one way that multiplies no row."""
    return len(model.routes_to(table, dimension)) == 1
