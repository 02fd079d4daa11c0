"""GraphQL over HTTP, as clients of every kind send it."""

import json
from collections.abc import Iterator

import pytest
from starlette.types import Message

from tests.fakes import ANSWER, TOKEN, Service, running

MODERN = "application/graphql-response+json"
JSON = {"Content-Type": "application/json"}
TYPENAME = "{ __typename }"
QUESTION = "{ analytics(metrics: [faturamento], dimensions: [channel]) { data metadata { source } } }"
CLEAR = "mutation { clearCache { deleted } }"
SPY = "query($zone: String) { analytics(metrics: [faturamento], timezone: $zone) { data } }"

WRONG_TYPES = ["[]", '""', "0", "false", '"text"', "7", "true", "[1]"]


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    with running() as service:
        yield service


def test_a_question_is_posted_as_json(service: Service) -> None:
    response = service.client.post("/graphql", json={"query": QUESTION})

    assert response.status_code == 200
    assert response.headers["content-type"] == "application/json"
    rows = response.json()["data"]["analytics"]["data"]
    assert rows == [dict(zip(("channel", "faturamento"), row, strict=True)) for row in ANSWER.rows]


def test_answers_are_kept_by_no_cache_on_the_way(service: Service) -> None:
    response = service.client.post("/graphql", json={"query": TYPENAME})

    assert response.headers["cache-control"] == "no-store"
    assert response.headers["x-content-type-options"] == "nosniff"


def test_a_question_may_be_asked_by_get(service: Service) -> None:
    asked = {
        "query": "query A { __typename } query B($all: Boolean!) { b: __typename @include(if: $all) }",
        "operationName": "B",
        "variables": '{"all": true}',
    }

    response = service.client.get("/graphql", params=asked)

    assert (response.status_code, response.json()) == (200, {"data": {"b": "Query"}})


@pytest.mark.parametrize("accept", ["application/json", MODERN, "*/*"])
def test_a_mutation_by_get_is_refused_and_changes_nothing(accept: str) -> None:
    with running() as service:
        service.ask(QUESTION)
        headers = {"Accept": accept, "Authorization": f"Bearer {TOKEN}"}

        response = service.client.get("/graphql", params={"query": CLEAR}, headers=headers)

        assert response.status_code == 405
        assert response.headers["allow"] == "POST"
        assert response.json()["errors"][0]["extensions"]["code"] == "METHOD_NOT_ALLOWED"
        assert "clear" not in service.store.calls


def test_a_mutation_behind_a_query_is_refused_by_get_too(service: Service) -> None:
    asked = {"query": f"query A {TYPENAME} {CLEAR.replace('mutation', 'mutation B')}", "operationName": "B"}

    response = service.client.get("/graphql", params=asked)

    assert response.status_code == 405


@pytest.mark.parametrize("value", WRONG_TYPES)
@pytest.mark.parametrize("name", ["query", "variables", "operationName", "extensions"])
def test_a_parameter_of_the_wrong_type_is_a_400(service: Service, name: str, value: str) -> None:
    if name in {"query", "operationName"} and value == '"text"':
        return  # a string is the right type for these
    rest = "" if name == "query" else f', "query": "{TYPENAME}"'
    body = f'{{"{name}": {value}{rest}}}'

    response = service.client.post("/graphql", content=body, headers=JSON)

    if (name, value) == ("operationName", '""'):
        assert response.status_code == 200  # as some clients send it, when they mean none
    else:
        assert response.status_code == 400
        assert name in response.json()["errors"][0]["message"]


@pytest.mark.parametrize("name", ["variables", "extensions"])
@pytest.mark.parametrize("value", ["{", "[]", "7"])
def test_parameters_of_a_get_are_checked_alike(service: Service, name: str, value: str) -> None:
    response = service.client.get("/graphql", params={"query": TYPENAME, name: value})

    assert response.status_code == 400
    assert name in response.json()["errors"][0]["message"]


def test_null_and_empty_parameters_are_as_good_as_none(service: Service) -> None:
    body = {"query": TYPENAME, "variables": None, "operationName": None, "extensions": None}
    address = f"/graphql?query={TYPENAME}&variables=&operationName=&extensions="

    assert service.client.post("/graphql", json=body).status_code == 200
    assert service.client.get(address).status_code == 200


def test_a_get_without_a_query_says_what_to_do(service: Service) -> None:
    response = service.client.get("/graphql")

    assert response.status_code == 400
    assert "POST a JSON body" in response.json()["errors"][0]["message"]


