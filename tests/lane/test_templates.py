"""Responses with holes: what two hits may tell otherwise is open, all else is bytes."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from graphql import parse

from cache.hit import Source
from resolvers.body import Body
from schema.scalars import Rows
from schema.template import Gap, Hole, Piece, Template, listed, template_of

AS_OF = datetime(2026, 3, 15, 12, 0, 0, 250_000, tzinfo=UTC)
BODY = Body(
    b'[{"channel":"a\\u0000","revenue":1}]',
    ("text", "int8"),
    1,
    truncated=True,
    as_of=AS_OF,
    totals=b'{"revenue":5}',
    subtotals=b"[]",
    group_count=12,
)
OTHER = replace(BODY, data=b"[]", rows=0, truncated=False, totals=b"null", group_count=None)


@dataclass(frozen=True, slots=True)
class Told:
    """What is asked of an answer here."""

    types: tuple[str, ...] = BODY.types


def template(
    document: str, data: dict[str, Any], operation: str | None = None, **answers: Told
) -> Template | None:
    known: Any = answers or dict.fromkeys(data, Told())
    return template_of(parse(document), operation, data, known)


def made(document: str, data: dict[str, Any]) -> Template:
    found = template(document, data)
    assert found is not None
    return found


def pieces(found: Template, *bodies: Body, source: Source = Source.MEMORY) -> tuple[Piece, ...] | None:
    return found.filled(bodies, [source] * len(bodies))


def metadata(**told: object) -> dict[str, Any]:
    return {"analytics": {"metadata": told}}


def test_rows_are_filled_in_as_they_are() -> None:
    found = made("{ analytics { data } }", {"analytics": {"data": Rows(b"[1]")}})

    assert pieces(found, BODY) == (b'{"data":{"analytics":{"data":[{"channel":"a\\u0000","revenue":1}]}}}',)
    assert pieces(found, OTHER) == (b'{"data":{"analytics":{"data":[]}}}',)


@pytest.mark.parametrize(
    ("field", "first", "one", "other"),
    [
        ("totalRows", 7, b"1", b"0"),
        ("truncated", False, b"true", b"false"),
        ("asOf", "yesterday", b'"2026-03-15T12:00:00.250000+00:00"', b'"2026-03-15T12:00:00.250000+00:00"'),
        ("groupCount", 3, b"12", b"null"),
        ("fromCache", False, b"true", b"true"),
        ("source", "DATABASE", b'"MEMORY"', b'"MEMORY"'),
        ("timezone", "UTC", b'"UTC"', b'"UTC"'),
        ("notes", ["\x00 \u2028"], '["\\u0000 \u2028"]'.encode(), '["\\u0000 \u2028"]'.encode()),
        ("cacheKey", "a:b", b'"a:b"', b'"a:b"'),
        ("compareRange", None, b"null", b"null"),
    ],
)
def test_what_is_told_of_an_answer_is_that_of_the_one_shown(
    field: str, first: object, one: bytes, other: bytes
) -> None:
    found = made(f"{{ analytics {{ metadata {{ x: {field} }} }} }}", metadata(x=first))

    assert pieces(found, BODY) == (b'{"data":{"analytics":{"metadata":{"x":' + one + b"}}}}",)
    assert pieces(found, OTHER) == (b'{"data":{"analytics":{"metadata":{"x":' + other + b"}}}}",)


def test_where_it_came_from_is_told_of_each_hit() -> None:
    found = made("{ analytics { metadata { source } } }", metadata(source="MEMORY"))

    assert pieces(found, BODY, source=Source.REDIS) == (
        b'{"data":{"analytics":{"metadata":{"source":"REDIS"}}}}',
    )


def test_what_differs_from_hit_to_hit_stays_open() -> None:
    document = "{ analytics { metadata { ageMs took: queryTimeMs } } }"
    found = made(document, metadata(ageMs=7, took=0.5))

    assert pieces(found, BODY) == (
        b'{"data":{"analytics":{"metadata":{"ageMs":',
        Gap(0, Hole.AGE),
        b',"took":',
        Gap(0, Hole.TOOK),
        b"}}}}",
    )


def test_an_alias_that_has_the_name_of_another_field_is_what_it_stands_for() -> None:
    document = "{ analytics { data: totals totals: data columns: __typename metadata { ageMs: timezone } } }"
    data = {
        "data": Rows(b"1"),
        "totals": Rows(b"2"),
        "columns": "AnalyticsResult",
        "metadata": {"ageMs": "UTC"},
    }
    found = made(document, {"analytics": data})

    (told,) = pieces(found, BODY) or ()
    assert isinstance(told, bytes)
    assert orjson.loads(told)["data"]["analytics"] == {
        "data": {"revenue": 5},
        "totals": [{"channel": "a\x00", "revenue": 1}],
        "columns": "AnalyticsResult",
        "metadata": {"ageMs": "UTC"},
    }


def test_each_question_has_its_own_answer_in_the_order_of_the_response() -> None:
    document = "{ b: analytics { data } a: analytics { data metadata { totalRows } } }"
    data = {"b": {"data": Rows(b"0")}, "a": {"data": Rows(b"0"), "metadata": {"totalRows": 0}}}
    found = made(document, data)

    assert found.keys == ("b", "a")
    assert pieces(found, OTHER, BODY) == (
        b'{"data":{"b":{"data":[]},"a":{"data":[{"channel":"a\\u0000","revenue":1}],"metadata":{"totalRows":1}}}}',
    )


def test_a_list_holds_the_responses_of_its_requests() -> None:
    document = "{ analytics { metadata { totalRows ageMs } } }"
    each = made(document, metadata(totalRows=9, ageMs=9))

    found = listed([each, each])

    assert pieces(found, BODY, OTHER) == (
        b'[{"data":{"analytics":{"metadata":{"totalRows":1,"ageMs":',
        Gap(0, Hole.AGE),
        b'}}}},{"data":{"analytics":{"metadata":{"totalRows":0,"ageMs":',
        Gap(1, Hole.AGE),
        b"}}}}]",
    )


def test_rows_that_are_kept_apart_stay_open() -> None:
    document = "{ b: analytics { data totals } a: analytics { data } }"
    data = {"b": {"data": Rows(b"0"), "totals": Rows(b"0")}, "a": {"data": Rows(b"0")}}
    found = made(document, data)

    told = found.filled([BODY, OTHER], [Source.REDIS] * 2, apart=0)

    assert told == (
        b'{"data":{"b":{"data":',
        Gap(0, Hole.DATA),
        b',"totals":{"revenue":5}},"a":{"data":[]}}}',
    )


def test_a_list_of_one_is_a_list() -> None:
    found = listed([made("{ analytics { metadata { fromCache } } }", metadata(fromCache=True))])

    assert pieces(found, BODY) == (b'[{"data":{"analytics":{"metadata":{"fromCache":true}}}}]',)


def test_answers_whose_columns_have_other_types_do_not_fit() -> None:
    found = made("{ analytics { data } }", {"analytics": {"data": Rows(b"[]")}})

    assert pieces(found, replace(BODY, types=("text", "numeric"))) is None
    assert pieces(found, replace(BODY, types=("text",))) is None


ANSWER: dict[str, Any] = {"data": Rows(b"[]")}


@pytest.mark.parametrize(
    ("document", "data"),
    [
        ("{ analytics { data } __typename }", {"analytics": ANSWER, "__typename": "Query"}),
        ("{ analytics { data } catalog { a } }", {"analytics": ANSWER, "catalog": {"a": 1}}),
        ("{ analytics { metadata { plan } } }", metadata(plan={})),
        ("{ analytics { metadata { timezone: sql } } }", metadata(timezone="SELECT")),
        ("{ analytics { m: metadata { sql } metadata { source } } }", metadata(source="MEMORY")),
        ("{ analytics { data @include(if: true) } }", {"analytics": ANSWER}),
        ("mutation { analytics { data } }", {"analytics": ANSWER}),
        ("{ analytics: catalog { data } }", {"analytics": ANSWER}),
    ],
)
def test_what_is_more_than_answers_or_in_doubt_has_none(document: str, data: dict[str, Any]) -> None:
    assert template(document, data, analytics=Told()) is None


def test_a_field_that_was_no_answer_after_all_has_none() -> None:
    assert (
        template("{ a: analytics { data } b: analytics { data } }", {"a": ANSWER, "b": ANSWER}, a=Told())
        is None
    )
    assert template("{ a: analytics { data } }", {"a": ANSWER}, a=Told(), b=Told()) is None
