"""Inputs: operators per type, a filter field per dimension, ranges of dates, orders."""

from dataclasses import dataclass
from enum import Enum
from typing import Any, Optional

import strawberry
from strawberry import UNSET
from strawberry.annotation import StrawberryAnnotation

from model.dates import CompareTo
from model.grain import Grain, Part, split_grain
from model.model import Model
from model.value import ValueType
from schema.enums import STEP_TITLES, TimeUnit
from schema.scalars import Date, DateTime, Number

NULLS = "Null means rows without a value."


def _op(name: str, description: str) -> Any:
    return strawberry.field(name=name, default=UNSET, description=description)


@strawberry.input(description="Several operators in one filter must all hold.")
class StringFilter:
    eq: str | None = _op("eq", f"Equal. {NULLS}")
    ne: str | None = _op("ne", "The exact complement of eq: it keeps rows without a value.")
    in_: list[str | None] | None = _op("in", f"One of these. {NULLS} An empty list matches nothing.")
    not_in: list[str | None] | None = _op("notIn", "The exact complement of in.")
    contains: str | None = _op("contains", "Holds this text; % and _ are letters. Case counts.")
    search: str | None = _op("search", "Holds this text, whatever the case; % and _ are letters.")
    starts_with: str | None = _op("startsWith", "Begins with this text.")
    ends_with: str | None = _op("endsWith", "Ends with this text.")
    is_null: bool | None = _op("isNull", "Has no value (true) or has one (false).")
    gt: str | None = _op("gt", "Sorts after.")
    gte: str | None = _op("gte", "Sorts after, or is equal.")
    lt: str | None = _op("lt", "Sorts before.")
    lte: str | None = _op("lte", "Sorts before, or is equal.")


@strawberry.input(description="Several operators in one filter must all hold.")
class NumberFilter:
    eq: Number | None = _op("eq", f"Equal. {NULLS}")
    ne: Number | None = _op("ne", "The exact complement of eq: it keeps rows without a value.")
    in_: list[Number | None] | None = _op("in", f"One of these. {NULLS} An empty list matches nothing.")
    not_in: list[Number | None] | None = _op("notIn", "The exact complement of in.")
    is_null: bool | None = _op("isNull", "Has no value (true) or has one (false).")
    gt: Number | None = _op("gt", "Greater.")
    gte: Number | None = _op("gte", "Greater or equal.")
    lt: Number | None = _op("lt", "Less.")
    lte: Number | None = _op("lte", "Less or equal.")


@strawberry.input(description="Several operators in one filter must all hold.")
class BooleanFilter:
    eq: bool | None = _op("eq", f"Equal. {NULLS}")
    ne: bool | None = _op("ne", "The exact complement of eq: it keeps rows without a value.")
    in_: list[bool | None] | None = _op("in", f"One of these. {NULLS} An empty list matches nothing.")
    not_in: list[bool | None] | None = _op("notIn", "The exact complement of in.")
    is_null: bool | None = _op("isNull", "Has no value (true) or has one (false).")


@strawberry.input(description="Several operators in one filter must all hold.")
class DateFilter:
    eq: Date | None = _op("eq", f"That day. {NULLS}")
    ne: Date | None = _op("ne", "The exact complement of eq: it keeps rows without a value.")
    in_: list[Date | None] | None = _op("in", f"One of these. {NULLS} An empty list matches nothing.")
    not_in: list[Date | None] | None = _op("notIn", "The exact complement of in.")
    is_null: bool | None = _op("isNull", "Has no value (true) or has one (false).")
    gt: Date | None = _op("gt", "After that day.")
    gte: Date | None = _op("gte", "On that day or after.")
    lt: Date | None = _op("lt", "Before that day.")
    lte: Date | None = _op("lte", "On that day or before.")


@strawberry.input(description="Several operators in one filter must all hold.")
class DateTimeFilter:
    eq: DateTime | None = _op("eq", f"That instant. {NULLS}")
    ne: DateTime | None = _op("ne", "The exact complement of eq: it keeps rows without a value.")
    in_: list[DateTime | None] | None = _op("in", f"One of these. {NULLS} An empty list matches nothing.")
    not_in: list[DateTime | None] | None = _op("notIn", "The exact complement of in.")
    is_null: bool | None = _op("isNull", "Has no value (true) or has one (false).")
    gt: DateTime | None = _op("gt", "After that instant.")
    gte: DateTime | None = _op("gte", "At that instant or after.")
    lt: DateTime | None = _op("lt", "Before that instant.")
    lte: DateTime | None = _op("lte", "At that instant or before.")


FILTERS: dict[ValueType, type[object]] = {
    ValueType.STRING: StringFilter,
    ValueType.UUID: StringFilter,
    ValueType.INTEGER: NumberFilter,
    ValueType.DECIMAL: NumberFilter,
    ValueType.FLOAT: NumberFilter,
    ValueType.BOOLEAN: BooleanFilter,
    ValueType.DATE: DateFilter,
    ValueType.TIMESTAMP: DateTimeFilter,
    ValueType.TIMESTAMPTZ: DateTimeFilter,
}


