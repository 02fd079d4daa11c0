"""What answers look like."""

from enum import Enum
from typing import Any, cast

import strawberry

from model.dates import Interval
from resolvers.analytics import Answer
from schema.context import Info
from schema.scalars import Date, DateTime, Rows


@strawberry.enum(description="Where an answer came from, nearest first.")
class Source(Enum):
    MEMORY = "memory"
    REDIS = "redis"
    STALE = "stale"
    DATABASE = "database"


@strawberry.enum(description="What a key of a row is.")
class ColumnKind(Enum):
    DIMENSION = "DIMENSION"
    TIME = "TIME"
    METRIC = "METRIC"


@strawberry.enum(description="How the values of a column travel.")
class ColumnType(Enum):
    INTEGER = strawberry.enum_value("INTEGER", description="A number; beyond 2^53 a string of digits.")
    DECIMAL = strawberry.enum_value("DECIMAL", description="An exact number, as a string: '1234.50'.")
    FLOAT = strawberry.enum_value("FLOAT", description="A number of double precision.")
    STRING = "STRING"
    BOOLEAN = "BOOLEAN"
    DATE = strawberry.enum_value("DATE", description="A local day: '2026-01-31'.")
    DATETIME = strawberry.enum_value("DATETIME", description="An instant with its offset.")


@strawberry.type(description="One key of every row.")
class Column:
    name: str
    kind: ColumnKind
    type: ColumnType
    title: str
    description: str
    unit: str
    format: str
    currency: str


@strawberry.type(description="The range that the answer covers; a bound that is null is open.")
class ResolvedRange:
    start: DateTime | None = strawberry.field(description="The first instant.")
    end: DateTime | None = strawberry.field(description="The instant just after the last.")
    start_date: Date | None = strawberry.field(description="The first local day.")
    end_date: Date | None = strawberry.field(description="The last local day, included.")


def _total_rows(root: Answer) -> int:
    return root.rows


def _query_time_ms(root: Answer) -> float:
    return round(root.took_ms, 3)


def _source(root: Answer) -> Source:
    return Source(root.source.value)


def _as_of(root: Answer) -> DateTime:
    return DateTime(root.as_of.isoformat())


def _date_range(root: Answer) -> ResolvedRange | None:
    return _range(root.plan.query.interval)


def _compare_range(root: Answer) -> ResolvedRange | None:
    return _range(root.plan.query.compared_with)


def _range(interval: Interval | None) -> ResolvedRange | None:
    if not interval:
        return None
    return ResolvedRange(
        start=DateTime(interval.start.isoformat()) if interval.start else None,
        end=DateTime(interval.end.isoformat()) if interval.end else None,
        start_date=Date(interval.first.isoformat()) if interval.first else None,
        end_date=Date(interval.last.isoformat()) if interval.last else None,
    )


def _timezone(root: Answer) -> str:
    return root.plan.query.timezone


def _notes(root: Answer) -> list[str]:
    return list(root.plan.notes)


def _plan(root: Answer, info: Info) -> Rows | None:
    return Rows(info.context.services.analytics.explained(root.plan, info.context.viewer))


def _sql(root: Answer, info: Info) -> str | None:
    return info.context.services.analytics.sql(root.plan, info.context.viewer)


@strawberry.type
class QueryMetadata:
    """Of an `Answer`, which itself has the fields without a resolver. What is asked for is worked out."""

    total_rows: int = strawberry.field(resolver=_total_rows, description="How many rows `data` has.")
    truncated: bool = strawberry.field(description="Whether `limit` cut off more rows.")
    query_time_ms: float = strawberry.field(
        resolver=_query_time_ms, description="What this answer took, cache included."
    )
    from_cache: bool
    source: Source = strawberry.field(resolver=_source)
    age_ms: int = strawberry.field(description="How old the answer is.")
    as_of: DateTime = strawberry.field(resolver=_as_of, description="When the data was read.")
    cache_key: str = strawberry.field(description="Takes the answer out of the cache by deleteCacheKey.")
    date_range: ResolvedRange | None = strawberry.field(resolver=_date_range)
    compare_range: ResolvedRange | None = strawberry.field(
        resolver=_compare_range, description="What `compare` compared with."
    )
    timezone: str = strawberry.field(resolver=_timezone)
    group_count: int | None = strawberry.field(
        description="With groupCount: true, how many groups there are, whatever `limit` shows of them."
    )
    notes: list[str] = strawberry.field(
        resolver=_notes, description="What must be known before rows are added up."
    )
    plan: Rows | None = strawberry.field(
        resolver=_plan, description="How the answer came about: tables, joins, filters. For administrators."
    )
    sql: str | None = strawberry.field(
        resolver=_sql, description="The SQL that the answer came from, with its values. For administrators."
    )


def _totals(root: Answer) -> Rows | None:
    return _unless_null(root.totals)


def _subtotals(root: Answer) -> Rows | None:
    return _unless_null(root.subtotals)


def _unless_null(json: bytes) -> Rows | None:
    return None if json == b"null" else Rows(json)


def _metadata(root: Answer) -> QueryMetadata:
    return cast("QueryMetadata", root)


def _columns(root: Answer) -> list[Column]:
    return [_column(each) for each in root.columns]


def _column(told: Any) -> Column:
    fields = {
        name: getattr(told, name) for name in ("name", "title", "description", "unit", "format", "currency")
    }
    return Column(kind=ColumnKind(told.kind.value), type=ColumnType(told.type.value), **fields)


@strawberry.type
class AnalyticsResult:
    """Of an `Answer`, likewise."""

    data: Rows = strawberry.field(description="A list of row objects; `columns` describes their keys.")
    totals: Rows | None = strawberry.field(
        resolver=_totals,
        description="With totals: true, the metrics over all rows that pass the filters, as one object: "
        "computed from the rows themselves, whatever limit, offset and having show of the groups.",
    )
    subtotals: Rows | None = strawberry.field(
        resolver=_subtotals,
        description="With subtotals, an object for each: {by: [...], rows: [...], truncated: ...}. A key "
        "not in `by` is not in its rows, so null is a group. Whatever is shown of the groups, like totals.",
    )
    columns: list[Column] = strawberry.field(resolver=_columns)
    metadata: QueryMetadata = strawberry.field(resolver=_metadata)


@strawberry.enum(description="What becomes of answers from before a clear.")
class ClearMode(Enum):
    PURGE = strawberry.enum_value("purge", description="They are never shown again.")
    EXPIRE = strawberry.enum_value(
        "expire", description="They are shown no more, unless the database fails: then flagged as STALE."
    )


@strawberry.type
class ClearResult:
    deleted: int | None = strawberry.field(
        description="How many answers were deleted. Null where none are looked for: tags and EXPIRE."
    )
    pattern: str | None
    tags: list[str]
    mode: ClearMode
    message: str


@strawberry.type
class DeleteResult:
    deleted: bool = strawberry.field(description="Whether there was such an answer.")
    cache_key: str
    message: str
