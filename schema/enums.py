"""Enums made from the model, so that GraphiQL completes names and a wrong one is seen before it is run."""

from collections.abc import Iterable, Iterator
from enum import Enum
from typing import Any

import strawberry

from model.grain import AXIS, Grain, Part, split_grain
from model.model import Model
from model.query import COMPARED, SHARE, Direction

STEP_TITLES: dict[Grain | Part, str] = {
    Grain.MINUTE_15: "the quarter of an hour, as an instant",
    Grain.MINUTE_30: "the half hour, as an instant",
    Grain.HOUR: "the hour, as an instant",
    Grain.DAY: "the local day",
    Grain.WEEK: "the first day of the week",
    Grain.MONTH: "the first day of the month",
    Grain.QUARTER: "the first day of the quarter",
    Grain.YEAR: "the first day of the year",
    Part.HOUR_OF_DAY: "the local hour, 0 to 23",
    Part.DAY_OF_WEEK: "the day of the week, 1 (Monday) to 7 (Sunday)",
    Part.DAY_OF_MONTH: "the day of the month, 1 to 31",
    Part.DAY_OF_YEAR: "the day of the year, 1 to 366",
    Part.ISO_WEEK: "the ISO 8601 week, 1 to 53",
    Part.MONTH_OF_YEAR: "the month, 1 to 12",
    Part.QUARTER_OF_YEAR: "the quarter, 1 to 4",
}

DirectionEnum = strawberry.enum(Direction, name="Direction", description="Nulls are last both ways.")


@strawberry.enum(name="TimeUnit", description="A unit of local time, for relative ranges.")
class TimeUnit(Enum):
    MINUTE_15 = "minute_15"
    MINUTE_30 = "minute_30"
    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


Member = tuple[str, str, str]
"""Name, description, and why it is deprecated."""


def metric_enum(model: Model) -> Any:
    """`Metric`: every metric of the model."""
    members = [
        (metric.name, metric.description or metric.title, metric.deprecated)
        for metric in model.metrics.values()
    ]
    return _enum("Metric", "What can be measured.", members)


def dimension_enum(model: Model) -> Any:
    """`Dimension`: every dimension, those of time with each grain and part."""
    return _enum("Dimension", "What can be grouped by.", _dimension_members(model))


def segment_enum(model: Model) -> Any:
    """`Segment`: every segment of the model."""
    members = [
        (each.name, each.description or each.title, each.deprecated) for each in model.segments.values()
    ]
    return _enum("Segment", "Rows that have a name.", members)


def sortable_enum(model: Model) -> Any:
    """`Sortable`: whatever rows can be ordered by."""
    metrics = [
        (f"{metric.name}{end}", "", metric.deprecated)
        for end in ("", SHARE, *COMPARED)
        for metric in model.metrics.values()
    ]
    told = "What rows can be ordered by; __share with its share, __previous and __change with compare."
    return _enum("Sortable", told, [*metrics, *_dimension_members(model)])


def _dimension_members(model: Model) -> Iterator[Member]:
    for name in model.dimension_names:
        stem, step = split_grain(name)
        told = model.dimensions.get(stem)
        what = (told.description or told.title) if told else "Each metric's own time"
        description = f"{what.rstrip('.') or stem}: {STEP_TITLES[step]}." if step else what
        yield name, description, told.deprecated if told and stem != AXIS else ""


def _enum(name: str, description: str, members: Iterable[Member]) -> Any:
    values = {
        member: strawberry.enum_value(member, description=text or None, deprecation_reason=deprecated or None)
        for member, text, deprecated in members
    }
    made: Any = Enum(name, values)  # type: ignore[misc]  # the members are the model's
    return strawberry.enum(made, name=name, description=description)
