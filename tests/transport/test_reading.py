"""From bytes to requests: what is wrong is said with its place."""

import json
from typing import Any

import pytest

from servery.transport.facts import Facts, facts_of
from servery.transport.reading import Asked, asks_nothing, read
from servery.transport.refused import BadRequest

HASH = "a" * 64
PERSISTED = {"persistedQuery": {"version": 1, "sha256Hash": HASH}}


def facts(method: str) -> Facts:
    return facts_of({"type": "http", "method": method, "headers": []})


def posted(body: Any, most: int = 3) -> Asked | list[Asked]:
    return read(facts("POST"), json.dumps(body).encode(), most)


def got(address: bytes, method: str = "GET") -> Asked | list[Asked]:
    return read(facts(method), address, 3)


def refusal(body: Any) -> BadRequest:
    with pytest.raises(BadRequest) as refused:
        posted(body)
    return refused.value


def test_a_body_holds_one_request() -> None:
    body = {"query": "{ a }", "variables": {"n": 1}, "operationName": "A", "extensions": {"other": 1}}

    assert posted(body) == Asked("{ a }", None, None, {"n": 1}, "A", may_change=True)


def test_or_a_list_of_them_in_their_order() -> None:
    found = posted([{"query": "{ a }"}, {"documentId": "b"}, {"extensions": PERSISTED}])

    assert found == [
        Asked("{ a }", None, None, None, None, may_change=True),
        Asked(None, "b", None, None, None, may_change=True),
        Asked(None, None, HASH, None, None, may_change=True),
    ]


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_an_address_asks_and_changes_nothing(method: str) -> None:
    address = b"query=%7B%20a%20%7D&variables=%7B%22n%22%3A1%7D&operationName="

    assert got(address, method) == Asked("{ a }", None, None, {"n": 1}, None, may_change=False)


def test_an_address_may_name_its_document() -> None:
    hashed = got(b"extensions=" + json.dumps(PERSISTED).encode())

    assert hashed == Asked(None, None, HASH, None, None, may_change=False)
    assert got(b"documentId=sha256:x") == Asked(None, "sha256:x", None, None, None, may_change=False)


@pytest.mark.parametrize(
    ("address", "nothing"),
    [(b"", True), (b"utm=1", True), (b"query=", False), (b"documentId=x", False), (b"extensions=x", False)],
)
def test_an_address_without_a_document_asks_nothing(address: bytes, *, nothing: bool) -> None:
    assert asks_nothing(address) is nothing


def test_a_list_has_a_limit() -> None:
    assert isinstance(posted([{"query": "{ a }"}] * 3), list)

    refused = refusal([{"query": "{ a }"}] * 4)

    assert (refused.status, refused.code) == (400, "LIMIT_EXCEEDED")
    assert refused.response["errors"][0]["extensions"] == {"code": "LIMIT_EXCEEDED", "max": 3, "asked": 4}


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ([], "empty list"),
        ([{"query": "{ a }"}, {"query": 7}], "Request 2 of the list: 'query'"),
        ([{"query": "{ a }"}, [{"query": "{ a }"}]], "Request 2 of the list is not a JSON object"),
        ({"query": "{ a }", "documentId": "b"}, "not both"),
        ({"documentId": ""}, "'documentId' must be"),
        ({"documentId": 7}, "'documentId' must be"),
        ({"documentId": "x" * 257}, "'documentId' must be"),
        ({"extensions": {"persistedQuery": "x"}}, "'persistedQuery'"),
        ({"extensions": {"persistedQuery": {"version": 1}}}, "'persistedQuery'"),
        ({"extensions": {"persistedQuery": {"version": 1, "sha256Hash": 7}}}, "'persistedQuery'"),
        ({"extensions": {"persistedQuery": {"version": 2, "sha256Hash": HASH}}}, "must be 1"),
        ({"extensions": {"persistedQuery": {"version": True, "sha256Hash": HASH}}}, "must be 1"),
        ({"extensions": {"persistedQuery": None}}, "The body has no 'query'"),
        ({"query": "", "extensions": PERSISTED}, "'query' must be"),
        ({"query": None}, "The body has no 'query'"),
        ({"qeury": "{ a }"}, "The body has no 'query'"),
    ],
)
def test_what_is_wrong_is_said(body: Any, said: str) -> None:
    refused = refusal(body)

    assert (refused.status, refused.code) == (400, "BAD_REQUEST")
    assert said in str(refused)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", 'The body is empty. Send JSON, as {"query": "..."}.'),
        (b" \n", "The body is empty."),
        (b"{'query': 1}", "is not JSON: expecting property name enclosed in double quotes at line 1, column"),
        (b'{"query":\n "a" "b"}', "is not JSON: expecting ',' delimiter at line 2, column 6."),
        (b"\x1f\x8b\x08", "is not JSON: byte 2 is no UTF-8. Is it packed? Send it as it is."),
    ],
)
def test_where_a_body_is_no_json_is_said(body: bytes, said: str) -> None:
    with pytest.raises(BadRequest) as refused:
        read(facts("POST"), body, 3)

    assert said in str(refused.value)
