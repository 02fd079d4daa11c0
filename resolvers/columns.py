"""What the keys of a row are: names, kinds, types and how to show them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from plan.parts import ColumnKind, Plan


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
    return tuple(_columns(plan, [JSON_TYPES.get(each, JsonType.STRING) for each in types]))


def _columns(plan: Plan, types: list[JsonType]) -> Iterator[Column]:
    count = len(plan.groupings)
    for grouping, kind in zip(plan.groupings, types[:count], strict=True):
        told = grouping.dimension
        title = told.title or grouping.name
        yield Column(grouping.name, grouping.kind, kind, title, told.description, format=told.format)
    shares = types[count + len(plan.metrics) :]
    for metric, kind in zip(plan.metrics, types[count : count + len(plan.metrics)], strict=True):
        yield Column(
            metric.name,
            ColumnKind.METRIC,
            kind,
            metric.title or metric.name,
            metric.description,
            metric.unit,
            metric.format,
            metric.currency,
        )
    for share, kind in zip(plan.query.shares, shares, strict=True):
        whole = f" within {', '.join(share.within)}" if share.within else ""
        what = f"The part of all of '{share.metric}'{whole}"
        yield Column(share.name, ColumnKind.METRIC, kind, f"{share.metric}: share", what, format="percent")
