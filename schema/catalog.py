"""The catalog as types of the API, so that a program can build a question's form from it."""

from enum import Enum
from typing import Any

import strawberry

from model.filters import Op
from model.grain import Part
from model.metric import MetricKind
from resolvers.catalog import (
    Additivity,
    AxisStep,
    Catalog,
    CatalogDimension,
    CatalogMetric,
    CatalogSegment,
    CatalogStep,
)
from schema.arguments import DEEPEST
from schema.enums import STEP_TITLES
from schema.types import ColumnType

strawberry.enum(
    Op,
    name="Operator",
    graphql_name_from="value",
    description="An operator, under its name in the filter inputs.",
)
strawberry.enum(
    MetricKind,
    name="Aggregation",
    description="How a metric comes about: RATIO and DERIVED from metrics, the others from rows.",
)
strawberry.enum(
    Additivity,
    description="Whether the numbers of groups add up to that of all; where not, `totals` tells it. "
    "SEMI_ADDITIVE ones add up, but not along time.",
)


@strawberry.enum(description="What a step of time is.")
class StepKind(Enum):
    GRAIN = strawberry.enum_value("GRAIN", description="A bucket of time: a month of a year.")
    PART = strawberry.enum_value("PART", description="A part of local time: a month of any year.")


@strawberry.enum(description="A day of the week.")
class Weekday(Enum):
    MONDAY = 1
    TUESDAY = 2
    WEDNESDAY = 3
    THURSDAY = 4
    FRIDAY = 5
    SATURDAY = 6
    SUNDAY = 7


@strawberry.type(name="TimeStep", description="A grain or part of time.")
class StepType:
    name: str = strawberry.field(description="What `dimensions` takes: sold_at__month.")
    step: str = strawberry.field(description="What stands after the two underscores.")
    kind: StepKind
    type: ColumnType
    operators: list[Op] = strawberry.field(description="What `filters` takes for it, under its name.")
    description: str


@strawberry.type(name="TimeAxisStep", description="A grain or part of each metric's own time.")
class AxisStepType(StepType):
    metrics: list[str] = strawberry.field(description="The metrics whose own time has it.")


@strawberry.type(
    name="CatalogMetric",
    description="What can be measured. Absent texts are empty, an absent title is the name.",
)
class MetricType:
    name: str
    title: str
    description: str
    aggregation: MetricKind
    inputs: list[str] = strawberry.field(description="The metrics that it is computed from.")
    additivity: Additivity
    type: ColumnType | None = strawberry.field(
        description="How it travels; null where the column in the database decides: `columns` tells."
    )
    unit: str
    format: str
    currency: str
    deprecated: str | None = strawberry.field(description="Why not to use it any more, and what instead.")
    operators: list[Op] = strawberry.field(description="What `having` takes for it.")
    dimensions: list[str] = strawberry.field(
        description="The dimensions it can be grouped and filtered by, those of time with all their steps."
    )
    filter_only: list[str] = strawberry.field(
        description="The dimensions it can be filtered but not grouped by: one of its rows may meet many."
    )
    deduplicated: list[str] = strawberry.field(
        description="The dimensions it can be grouped by with fanout: DEDUPLICATE only."
    )
    segments: list[str] = strawberry.field(description="The segments it can be narrowed to.")
    time_axis: list[str] = strawberry.field(description="The steps of `timeAxis` that it has.")
    date_range: bool = strawberry.field(description="Whether it takes a dateRange.")
    share: bool = strawberry.field(description="Whether `shares` takes it.")
    window: bool = strawberry.field(description="Whether `windows` takes it.")


@strawberry.type(
    name="CatalogDimension",
    description="What can be grouped and filtered by. Absent texts are empty, an absent title is the name.",
)
class DimensionType:
    name: str = strawberry.field(description="Also the name of its field in `filters`.")
    title: str
    description: str
    type: ColumnType
    format: str
    values: list[str] = strawberry.field(description="All there may be; empty where that is not declared.")
    deprecated: str | None = strawberry.field(description="Why not to use it any more, and what instead.")
    operators: list[Op] = strawberry.field(description="What `filters` takes for it.")
    steps: list[StepType] = strawberry.field(description="Its grains and parts; empty unless it is a time.")
    metrics: list[str] = strawberry.field(
        description="The metrics that can be grouped and filtered by it and by its steps."
    )
    filter_only: list[str] = strawberry.field(
        description="The metrics that can be filtered but not grouped by it."
    )


