"""Which fields a document asks for."""

import pytest
from graphql import parse

from schema.selected import Selected, Selection, selection_of


def selection(document: str, operation: str | None = None) -> Selection | None:
    return selection_of(parse(document), operation)


DATA = {"data": Selected("data")}


def test_a_field_is_known_by_its_key_and_by_its_name() -> None:
    assert selection("{ analytics(limit: 1) { rows: data } }") == {
        "analytics": Selected("analytics", {"rows": Selected("data")})
    }


def test_fields_stand_in_the_order_of_the_response() -> None:
    found = selection("{ b: analytics { data } ... { a: analytics { data } } b: analytics { totals } }")

    assert found is not None
    assert list(found) == ["b", "a"]


def test_fields_of_one_key_are_one_field() -> None:
    found = selection("{ analytics { metadata { source } } analytics { metadata { ageMs source } data } }")

    metadata = Selected("metadata", {"source": Selected("source"), "ageMs": Selected("ageMs")})
    assert found == {"analytics": Selected("analytics", {"metadata": metadata, **DATA})}


@pytest.mark.parametrize(
    "document",
    [
        "{ ... on Query { analytics { data } } }",
        "{ ... { ... { analytics { ... on AnalyticsResult { data } } } } }",
        "fragment F on Query { analytics { data } } query { ...F }",
        "{ ...F } fragment F on Query { analytics { ...G } } fragment G on AnalyticsResult { data }",
        "{ ...F ...F analytics { data } } fragment F on Query { analytics { data } }",
    ],
)
def test_fragments_stand_for_their_fields(document: str) -> None:
    assert selection(document) == {"analytics": Selected("analytics", DATA)}


def test_of_several_operations_the_one_that_is_named_counts() -> None:
    document = "query A { a: analytics { data } } query B { b: analytics { data } }"

    assert selection(document, "B") == {"b": Selected("analytics", DATA)}
    assert selection(document, "A") == {"a": Selected("analytics", DATA)}
    assert selection(document, "C") is None


@pytest.mark.parametrize(
    "document",
    [
        "query($a: Boolean!) { analytics @include(if: $a) { data } }",
        "{ analytics @skip(if: false) { data } }",
        "{ analytics { data @include(if: true) } }",
        "{ analytics { metadata { source ageMs @skip(if: true) } data } }",
        "{ ... @include(if: true) { analytics { data } } }",
        "{ ...F @skip(if: false) } fragment F on Query { analytics { data } }",
        "{ ...F } fragment F on Query @a { analytics { data } }",
        "{ ...F } fragment F on Query { analytics { data @include(if: true) } }",
        "query @a { analytics { data } }",
    ],
)
def test_where_a_directive_stands_nothing_is_told(document: str) -> None:
    assert selection(document) is None


def test_a_directive_where_nobody_looks_is_no_matter() -> None:
    document = "{ analytics { data } } fragment F on Query { analytics @skip(if: true) { data } }"

    assert selection(document) == {"analytics": Selected("analytics", DATA)}


@pytest.mark.parametrize(
    "document", ["mutation { clearCache { deleted } }", "subscription { a }", "fragment F on Query { a }"]
)
def test_only_queries_are_told(document: str) -> None:
    assert selection(document) is None


def test_a_document_that_doubles_at_each_step_is_left_alone() -> None:
    steps = " ".join(
        f"fragment F{step} on A {{ a {{ ...F{step + 1} }} a {{ ...F{step + 1} }} }}" for step in range(40)
    )

    assert selection(f"{{ ...F0 }} {steps} fragment F40 on A {{ b }}") is None


def test_a_fragment_that_is_spread_twice_counts_once() -> None:
    steps = " ".join(f"fragment F{step} on A {{ ...F{step + 1} ...F{step + 1} }}" for step in range(40))

    assert selection(f"{{ ...F0 }} {steps} fragment F40 on A {{ b }}") == {"b": Selected("b")}
