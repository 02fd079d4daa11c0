"""Fields: dimensions as a question names them, with the grain or part of time that it asks for."""

from dataclasses import dataclass, replace
from enum import StrEnum

from model.dimension import Dimension
from model.grain import AXIS, Grain, Part, split_grain
from model.model import Model, steps_of
from model.table import Table
from model.value import ValueType


class ColumnKind(StrEnum):
    """What a key of a row is."""

    DIMENSION = "DIMENSION"
    TIME = "TIME"
    METRIC = "METRIC"


@dataclass(frozen=True, slots=True)
class Field:
    """A dimension, or a grain or part of one, under the name that the question used."""

    name: str
    dimension: Dimension
    step: Grain | Part | None = None

    @property
    def kind(self) -> ColumnKind:
        is_time = self.dimension.type.is_time and not isinstance(self.step, Part)
        return ColumnKind.TIME if is_time else ColumnKind.DIMENSION

    @property
    def typed(self) -> Dimension:
        """A dimension of the type that the field's values have."""
        if self.step is None:
            return self.dimension
        return replace(self.dimension, type=type_of_step(self.step), zone=None)


def type_of_step(step: Grain | Part) -> ValueType:
    if isinstance(step, Part):
        return ValueType.INTEGER
    return ValueType.TIMESTAMPTZ if step.is_instant else ValueType.DATE


def field_of(model: Model, table: Table, name: str) -> Field | str:
    """The field of that name for rows of `table`, or why they have none: the axis is their own time."""
    stem, step = split_grain(name)
    if stem != AXIS or step is None:
        return Field(name, model.filterable(stem), step)
    time = model.time_of(table.name)
    if time is None:
        return f"{table.name} has no time dimension"
    if step not in steps_of(time.type):
        return f"'{time.name}' is a {time.type}"
    return Field(name, time, step)


def value_type(model: Model, name: str) -> ValueType:
    """The type of the values that a filter compares `name` with. Raises UnknownName."""
    stem, step = split_grain(name)
    if step is None:
        return model.filterable(stem).type
    if name not in model.dimension_names:
        model.dimension(name)
    return type_of_step(step)
