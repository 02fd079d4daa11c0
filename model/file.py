"""The shape of a model file: which keys there are, and what each may hold.

The JSON Schema for editors is made from these classes (`docs/model.schema.json`).
"""

from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, field_validator
from pydantic_core import PydanticCustomError

from model.metric import MetricKind
from model.refresh import MOST_EVERY_S
from model.table import JoinKind
from model.value import ValueType

LONGEST_NAME = 45

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*(_[a-z0-9]+)*$", max_length=LONGEST_NAME)]
"""A snake_case name without a double underscore, which is kept for grains of time.

With the longest of them behind it, it still fits into the 63 bytes of a name in PostgreSQL.
"""

Text = Annotated[str, StringConstraints(min_length=1)]


def _plain(value: object) -> object:
    """Refuses once, where the union below would refuse once for each of its types."""
    if not isinstance(value, str | int | float | bool):
        raise PydanticCustomError("plain_type", "Input should be a text, a number, true or false")
    return value


def _listed(value: object) -> object:
    return value if isinstance(value, list) else [value]


Scalar = str | int | float | bool
Plain = Annotated[Scalar, BeforeValidator(_plain)]
OneOrMore = Annotated[
    list[Plain],
    Field(min_length=1),
    BeforeValidator(_listed, json_schema_input_type=Scalar | Annotated[list[Scalar], Field(min_length=1)]),
]
Key = Annotated[
    list[Text],
    Field(min_length=1),
    BeforeValidator(_listed, json_schema_input_type=Text | Annotated[list[Text], Field(min_length=1)]),
]
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    @field_validator("*", mode="before")
    @classmethod
    def _is_given(cls, value: object) -> object:
        """A key with nothing behind it is unfinished: an empty `where` must not mean every row."""
        if value is None:
            raise PydanticCustomError("empty", "Input should be there")
        return value


class _Described(_Shape):
    title: str = Field("", description="A short name for people.")
    description: str = Field("", description="What it means; shown in GraphiQL and in the catalog.")
    format: str = Field("", description="A hint for front ends, such as 'currency' or 'percent'.")
    deprecated: str = Field("", description="Why it should no longer be used, and what to use instead.")


Names = Annotated[
    list[Name],
    Field(min_length=1),
    BeforeValidator(_listed, json_schema_input_type=Name | Annotated[list[Name], Field(min_length=1)]),
]


class DimensionShape(_Described):
    """Something to group and filter by: a column of the table, or an SQL expression over its columns."""

    type: ValueType = Field(ValueType.STRING, strict=False)
    dimension: Name | None = Field(
        None, description="With 'via': the dimension of another table that this is."
    )
    via: Names | None = Field(None, description="The join, or joins, that lead to that table from this one.")
    column: Text | None = Field(None, description="The column, when it is not called like the dimension.")
    sql: Text | None = Field(None, description="An expression over columns of this table.")
    zone: Text | None = Field(None, description="For a timestamp without zone: the zone to read it in.")
    values: list[str] = Field([], description="The values, when there are only a few.")


class SegmentShape(_Shape):
    """Rows that are worth a name: SQL over the table's own columns that is true for them."""

    sql: Text
    title: str = ""
    description: str = ""
    deprecated: str = ""


class SnapshotShape(_Shape):
    """Which rows of a bucket of time count: those of its last (or first) moment."""

    over: Text = Field(description="The column of time.")
    per: Key | None = Field(None, description="Columns whose values have each a last moment of their own.")


class ValidityShape(_Shape):
    """The row of the target that was valid: from its 'from' until just before its 'to' (null is open)."""

    at: Text = Field(description="Own column: the moment or day that is asked for.")
    start: Text = Field(alias="from", description="Column of the target: valid from here on.")
    end: Text = Field(alias="to", description="Column of the target: valid until just before.")


class MetricShape(_Described):
    """A number per group: an aggregate over rows of the table, a ratio, or a formula over metrics."""

    type: MetricKind = Field(strict=False)
    sql: Text | None = Field(None, description="What is aggregated; for 'derived', a formula over metrics.")
    where: Text | None = Field(None, description="Only rows for which this holds count: SQL, own columns.")
    only: dict[Name, OneOrMore] | None = Field(
        None,
        description="Only rows whose dimensions have this value, or one of these; looked-up ones too.",
    )
    p: float | None = Field(None, gt=0, lt=1, strict=False, description="Which percentile, such as 0.95.")
    last: SnapshotShape | None = Field(None, description="Semi-additive: rows of the last moment only.")
    first: SnapshotShape | None = Field(None, description="Semi-additive: rows of the first moment only.")
    value_type: ValueType | None = Field(
        None, strict=False, description="For min and max: the type, when no dimension has the same SQL."
    )
    numerator: Name | None = None
    denominator: Name | None = None
    unit: str = ""
    currency: str = Field("", description="An ISO 4217 code, such as 'BRL'.")


class JoinShape(_Shape):
    """A way to another table. Its own name is the target's unless `to` says otherwise."""

    to: Name | None = None
    on: dict[Text, Text] = Field(min_length=1, description="Own column: column of the target.")
    kind: JoinKind = Field(JoinKind.MANY_TO_ONE, strict=False)
    valid: ValidityShape | None = Field(None, description="Only the row that was valid at the time.")


class TableShape(_Shape):
    """A fact or lookup table of the database."""

    source: Text | None = Field(None, description="Its name there, perhaps 'schema.table'.")
    key: Key = Field(description="The primary key: a column, or a list of columns.")
    time: Name | None = Field(None, description="The time dimension behind time__day, time__month, ...")
    description: str = ""
    joins: dict[Name, JoinShape] = {}
    paths: dict[Name, Names] = Field({}, description="A table: the joins to follow to it, of several ways.")
    row_filter: Text | None = Field(
        None, description="The rows a viewer may see: SQL, own columns, with :tenant, :subject and :roles."
    )
    refresh_key: Text | None = Field(
        None, description="A query; when its result is another than before, rows of the table have changed."
    )
    refresh_every: int | None = Field(
        None,
        ge=1,
        le=MOST_EVERY_S,
        description="How often that is asked, in seconds; 10 when it is not said.",
    )
    dimensions: dict[Name, DimensionShape] = {}
    segments: dict[Name, SegmentShape] = {}
    metrics: dict[Name, MetricShape] = {}


class ModelShape(_Shape):
    """A whole model."""

    title: str = ""
    description: str = ""
    timezone: Text = Field("UTC", description="The zone of questions that name none (IANA).")
    week_start: Weekday = "monday"
    functions: list[Text] = Field([], description="SQL functions that expressions may call beside the usual.")
    tables: dict[Name, TableShape] = Field(min_length=1)
    metrics: dict[Name, MetricShape] = Field({}, description="Ratios and formulas over metrics of any table.")
    warm: list[Text] = Field(
        [],
        description="Questions to keep in the cache, each as the arguments of 'analytics' in one text.",
    )
