"""What the model says of its tables, in the words of the database room."""

from db.outbox.source import Axis, Source, TimeType
from model.model import Model
from model.table import Table


def sources_of(model: Model) -> tuple[Source, ...]:
    """One for each table of the model; several may be the same in the database."""
    return tuple(_source(model, table) for table in model.tables.values())


def _source(model: Model, table: Table) -> Source:
    *schema, name = table.source
    return Source(
        table.name,
        schema[0] if schema else "",
        name,
        axis=_axis(model, table),
        polled=table.refresh is not None,
    )


def _axis(model: Model, table: Table) -> Axis | None:
    """The table's own time, where it is a column as it stands: an expression is not evaluated for events."""
    time = model.time_of(table.name)
    if time is None or time.place != (table.name, ()) or time.sql.column is None:
        return None
    return Axis(time.sql.column, TimeType(time.type.value), model.timezone, time.zone)
