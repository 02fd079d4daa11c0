"""The catalog: everything that may be asked of a model, for programs that put questions together."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from model.dimension import Dimension
from model.faults import Fault
from model.filters import Op
from model.grain import AXIS, Grain, Part, split_grain
from model.metric import Metric, MetricKind
from model.model import Model, steps_of
from model.value import ValueType
from plan.fields import type_of_step
from plan.fits import Fit, fits_of
from plan.limits import Limits
from plan.modifiers import SHARED
from plan.values import ORDER_OPS, TEXT_OPS, UNORDERED
from plan.windows import window_parts
from resolvers.columns import JsonType


class Additivity(StrEnum):
    """Whether the numbers of groups may be added up."""

    ADDITIVE = "ADDITIVE"
    SEMI_ADDITIVE = "SEMI_ADDITIVE"
    NON_ADDITIVE = "NON_ADDITIVE"


@dataclass(frozen=True, slots=True)
class CatalogStep:
    """A grain or part of time under the name that a question groups by: `sold_at__month`."""

    name: str
    step: Grain | Part
    type: JsonType
    operators: tuple[Op, ...]


@dataclass(frozen=True, slots=True)
class AxisStep:
    """A grain or part of the time axis, and the metrics whose own time has it."""

    told: CatalogStep
    metrics: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CatalogMetric:
    """`type` is none where only the answer tells it: it is that of the column in the database.

    `dimensions` are what it can be grouped and filtered by, `filter_only` what it can be filtered by alone;
    `deduplicated` can be grouped by when rows may count in several groups. `time_axis` are the names of the
    axis that it has. `has_share` and `has_window` tell which modifiers it takes.
    """

    told: Metric
    additivity: Additivity
    type: JsonType | None
    operators: tuple[Op, ...]
    dimensions: tuple[str, ...]
    filter_only: tuple[str, ...]
    deduplicated: tuple[str, ...]
    segments: tuple[str, ...]
    time_axis: tuple[str, ...]
    has_time: bool
    has_share: bool
    has_window: bool


@dataclass(frozen=True, slots=True)
class CatalogDimension:
    """`metrics` can be grouped and filtered by it, `filter_only` can be filtered by it alone."""

    told: Dimension
    type: JsonType
    operators: tuple[Op, ...]
    steps: tuple[CatalogStep, ...]
    metrics: tuple[str, ...]
    filter_only: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CatalogSegment:
    """Rows that have a name, and the metrics that can be narrowed to them."""

    told: Dimension
    metrics: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Catalog:
    """In the order of the model."""

    title: str
    description: str
    timezone: str
    week_start: int
    limits: Limits
    default_limit: int
    metrics: tuple[CatalogMetric, ...]
    dimensions: tuple[CatalogDimension, ...]
    segments: tuple[CatalogSegment, ...]
    time_axis: tuple[AxisStep, ...]


ADDITIVE = {MetricKind.SUM, MetricKind.COUNT}
JSON_OF_KIND = {
    MetricKind.COUNT: JsonType.INTEGER,
    MetricKind.COUNT_DISTINCT: JsonType.INTEGER,
    MetricKind.MEDIAN: JsonType.FLOAT,
    MetricKind.PERCENTILE: JsonType.FLOAT,
}
"""The others have the type that PostgreSQL gives them for their columns."""

JSON_OF_VALUE = {
    ValueType.STRING: JsonType.STRING,
    ValueType.UUID: JsonType.STRING,
    ValueType.INTEGER: JsonType.INTEGER,
    ValueType.DECIMAL: JsonType.DECIMAL,
    ValueType.FLOAT: JsonType.FLOAT,
    ValueType.BOOLEAN: JsonType.BOOLEAN,
    ValueType.DATE: JsonType.DATE,
    ValueType.TIMESTAMP: JsonType.DATETIME,
    ValueType.TIMESTAMPTZ: JsonType.DATETIME,
}


def catalog_of(model: Model, limits: Limits, default_limit: int) -> Catalog:
    """Worth keeping: it looks at every pair of a metric and a dimension."""
    fits = fits_of(model)
    return Catalog(
        title=model.title,
        description=model.description,
        timezone=model.timezone,
        week_start=model.week_start,
        limits=limits,
        default_limit=default_limit,
        metrics=tuple(_metric(model, each, fits[each.name]) for each in model.metrics.values()),
        dimensions=tuple(_dimension(each, fits) for each in model.dimensions.values()),
        segments=tuple(_segment(each, fits) for each in model.segments.values()),
        time_axis=tuple(_axis(model, fits)),
    )


def operators_of(kind: ValueType) -> tuple[Op, ...]:
    """The operators that a filter over values of this type takes."""
    senseless = ORDER_OPS if kind in UNORDERED else set()
    if kind is not ValueType.STRING:
        senseless = senseless | TEXT_OPS
    return tuple(op for op in Op if op not in senseless)


def _metric(model: Model, metric: Metric, fit: Fit) -> CatalogMetric:
    return CatalogMetric(
        told=metric,
        additivity=_additivity(metric),
        type=_type(metric),
        operators=operators_of(metric.value),
        dimensions=tuple(name for name in model.dimensions if name in fit.groups),
        filter_only=tuple(name for name in model.dimensions if name in fit.filters - fit.groups),
        deduplicated=tuple(name for name in model.dimensions if name in fit.deduplicated),
        segments=tuple(name for name in model.segments if name in fit.filters),
        time_axis=tuple(name for name in _axis_names(model) if name in fit.groups),
        has_time=fit.has_time,
        has_share=metric.kind in SHARED,
        has_window=_has_window(model, metric),
    )


def _additivity(metric: Metric) -> Additivity:
    if metric.kind not in ADDITIVE:
        return Additivity.NON_ADDITIVE
    return Additivity.SEMI_ADDITIVE if metric.snapshot else Additivity.ADDITIVE


def _type(metric: Metric) -> JsonType | None:
    """A number of a column is of the column's own type; a time or a text is known."""
    if metric.kind.is_aggregate and not metric.value.is_number:
        return JSON_OF_VALUE[metric.value]
    return JSON_OF_KIND.get(metric.kind)