@pytest.mark.parametrize(
    "kind",
    [
        "text/plain",
        "application/graphql",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/jsonp",
        "",
    ],
)
def test_only_json_is_read(service: Service, kind: str) -> None:
    """The others are what a page of another site may send without being asked first."""
    response = service.client.post("/graphql", content=b'{"query": "{a}"}', headers={"Content-Type": kind})

    assert response.status_code == 415
    assert response.json()["errors"][0]["extensions"]["code"] == "UNSUPPORTED_MEDIA_TYPE"


@pytest.mark.parametrize(
    "kind", ["application/json; charset=utf-8", "Application/JSON", "application/json ;x=y"]
)
def test_json_is_known_in_every_spelling(service: Service, kind: str) -> None:
    body = json.dumps({"query": TYPENAME}).encode()

    response = service.client.post("/graphql", content=body, headers={"Content-Type": kind})

    assert response.status_code == 200


@pytest.mark.parametrize("method", ["OPTIONS", "PUT", "PATCH", "DELETE", "TRACE", "BREW"])
def test_other_methods_are_told_which_there_are(service: Service, method: str) -> None:
    response = service.client.request(method, "/graphql")

    assert response.status_code == 405
    assert response.headers["allow"] == "GET, HEAD, POST"


@pytest.mark.parametrize("query", ["{", "{ nothing }", "query A { __typename } query B { __typename }"])
def test_what_cannot_be_executed_is_a_400_for_modern_clients_only(service: Service, query: str) -> None:
    body = {"query": query}

    modern = service.client.post("/graphql", json=body, headers={"Accept": MODERN})
    legacy = service.client.post("/graphql", json=body, headers={"Accept": "application/json"})

    assert (modern.status_code, legacy.status_code) == (400, 200)
    assert modern.headers["content-type"] == f"{MODERN}; charset=utf-8"
    assert modern.json() == legacy.json()
    assert "data" not in modern.json()


def test_what_fails_while_it_is_executed_is_a_200_with_null_data(service: Service) -> None:
    body = {"query": SPY, "variables": {"zone": "Moon/Tranquility"}}

    response = service.client.post("/graphql", json=body, headers={"Accept": MODERN})

    assert response.status_code == 200
    assert response.json()["data"] == {"analytics": None}
    assert response.json()["errors"][0]["path"] == ["analytics"]


def test_a_document_with_several_operations_needs_the_name_of_one(service: Service) -> None:
    body = {"query": "query A { a: __typename } query B { b: __typename }"}

    unnamed = service.client.post("/graphql", json=body).json()
    named = service.client.post("/graphql", json={**body, "operationName": "B"}).json()

    assert "operationName: A, B" in unnamed["errors"][0]["message"]
    assert named == {"data": {"b": "Query"}}


def test_a_body_over_the_limit_is_not_read(service: Service) -> None:
    response = service.client.post("/graphql", content=b" " * 65_537, headers=JSON)

    assert response.status_code == 413
    assert response.json()["errors"][0]["extensions"] == {"code": "LIMIT_EXCEEDED", "max": 65_536}


@pytest.mark.anyio
async def test_a_body_of_unknown_length_is_read_up_to_the_limit(service: Service) -> None:
    read = 0

    def endless() -> Iterator[bytes]:
        nonlocal read
        while True:
            read += 1
            yield b" " * 1000

    async def receive() -> Message:
        return {"type": "http.request", "body": next(pieces), "more_body": True}

    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    pieces = endless()
    scope = {"type": "http", "method": "POST", "path": "/graphql", "query_string": b""}
    headers = [(b"content-type", b"application/json"), (b"transfer-encoding", b"chunked")]
    await service.client.app({**scope, "headers": headers}, receive, send)

    assert sent[0]["status"] == 413
    assert read == 66


def test_a_body_of_just_the_limit_is_read(service: Service) -> None:
    body = json.dumps({"query": TYPENAME}).ljust(65_536).encode()

    assert service.client.post("/graphql", content=body, headers=JSON).status_code == 200


def test_a_browser_gets_the_page(service: Service) -> None:
    response = service.client.get("/graphql", headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"})

    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/html")
    assert "Servery" in response.text


def test_a_link_with_a_query_is_answered_in_a_browser_too(service: Service) -> None:
    response = service.client.get("/graphql", params={"query": TYPENAME}, headers={"Accept": "text/html"})

    assert response.json() == {"data": {"__typename": "Query"}}
