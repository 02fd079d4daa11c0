"""Documents that are asked by their name, as Apollo's clients and browsers ask them."""

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from httpx2 import Response

from tests.fakes import TOKEN, Service, running

QUESTION = "{ analytics(metrics: [faturamento], dimensions: [channel]) { data } }"
OTHER = "{ __typename }"
CLEAR = "mutation { clearCache { deleted } }"
ADMIN = {"Authorization": f"Bearer {TOKEN}"}
MODERN = "application/graphql-response+json"


def hashed(document: str) -> dict[str, Any]:
    found = sha256(document.encode()).hexdigest()
    return {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": found}}}


def got(service: Service, document: str, **given: str) -> Response:
    params = {"extensions": json.dumps(hashed(document)["extensions"]), **given}
    return service.client.get("/graphql", params=params)


def posted(service: Service, body: dict[str, Any], headers: dict[str, str] | None = None) -> Response:
    return service.client.post("/graphql", json=body, headers=headers or {})


def code(answer: Response) -> str:
    return str(answer.json()["errors"][0]["extensions"]["code"])


@pytest.fixture
def trusted(tmp_path: Path) -> Path:
    file = tmp_path / "trusted.json"
    file.write_text(json.dumps({sha256(QUESTION.encode()).hexdigest(): QUESTION, "clear": CLEAR}))
    return file


@pytest.mark.parametrize("accept", ["*/*", MODERN])
def test_a_client_that_sends_a_hash_is_told_to_send_the_document_once(accept: str) -> None:
    with running() as service:
        headers = {"Accept": accept}
        unknown = posted(service, hashed(QUESTION), headers)
        taught = posted(service, {"query": QUESTION, **hashed(QUESTION)}, headers)
        known = posted(service, hashed(QUESTION), headers)

    assert (unknown.status_code, code(unknown)) == (200, "PERSISTED_QUERY_NOT_FOUND")
    assert unknown.json()["errors"][0]["message"] == "PersistedQueryNotFound"
    assert unknown.headers["cache-control"] == "no-store"
    assert taught.json() == known.json()
    assert known.json()["data"]["analytics"]["data"]


def test_an_address_with_a_hash_is_short_and_may_be_kept() -> None:
    with running() as service:
        taught = got(service, QUESTION, query=QUESTION)
        known = got(service, QUESTION)

    assert taught.content == known.content
    assert known.headers["cache-control"].startswith("public, max-age=")
    assert known.headers["etag"] == taught.headers["etag"]


@pytest.mark.parametrize("broken", ["{", "{ nothing }", "query A { __typename } query B { __typename }"])
def test_a_document_that_nobody_can_ask_is_not_learnt(broken: str) -> None:
    with running() as service:
        posted(service, {"query": broken, **hashed(broken)})

        assert code(posted(service, hashed(broken))) == "PERSISTED_QUERY_NOT_FOUND"


def test_a_mutation_by_its_hash_needs_a_post_all_the_same() -> None:
    with running() as service:
        posted(service, {"query": CLEAR, **hashed(CLEAR)}, ADMIN)
        assert posted(service, hashed(CLEAR), ADMIN).json()["data"]["clearCache"]

        assert got(service, CLEAR).status_code == 405


def test_a_trusted_document_is_answered_by_its_id(trusted: Path) -> None:
    name = f"sha256:{sha256(QUESTION.encode()).hexdigest()}"
    with running(trusted_documents=trusted) as service:
        by_post = posted(service, {"documentId": name})
        by_get = service.client.get("/graphql", params={"documentId": name})

    assert by_post.json()["data"] == by_get.json()["data"]
    assert by_get.headers["cache-control"].startswith("public, max-age=")


def test_a_browser_that_asks_by_name_is_answered_and_not_shown_the_page(trusted: Path) -> None:
    with running(trusted_documents=trusted) as service:
        params, headers = {"documentId": sha256(QUESTION.encode()).hexdigest()}, {"Accept": "text/html"}
        answer = service.client.get("/graphql", params=params, headers=headers)

    assert "data" in answer.json()


def test_where_only_trusted_documents_are_answered_others_are_refused_but_to_administrators(
    trusted: Path,
) -> None:
    with running(trusted_documents=trusted, trusted_only=True) as service:
        refused = posted(service, {"query": OTHER})
        by_admin = posted(service, {"query": OTHER, **hashed(OTHER)}, ADMIN)
        by_hash = posted(service, hashed(OTHER))
        taken = posted(service, hashed(QUESTION))

    assert (refused.status_code, code(refused)) == (403, "DOCUMENT_NOT_TRUSTED")
    assert by_admin.json() == {"data": {"__typename": "Query"}}
    assert (by_hash.status_code, code(by_hash)) == (403, "DOCUMENT_NOT_TRUSTED")
    assert taken.json()["data"]["analytics"]["data"]


def test_being_trusted_makes_nobody_an_administrator(trusted: Path) -> None:
    with running(trusted_documents=trusted, trusted_only=True) as service:
        assert code(posted(service, {"documentId": "clear"})) == "UNAUTHENTICATED"
