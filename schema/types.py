"""What answers look like."""

from enum import Enum
from typing import Any

import strawberry

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


@strawberry.type
class QueryMetadata:
    total_rows: int = strawberry.field(description="How many rows `data` has.")
    truncated: bool = strawberry.field(description="Whether `limit` cut off more rows.")
    query_time_ms: float = strawberry.field(description="What this answer took, cache included.")
    from_cache: bool
    source: Source
    age_ms: int = strawberry.field(description="How old the answer is.")
    as_of: DateTime = strawberry.field(description="When the data was read.")
    cache_key: str = strawberry.field(description="Takes the answer out of the cache by deleteCacheKey.")
    date_range: ResolvedRange | None
    compare_range: ResolvedRange | None = strawberry.field(description="What `compare` compared with.")
    timezone: str
    group_count: int | None = strawberry.field(
        description="With groupCount: true, how many groups there are, whatever `limit` shows of them."
    )
    notes: list[str] = strawberry.field(description="What must be known before rows are added up.")
    answer: strawberry.Private[Answer]

    @strawberry.field(  # type: ignore[untyped-decorator]
        description="How the answer came about: tables, joins, filters. For administrators."
    )
    def plan(self, info: Info) -> Rows | None:
        return Rows(info.context.services.analytics.explained(self.answer.plan, info.context.viewer))

    @strawberry.field(  # type: ignore[untyped-decorator]
        description="The SQL that the answer came from, with its values. For administrators."
    )
    def sql(self, info: Info) -> str | None:
        return info.context.services.analytics.sql(self.answer.plan, info.context.viewer)


def _columns(root: "AnalyticsResult") -> list[Column]:
    """Worked out for those who ask for them."""
    return [_column(each) for each in root.answer.columns]


def _column(told: Any) -> Column:
    fields = {
        name: getattr(told, name) for name in ("name", "title", "description", "unit", "format", "currency")
    }
    return Column(kind=ColumnKind(told.kind.value), type=ColumnType(told.type.value), **fields)


@strawberry.type
class AnalyticsResult:
    data: Rows = strawberry.field(description="A list of row objects; `columns` describes their keys.")
    totals: Rows | None = strawberry.field(
        description="With totals: true, the metrics over all rows that pass the filters, as one object: "
        "computed from the rows themselves, whatever limit, offset and having show of the groups.",
    )
    subtotals: Rows | None = strawberry.field(
        description="With subtotals, an object for each: {by: [...], rows: [...], truncated: ...}. A key "
        "not in `by` is not in its rows, so null is a group. Whatever is shown of the groups, like totals.",
    )
    columns: list[Column] = strawberry.field(resolver=_columns)
    metadata: QueryMetadata
    answer: strawberry.Private[Answer]


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
