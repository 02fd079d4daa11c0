"""Bodies that are no requests, and documents that are made to hurt: each is refused with a code."""

from collections.abc import Iterator

import pytest

from tests.fakes import Service, running

MODERN = "application/graphql-response+json"
JSON = {"Content-Type": "application/json"}
TYPENAME = "{ __typename }"

MALFORMED = {
    "empty": b"",
    "blank": b"  ",
    "null": b"null",
    "true": b"true",
    "a number": b"7",
    "a string": b'"{ __typename }"',
    "an empty list": b"[]",
    "a list of lists": b'[[{"query": "{ __typename }"}]]',
    "a list with one that is none": b'[{"query": "{ __typename }"}, null]',
    "an empty object": b"{}",
    "cut off": b'{"query": "{ __typ',
    "bad UTF-8": b'{"query": "\xff"}',
    "half a pair, raw": b'{"query": "{ __typename }", "variables": {"a": "\xed\xa0\x80"}}',
    "half a pair, escaped": b'{"query": "{ __typename }", "operationName": "\\uD800"}',
    "half a pair in a name": b'{"query": "{ __typename }", "variables": {"\\ud800": 1}}',
    "5,000 digits": b'{"query": "{ __typename }", "variables": {"a": ' + b"9" * 5000 + b"}}",
    "30,000 brackets": b"[" * 30_000,
    "9,000 objects": b'{"a":' * 9_000,
    "NaN": b'{"query": "{ __typename }", "variables": {"a": NaN}}',
    "Infinity": b'{"query": "{ __typename }", "variables": {"a": -Infinity}}',
    "1e999": b'{"query": "{ __typename }", "variables": {"a": 1e999}}',
    "two values": b'{"query": "{ __typename }"} {}',
}


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    with running() as service:
        yield service


@pytest.mark.parametrize("body", MALFORMED.values(), ids=MALFORMED.keys())
@pytest.mark.parametrize("accept", ["application/json", MODERN])
def test_a_body_that_is_no_request_is_a_400_with_a_code(service: Service, body: bytes, accept: str) -> None:
    response = service.client.post("/graphql", content=body, headers={**JSON, "Accept": accept})

    assert response.status_code == 400
    (error,) = response.json()["errors"]
    assert error["extensions"] == {"code": "BAD_REQUEST"}
    assert "Traceback" not in response.text


@pytest.mark.parametrize(
    "query",
    [
        "{" + "a " * 3000 + "}",
        "{ a" * 900 + "}" * 900,
        "{ a(b: " + "[" * 900 + "]" * 900 + ") }",
        '{ __type(name: "FilterInput") { ' + "inputFields { type { " * 12 + "name" + " } }" * 12 + " } }",
        "{ ...f ...f } fragment f on Query { ...f }",
        "{ " + "__typename " * 1990 + "}",
        "{ analytics(metrics: [faturamento], filters: " + "{not: " * 60 + "{}" + "}" * 60 + ") { data } }",
        "{ analytics(metrics: [faturamento], limit: " + "9" * 5000 + ") { data } }",
    ],
    ids=["tokens", "fields", "lists", "introspection", "cycle", "overlap", "filters", "digits"],
)
def test_a_document_made_to_hurt_is_refused_with_a_code(service: Service, query: str) -> None:
    response = service.client.post("/graphql", json={"query": query})

    code = response.json()["errors"][0]["extensions"]["code"]
    assert code in {"LIMIT_EXCEEDED", "GRAPHQL_PARSE_FAILED", "GRAPHQL_VALIDATION_FAILED"}


@pytest.mark.parametrize("depth", [15, 40, 150, 200, 250, 300, 900])
def test_variables_nested_ever_deeper_are_never_an_internal_error(service: Service, depth: int) -> None:
    tree = '{"or": [{"channel": {"eq": "x"}}, {"and": [{"channel": {"ne": "y"}}, ' * depth
    query = "query($f: FilterInput) { analytics(metrics: [qtd_vendas], filters: $f) { data } }"
    body = f'{{"query": "{query}", "variables": {{"f": {tree} {{}} {"]}]}" * depth}}}}}'

    response = service.client.post("/graphql", content=body, headers=JSON)

    code = response.json()["errors"][0]["extensions"]["code"]
    assert code in {"LIMIT_EXCEEDED", "GRAPHQL_VALIDATION_FAILED", "BAD_REQUEST"}


def test_fragments_that_double_at_each_step_cost_nothing(service: Service) -> None:
    steps = "".join(f"fragment f{n} on Query {{ ...f{n + 1} ...f{n + 1} }} " for n in range(60))

    response = service.client.post(
        "/graphql", json={"query": f"{{ ...f0 ...f0 }} {steps} fragment f60 on Query {TYPENAME}"}
    )

    assert response.json() == {"data": {"__typename": "Query"}}
