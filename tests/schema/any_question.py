"""Random questions, drawn from the schema itself: each value stands there or in a variable, at any depth."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    is_required_input_field,
)
from hypothesis import strategies as st

from schema.replay import NOT_OF_THE_QUESTION
from tests.schema.replaying import GRAPHQL

query = GRAPHQL.query_type
assert query is not None
ARGUMENTS = {
    name: each for name, each in query.fields["analytics"].args.items() if name not in NOT_OF_THE_QUESTION
}
TREES = {"filters", "having"}
DEEPEST = 4

TEXTS = st.text(st.characters(codec="utf-8"), max_size=12)
NUMBERS = st.one_of(
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.decimals(allow_nan=False, allow_infinity=False, places=3).map(str),
)
DAYS = st.dates().map(str)
ZONES = st.sampled_from([UTC, timezone(timedelta(hours=-3)), timezone(timedelta(hours=5, minutes=30))])
MOMENTS = st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1), timezones=ZONES).map(datetime.isoformat)  # noqa: DTZ001
SCALARS: dict[str, st.SearchStrategy[Any]] = {
    "String": TEXTS,
    "Int": st.integers(-(2**31), 2**31 - 1),
    "Boolean": st.booleans(),
    "Number": NUMBERS,
    "Date": DAYS,
    "DateTime": MOMENTS,
}
UNITS = st.sampled_from(["DAY", "WEEK", "MONTH"])
RANGES = st.one_of(
    st.fixed_dictionaries({"startDate": DAYS}, optional={"endDate": DAYS}),
    st.fixed_dictionaries({"start": MOMENTS}, optional={"end": MOMENTS}),
    st.fixed_dictionaries(
        {"last": st.fixed_dictionaries({"n": st.integers(1, 90), "unit": UNITS})},
        optional={"includeCurrent": st.booleans(), "offset": st.integers(-3, 3)},
    ),
    st.fixed_dictionaries({"current": UNITS}, optional={"offset": st.integers(-3, 3)}),
    st.fixed_dictionaries({"toDate": UNITS}),
)
"""Most ranges that are drawn at random say nothing, or too much."""


@dataclass(slots=True)
class Draft:
    """A document that grows with its variables."""

    declared: list[str] = field(default_factory=list)
    values: dict[str, Any] = field(default_factory=dict)


@st.composite
def any_question(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    """A query with one `analytics` field, and its variables."""
    draft = Draft()
    others = draw(st.lists(st.sampled_from(sorted(ARGUMENTS.keys() - TREES)), unique=True, max_size=5))
    names = [*others, *draw(st.lists(st.sampled_from(sorted(TREES)), unique=True, max_size=2))]
    written = [f"{name}: {_written(draw, ARGUMENTS[name].type, draft, DEEPEST)}" for name in names]
    told = f"({', '.join(written)})" if written else ""
    declared = f"query({', '.join(draft.declared)})" if draft.declared else ""
    return f"{declared} {{ analytics{told} {{ data }} }}", draft.values


def _written(draw: st.DrawFn, kind: GraphQLInputType, draft: Draft, depth: int) -> str:
    if draw(st.integers(0, 3)) == 0:
        return _variable(draw, kind, draft, depth)
    value = kind.of_type if isinstance(kind, GraphQLNonNull) else kind
    if value is kind and draw(st.integers(0, 7)) == 0:
        return "null"
    return _literal(draw, value, draft, depth)


def _variable(draw: st.DrawFn, kind: GraphQLInputType, draft: Draft, depth: int) -> str:
    name = f"v{len(draft.declared)}"
    draft.declared.append(f"${name}: {kind}")
    if isinstance(kind, GraphQLNonNull) or draw(st.integers(0, 4)):
        draft.values[name] = draw(_json(kind, depth))
    return f"${name}"


def _literal(draw: st.DrawFn, kind: Any, draft: Draft, depth: int) -> str:
    if isinstance(kind, GraphQLList):
        items = range(draw(st.integers(0, 3 if depth > 0 else 0)))
        return f"[{', '.join(_written(draw, kind.of_type, draft, depth - 1) for _ in items)}]"
    if not isinstance(kind, GraphQLInputObjectType):
        return _scalar(draw, kind)
    if kind.name == "DateRangeInput":
        return _plain(draw(RANGES))
    fields = [
        f"{name}: {_written(draw, kind.fields[name].type, draft, depth - 1)}"
        for name in _fields(draw, kind, depth)
    ]
    return f"{{{', '.join(fields)}}}"


def _scalar(draw: st.DrawFn, kind: Any) -> str:
    if isinstance(kind, GraphQLEnumType):
        return str(draw(st.sampled_from(sorted(kind.values))))
    value = draw(SCALARS[kind.name])
    if isinstance(value, str) and kind.name == "String" and draw(st.booleans()) and '"' not in value:
        return f'"""{value}"""' if value.isprintable() and not value.endswith("\\") else json.dumps(value)
    return json.dumps(value)


def _plain(value: Any) -> str:
    """JSON as GraphQL: here every text in capitals is a name."""
    if isinstance(value, dict):
        return f"{{{', '.join(f'{name}: {_plain(each)}' for name, each in value.items())}}}"
    return value if isinstance(value, str) and value.isupper() and value.isalpha() else json.dumps(value)


def _fields(draw: st.DrawFn, kind: GraphQLInputObjectType, depth: int) -> list[str]:
    needed = [name for name, each in kind.fields.items() if is_required_input_field(each)]
    others = sorted(kind.fields.keys() - set(needed))
    more = draw(st.lists(st.sampled_from(others), unique=True, max_size=2)) if others and depth > 0 else []
    return [*needed, *more]


def _json(kind: Any, depth: int) -> st.SearchStrategy[Any]:
    """A value as it travels beside the document."""
    if isinstance(kind, GraphQLNonNull):
        return _value(kind.of_type, depth)
    return st.one_of(st.none(), _value(kind, depth), _value(kind, depth))


def _value(kind: Any, depth: int) -> st.SearchStrategy[Any]:
    if isinstance(kind, GraphQLList):
        item = _json(kind.of_type, depth - 1)
        # One value stands for a list of one.
        return st.one_of(st.lists(item, max_size=3 if depth > 0 else 0), _value_of_one(kind, depth))
    if isinstance(kind, GraphQLEnumType):
        return st.sampled_from(sorted(kind.values))
    if isinstance(kind, GraphQLInputObjectType):
        return RANGES if kind.name == "DateRangeInput" else _object(kind, depth)
    return SCALARS[kind.name]


def _value_of_one(kind: GraphQLList[Any], depth: int) -> st.SearchStrategy[Any]:
    inner = kind.of_type.of_type if isinstance(kind.of_type, GraphQLNonNull) else kind.of_type
    return _value(inner, depth - 1)


@st.composite
def _object(draw: st.DrawFn, kind: GraphQLInputObjectType, depth: int) -> dict[str, Any]:
    return {name: draw(_json(kind.fields[name].type, depth - 1)) for name in _fields(draw, kind, depth)}