TREES = (
    ("all_of", "and", "All of these hold; an empty list always does."),
    ("any_of", "or", "One of these holds; an empty list never does."),
    ("none_of", "not", "This does not hold: the exact complement, what has no value included."),
)


@strawberry.input(description="The last n complete units before the current one.")
class LastInput:
    n: int
    unit: TimeUnit


@strawberry.input(
    description="Days (both included), instants (half-open), or a relative range. "
    "Local time is that of the question's timezone.",
)
class DateRangeInput:
    start_date: Date | None = _op("startDate", "The first day, included.")
    end_date: Date | None = _op("endDate", "The last day, included.")
    start: DateTime | None = _op("start", "From this instant on.")
    end: DateTime | None = _op("end", "Until just before this instant.")
    last: LastInput | None = _op("last", "The last n complete units: {n: 30, unit: DAY} ends yesterday.")
    include_current: bool | None = _op("includeCurrent", "With last: the current unit too.")
    current: TimeUnit | None = _op("current", "The whole unit that is now: MONTH is this month.")
    to_date: TimeUnit | None = _op("toDate", "From the start of the current unit through today.")
    offset: int | None = _op("offset", "Moves a relative range by so many units: -1 is one before.")


strawberry.enum(
    CompareTo,
    name="ComparePeriod",
    description="PREVIOUS_PERIOD has the same length and comes just before; PREVIOUS_YEAR is a year earlier.",
)


@strawberry.input(description="One of the two.")
class CompareInput:
    to: CompareTo | None = _op("to", "A range that follows from the question's own.")
    date_range: DateRangeInput | None = _op("dateRange", "Any other range.")


@strawberry.enum(
    name="Fanout", description="What to do with a dimension of which one row may have several values."
)
class FanoutEnum(Enum):
    REFUSE = strawberry.enum_value(
        "REFUSE", description="Refuse the question: rows would count several times."
    )
    DEDUPLICATE = strawberry.enum_value(
        "DEDUPLICATE",
        description="Count a row once for each of its values; such rows do not add up to the total.",
    )


@dataclass(frozen=True, slots=True)
class FilterField:
    """What a field of a filter is about."""

    name: str
    type: ValueType
    description: str


@dataclass(frozen=True, slots=True)
class FilterFields:
    """A generated filter input, and what each of its fields is about, by name."""

    type: Any
    fields: dict[str, FilterField]


def filter_input(model: Model, segment: Any) -> FilterFields:
    """`FilterInput`: a field per dimension and per step of time, trees of and, or, not, and segments."""
    fields = [_filter_field(model, name) for name in (*model.dimensions, *_steps(model))]
    return _tree_input("FilterInput", "Rows that count: all that is given must hold.", fields, segment)


def _steps(model: Model) -> list[str]:
    """The names of grains and parts of time: those that are no dimension of their own."""
    return [name for name in model.dimension_names if name not in model.dimensions]


def _filter_field(model: Model, name: str) -> FilterField:
    stem, step = split_grain(name)
    told = model.dimensions.get(stem)
    what = (told.description or told.title) if told else "Each metric's own time"
    description = f"{what.rstrip('.') or stem}: {STEP_TITLES[step]}." if step else what
    return FilterField(name, _type_of_step(step) if step else model.dimensions[name].type, description)


def _type_of_step(step: Grain | Part) -> ValueType:
    if isinstance(step, Part):
        return ValueType.INTEGER
    return ValueType.TIMESTAMPTZ if step.is_instant else ValueType.DATE


def having_input(model: Model) -> FilterFields:
    """`HavingInput`: a field per metric, selected or not, and trees of and, or, not."""
    fields = [
        FilterField(each.name, each.value, each.description or each.title) for each in model.metrics.values()
    ]
    return _tree_input("HavingInput", "Groups that are shown: all that is given must hold.", fields, None)


def _tree_input(name: str, description: str, fields: list[FilterField], segment: Any) -> FilterFields:
    attributes: dict[str, Any] = {}
    annotations: dict[str, Any] = {}
    for field in fields:
        annotations[f"by_{field.name}"] = Optional[FILTERS[field.type]]  # noqa: UP045  made at run time
        attributes[f"by_{field.name}"] = _op(field.name, field.description)
    for attribute, word, told in TREES:
        annotations[attribute] = Any
        attributes[attribute] = _op(word, told)
    if segment is not None:
        annotations["segment"] = Optional[segment]  # noqa: UP045
        attributes["segment"] = _op("segment", "The rows of this segment.")
    made = type(name, (), {"__annotations__": annotations, "__module__": __name__, **attributes})
    found = strawberry.input(made, name=name, description=description)
    return FilterFields(_with_self_references(found), {field.name: field for field in fields})


def _with_self_references(found: Any) -> Any:
    """`and`, `or` and `not` are of the type itself, which exists only now."""
    many, one = Optional[list[found]], Optional[found]  # noqa: UP045
    for field in found.__strawberry_definition__.fields:
        if field.python_name in {"all_of", "any_of"}:
            field.type_annotation = StrawberryAnnotation(many)
        elif field.python_name == "none_of":
            field.type_annotation = StrawberryAnnotation(one)
    return found