def _has_window(model: Model, metric: Metric) -> bool:
    """The planner itself is asked: its refusal is the answer."""
    try:
        return bool(list(window_parts(model, metric)))
    except Fault:
        return False


def _segment(segment: Dimension, fits: dict[str, Fit]) -> CatalogSegment:
    return CatalogSegment(segment, tuple(name for name, fit in fits.items() if segment.name in fit.filters))


def _dimension(dimension: Dimension, fits: dict[str, Fit]) -> CatalogDimension:
    name = dimension.name
    return CatalogDimension(
        told=dimension,
        type=JSON_OF_VALUE[dimension.type],
        operators=operators_of(dimension.type),
        steps=tuple(_step(f"{name}__{step}", step) for step in steps_of(dimension.type)),
        metrics=tuple(metric for metric, fit in fits.items() if name in fit.groups),
        filter_only=tuple(metric for metric, fit in fits.items() if name in fit.filters - fit.groups),
    )


def _axis(model: Model, fits: dict[str, Fit]) -> Iterable[AxisStep]:
    for name in _axis_names(model):
        step = split_grain(name)[1]
        if step is not None:
            metrics = tuple(metric for metric, fit in fits.items() if name in fit.groups)
            yield AxisStep(_step(name, step), metrics)


def _axis_names(model: Model) -> list[str]:
    return [name for name in model.dimension_names if split_grain(name)[0] == AXIS]


def _step(name: str, step: Grain | Part) -> CatalogStep:
    if isinstance(step, Part):
        return CatalogStep(name, step, JsonType.INTEGER, operators_of(ValueType.INTEGER))
    kind = type_of_step(step)
    return CatalogStep(name, step, JSON_OF_VALUE[kind], operators_of(kind))
