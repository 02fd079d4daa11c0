"""The arguments of a question, once for every field that takes them."""

from collections.abc import Callable
from inspect import Parameter, Signature
from typing import Annotated, Any, Optional, cast

import strawberry
from graphql import GraphQLObjectType, GraphQLSchema
from strawberry.schema.schema_converter import GraphQLCoreConverter

from schema.context import Info
from schema.freshness import CacheUse
from schema.inputs import CompareInput, DateRangeInput, FanoutEnum
from schema.names import Names

METRICS = "Without metrics: the values of the dimensions, for the choices of a filter."
RANGE = "Rows of these days or instants only. Without it: rows of all time."
SEGMENTS = "Rows of all these segments only. In a filter, `segment` combines them otherwise."
SEARCH = "Rows only in which one of the selected text dimensions holds this text, whatever the case."
HAVING = "Groups that are shown, by their metrics, selected or not."
ZONE = "The IANA zone of local time: dates, days, hours. Without it: the model's."
TOTALS = "Also the metrics over all rows that pass the filters: see totals of the result."
SUBTOTALS = "Also the metrics by some of the dimensions: see subtotals of the result. [[store], [channel]]"
SHARES = "Parts of a whole, as <metric>__share in the rows: 0.25 is a quarter."
LIMIT = "The most rows; 1000 without it. metadata.truncated tells when there are more."
FILL = "Also the buckets of time without rows, for each combination of the other dimensions that is there."
COMPARE = "Another range beside this one, bucket by bucket: <metric>__previous, __change, __change_ratio."
TOP = "Only the best values of a dimension, by a metric over all of its rows."
WINDOWS = "Metrics over several buckets of time: <metric>__running, __rolling_7, __month_to_date."
FANOUT = "What to do with a dimension of which one row may have several values."
MAX_AGE = "The oldest that the data may be, in seconds. An older answer is loaded anew, whatever fails."
CACHE = "What to do with the cache. REFRESH and BYPASS are for administrators."
COUNT = "Also the number of groups: see groupCount of the metadata."


def question_parameters(names: Names, *, metrics_may_be_null: bool = False) -> tuple[Parameter, ...]:
    """Keyword parameters, in the order in which the schema shows them."""
    metric, dimension = names.metric, names.dimension
    metrics = _parameter("metrics", _maybe(_many(metric)), None, METRICS)
    if not metrics_may_be_null:
        metrics = _parameter("metrics", _many(metric), (), METRICS)
    found = [
        metrics,
        _parameter("dimensions", _many(dimension), ()),
        _parameter("filters", _maybe(names.filters.type), None, "Rows that count."),
        _parameter("having", _maybe(names.having.type), None, HAVING),
        _parameter("date_range", _maybe(DateRangeInput), None, RANGE),
        _parameter("timezone", _maybe(str), None, ZONE),
        _parameter("order_by", _maybe(_many(names.order_by)), None),
        _parameter("limit", _maybe(int), None, LIMIT),
        _parameter("offset", _maybe(int), None, "Rows to skip."),
        _parameter("totals", bool, False, TOTALS),
        _parameter("subtotals", _maybe(_many(_many(dimension))), None, SUBTOTALS),
        _parameter("shares", _maybe(_many(names.share)), None, SHARES),
        _parameter("search", _maybe(str), None, SEARCH),
        _parameter("fill", bool, False, FILL),
        _parameter("compare", _maybe(CompareInput), None, COMPARE),
        _parameter("top", _maybe(names.top), None, TOP),
        _parameter("windows", _maybe(_many(names.window)), None, WINDOWS),
        _parameter("fanout", FanoutEnum, FanoutEnum.REFUSE, FANOUT),
        _parameter("group_count", bool, False, COUNT),
    ]
    if names.segment is not None:
        found.insert(4, _parameter("segments", _maybe(_many(names.segment)), None, SEGMENTS))
    return tuple(found)


def cache_parameters() -> tuple[Parameter, ...]:
    """How old an answer may be: of questions, and of nothing that a question is."""
    return (
        _parameter("max_age", _maybe(int), None, MAX_AGE),
        _parameter("cache", CacheUse, CacheUse.DEFAULT, CACHE),
    )


def _many(of: Any) -> Any:
    return list[of]


def _maybe(of: Any) -> Any:
    return Optional[of]  # noqa: UP045  made at run time


def _parameter(name: str, annotation: Any, default: object, description: str | None = None) -> Parameter:
    told = Annotated[annotation, strawberry.argument(description=description)] if description else annotation
    return Parameter(name, Parameter.KEYWORD_ONLY, default=default, annotation=told)


def with_parameters(resolver: Callable[..., Any], *parameters: Parameter) -> Callable[..., Any]:
    """The resolver as if it had been written with these parameters after `info`."""
    info = Parameter("info", Parameter.POSITIONAL_OR_KEYWORD, annotation=Info)
    returns = Signature.from_callable(resolver).return_annotation
    found: Any = resolver
    found.__signature__ = Signature([info, *parameters], return_annotation=returns)
    return resolver


def given_as_coerced(schema: GraphQLSchema, kind: str, name: str) -> None:
    """The resolver of this field is called by graphql-core itself, and gets arguments as that coerced them.

    Strawberry would make objects of them first, which takes longer than to answer a question from memory.
    """
    field = cast("GraphQLObjectType", schema.type_map[kind]).fields[name]
    resolver = field.extensions[GraphQLCoreConverter.DEFINITION_BACKREF].base_resolver
    field.resolve = lambda _root, info, **given: resolver(info, **given)