@strawberry.type(
    name="CatalogSegment",
    description="Rows that have a name: for `segments`, and for `segment` in a filter.",
)
class SegmentType:
    name: str
    title: str
    description: str
    deprecated: str | None = strawberry.field(description="Why not to use it any more, and what instead.")
    metrics: list[str] = strawberry.field(description="The metrics that can be narrowed to it.")


@strawberry.type(name="CatalogLimits", description="How much one question may ask for.")
class LimitsType:
    default_limit: int = strawberry.field(description="Rows of an answer when `limit` is left out.")
    limit: int = strawberry.field(description="The most that `limit` may be.")
    offset: int = strawberry.field(description="The most that `offset` may be.")
    names: int = strawberry.field(description="The most metrics, and the most dimensions.")
    conditions: int = strawberry.field(description="The most conditions in filters and having together.")
    values: int = strawberry.field(description="The most values in one list.")
    depth: int = strawberry.field(description="How deep and, or, not may nest.")


@strawberry.type(
    name="Catalog",
    description="Everything that may be asked. Metrics and dimensions go together in one question when each "
    "pair of them does.",
)
class CatalogType:
    title: str
    description: str
    timezone: str = strawberry.field(description="The zone of local time where a question names none.")
    week_start: Weekday = strawberry.field(description="The first day of a week.")
    limits: LimitsType
    metrics: list[MetricType]
    dimensions: list[DimensionType]
    segments: list[SegmentType]
    time_axis: list[AxisStepType] = strawberry.field(
        description="Each metric's own time, so that metrics of several tables share one axis."
    )


def catalog_type(catalog: Catalog) -> CatalogType:
    return CatalogType(
        title=catalog.title,
        description=catalog.description,
        timezone=catalog.timezone,
        week_start=Weekday(catalog.week_start),
        limits=_limits(catalog),
        metrics=[_metric(each) for each in catalog.metrics],
        dimensions=[_dimension(each) for each in catalog.dimensions],
        segments=[_segment(each) for each in catalog.segments],
        time_axis=[_axis_step(each) for each in catalog.time_axis],
    )


def _metric(found: CatalogMetric) -> MetricType:
    told = found.told
    return MetricType(
        name=told.name,
        title=told.title or told.name,
        description=told.description,
        aggregation=told.kind,
        inputs=list(told.inputs),
        additivity=found.additivity,
        type=ColumnType(found.type.value) if found.type else None,
        unit=told.unit,
        format=told.format,
        currency=told.currency,
        deprecated=told.deprecated or None,
        operators=list(found.operators),
        dimensions=list(found.dimensions),
        filter_only=list(found.filter_only),
        deduplicated=list(found.deduplicated),
        segments=list(found.segments),
        time_axis=list(found.time_axis),
        date_range=found.has_time,
        share=found.has_share,
        window=found.has_window,
    )


def _segment(found: CatalogSegment) -> SegmentType:
    told = found.told
    return SegmentType(
        name=told.name,
        title=told.title or told.name,
        description=told.description,
        deprecated=told.deprecated or None,
        metrics=list(found.metrics),
    )


def _dimension(found: CatalogDimension) -> DimensionType:
    told = found.told
    return DimensionType(
        name=told.name,
        title=told.title or told.name,
        description=told.description,
        type=ColumnType(found.type.value),
        format=told.format,
        values=list(told.values),
        deprecated=told.deprecated or None,
        operators=list(found.operators),
        steps=[StepType(**_step(each)) for each in found.steps],
        metrics=list(found.metrics),
        filter_only=list(found.filter_only),
    )


def _axis_step(found: AxisStep) -> AxisStepType:
    return AxisStepType(**_step(found.told), metrics=list(found.metrics))


def _step(found: CatalogStep) -> dict[str, Any]:
    return {
        "name": found.name,
        "step": str(found.step),
        "kind": StepKind("PART" if isinstance(found.step, Part) else "GRAIN"),
        "type": ColumnType(found.type.value),
        "operators": list(found.operators),
        "description": STEP_TITLES[found.step],
    }


def _limits(catalog: Catalog) -> LimitsType:
    limits = catalog.limits
    return LimitsType(
        default_limit=catalog.default_limit,
        limit=limits.rows,
        offset=limits.offset,
        names=limits.names,
        conditions=limits.conditions,
        values=limits.values,
        depth=DEEPEST,
    )
