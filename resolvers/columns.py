"""What the keys of a row are: names, kinds, types and how to show them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial

from model.metric import Metric
from model.query import CHANGE, CHANGE_RATIO, PREVIOUS, Share, Window
from plan.fields import ColumnKind, Field
from plan.parts import Plan, Ranking


class JsonType(StrEnum):
    """How a value travels: see the API's own description of each."""

    INTEGER = "INTEGER"
    DECIMAL = "DECIMAL"
    FLOAT = "FLOAT"
    STRING = "STRING"
    BOOLEAN = "BOOLEAN"
    DATE = "DATE"
    DATETIME = "DATETIME"


JSON_TYPES = {
    "int2": JsonType.INTEGER,
    "int4": JsonType.INTEGER,
    "int8": JsonType.INTEGER,
    "numeric": JsonType.DECIMAL,
    "float4": JsonType.FLOAT,
    "float8": JsonType.FLOAT,
    "interval": JsonType.FLOAT,
    "bool": JsonType.BOOLEAN,
    "date": JsonType.DATE,
    "timestamptz": JsonType.DATETIME,
}


@dataclass(frozen=True, slots=True)
class Column:
    """One key of every row."""

    name: str
    kind: ColumnKind
    type: JsonType
    title: str
    description: str
    unit: str = ""
    format: str = ""
    currency: str = ""


def columns_of(plan: Plan, types: Sequence[str]) -> tuple[Column, ...]:
    """In the order of the row's keys; `types` are PostgreSQL's, as the answer told them."""
    told = [JSON_TYPES.get(each, JsonType.STRING) for each in types]
    return tuple(change(kind) for change, kind in zip(_columns(plan), told, strict=True))


Typed = Callable[[JsonType], Column]
"""A column whose type the answer tells."""


def _columns(plan: Plan) -> Iterator[Typed]:
    yield from map(_key, plan.groupings)
    if plan.ranking and plan.ranking.flag in plan.names:
        ranked = next(each for each in plan.groupings if each.name == plan.ranking.of)
        yield _others(plan.ranking, ranked.dimension.title or ranked.name)
    yield from map(_metric, plan.metrics)
    if plan.query.compared_with:
        for metric in plan.metrics:
            yield from _compared(metric)
    metrics = {metric.name: metric for metric in (*plan.metrics, *plan.behind)}
    yield from (_share(share, metrics[share.metric]) for share in plan.query.shares)
    yield from (_window(window, plan) for window in plan.query.windows)


def _key(field: Field) -> Typed:
    told = field.dimension
    title = told.title or field.name
    return lambda kind: Column(field.name, field.kind, kind, title, told.description, format=told.format)


def _others(ranking: Ranking, title: str) -> Typed:
    what = f"Whether the row gathers all values of '{ranking.of}' but the first {ranking.n}"
    return partial(_made, ranking.flag, f"{title}: others", what, kind=ColumnKind.DIMENSION)


def _made(name: str, title: str, description: str, type_: JsonType, *, kind: ColumnKind) -> Column:
    return Column(name, kind, type_, title, description)


def _metric(metric: Metric) -> Typed:
    return partial(_like, metric, metric.name, metric.title or metric.name, metric.description)


def _like(metric: Metric, name: str, title: str, description: str, type_: JsonType) -> Column:
    """A column that is shown as the metric is."""
    return Column(
        name,
        ColumnKind.METRIC,
        type_,
        title,
        description,
        metric.unit,
        metric.format,
        metric.currency,
    )


def _compared(metric: Metric) -> Iterator[Typed]:
    name, title = metric.name, metric.title or metric.name
    yield partial(_like, metric, f"{name}{PREVIOUS}", f"{title}: before", f"'{name}' of the other range")
    yield partial(
        _like, metric, f"{name}{CHANGE}", f"{title}: change", f"'{name}' less that of the other range"
    )
    yield partial(
        _percent,
        f"{name}{CHANGE_RATIO}",
        f"{title}: change in parts",
        f"The change of '{name}' over what was before",
    )


def _percent(name: str, title: str, description: str, type_: JsonType) -> Column:
    return Column(name, ColumnKind.METRIC, type_, title, description, format="percent")


def _share(share: Share, metric: Metric) -> Typed:
    whole = f" within {', '.join(share.within)}" if share.within else ""
    what = f"The part of all of '{share.metric}'{whole}"
    return partial(_percent, share.name, f"{metric.title or metric.name}: share", what)


def _window(window: Window, plan: Plan) -> Typed:
    metric = plan.windowed[window.metric]
    title = metric.title or metric.name
    if window.rolling is not None:
        mean = ", as a mean of them" if window.mean else ""
        what = f"'{metric.name}' over {window.rolling} buckets, this one the last{mean}"
        kind = f"{'moving average of' if window.mean else 'rolling'} {window.rolling}"
    elif window.to_date:
        what, kind = f"'{metric.name}' since the {window.to_date} began", f"{window.to_date} to date"
    else:
        what, kind = f"'{metric.name}' since the range began", "running"
    return partial(_like, metric, window.name, f"{title}: {kind}", what)
