"""What browsers and caches on the way are told: how long, for whom, and whether they have it already."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from db.errors import Unavailable
from servery.app import Parts, create_app
from tests.fakes import (
    NOW,
    TOKEN,
    FakeDatabase,
    FencedStore,
    Service,
    restaurant,
    running,
    settings_of_tests,
)

CLEAR = "mutation { clearCache { deleted } }"
MODERN = "application/graphql-response+json"
ADMIN = {"Authorization": f"Bearer {TOKEN}"}
TWO_DAYS = "dateRange: {last: {n: 2, unit: DAY}}"
"""Until midnight in the example's zone, fifteen hours after the clock of the tests."""


def sales(arguments: str = "") -> str:
    return f"analytics(metrics: [faturamento], dimensions: [channel]{arguments}) {{ data }}"


QUESTION = f"{{ {sales()} }}"
VARIED = "query($zone: String) { " + sales(", timezone: $zone") + " }"


@pytest.fixture
def service() -> Iterator[Service]:
    with running() as service:
        yield service


def got(service: Service, query: str = QUESTION, method: str = "GET", **headers: Any) -> Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return service.client.request(method, "/graphql", params={"query": query}, headers=named)


def test_an_answer_may_be_kept_for_a_minute_and_shown_for_another(service: Service) -> None:
    assert got(service).headers["cache-control"] == "public, max-age=60, stale-while-revalidate=60"


def test_a_hit_may_be_kept_likewise(service: Service) -> None:
    got(service)

    assert got(service).headers["cache-control"] == "public, max-age=60, stale-while-revalidate=60"


def test_a_higher_cap_lets_an_answers_own_lifetime_show() -> None:
    with running(http_max_age_s=100_000) as service:
        told = got(service).headers["cache-control"]

    age, stale = (int(each.partition("=")[2]) for each in told.removeprefix("public, ").split(", "))
    assert 270 <= age <= 330
    assert stale in {59, 60}


def test_nothing_may_be_kept_past_the_day_that_it_speaks_of() -> None:
    with running(http_max_age_s=1_000_000, ttl_recent=1_000_000) as service:
        told = got(service, f"{{ {sales(', ' + TWO_DAYS)} }}").headers["cache-control"]

    assert told == "public, max-age=54000"


def test_with_a_cap_of_nothing_browsers_always_ask() -> None:
    with running(http_max_age_s=0) as service:
        answer = got(service)

        assert answer.headers["cache-control"] == "public, no-cache"
        assert got(service, if_none_match=answer.headers["etag"]).status_code == 304


def test_what_came_with_credentials_is_for_their_owner_alone(service: Service) -> None:
    for token in (TOKEN, "anybody's"):
        told = got(service, Authorization=f"Bearer {token}").headers["cache-control"]

        assert told.startswith("private, ")


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_what_an_answer_depends_on_besides_its_address_is_told(service: Service, method: str) -> None:
    answer = service.client.request(method, "/graphql", params={"query": QUESTION}, json={"query": QUESTION})

    assert answer.headers["vary"] == "Accept, Accept-Encoding, Authorization"


@pytest.mark.parametrize(
    "query",
    [
        "{ analytics(metrics: [fatura]) { data } }",
        "{ nothing }",
        "{ cacheStats { hits } }",
        "{ __typename }",
        f"{{ {sales()} cacheStats {{ hits }} }}",
        f"{{ {sales()} __typename }}",
        f"{{ {sales()} b: {sales(', timezone: ' + chr(34) + 'Moon/Sea' + chr(34))} }}",
        f"{{ {sales(', cache: REFRESH')} }}",
        f"{{ {sales(', cache: BYPASS')} }}",
        f"{{ {sales()} b: {sales(', limit: 5, cache: REFRESH')} }}",
    ],
)
def test_what_is_not_all_good_answers_is_kept_by_nobody(service: Service, query: str) -> None:
    answer = got(service, query, **ADMIN)

    assert answer.headers["cache-control"] == "no-store"
    assert "etag" not in answer.headers


def test_several_answers_are_kept_as_one(service: Service) -> None:
    answer = got(service, f"{{ {sales()} b: {sales(', limit: 1')} }}")

    assert answer.headers["cache-control"].startswith("public, max-age=")
    assert "etag" in answer.headers


def test_an_age_that_was_asked_for_holds_for_others_too(service: Service) -> None:
    assert got(service, f"{{ {sales(', maxAge: 7')} }}").headers["cache-control"] == "public, max-age=7"
    assert got(service, f"{{ {sales(', maxAge: 0')} }}").headers["cache-control"] == "public, no-cache"


def test_what_a_client_has_is_not_sent_again(service: Service) -> None:
    first = got(service)

    second = got(service, if_none_match=first.headers["etag"])

    assert (second.status_code, second.content) == (304, b"")
    for name in ("etag", "cache-control", "vary"):
        assert second.headers[name] == first.headers[name]
    assert "content-type" not in second.headers


def test_what_was_loaded_anew_is_sent() -> None:
    instants = [NOW]
    parts = Parts(FakeDatabase(), FencedStore(), now=lambda: instants[-1])
    app = create_app(settings_of_tests(), restaurant(), parts=parts)
    with TestClient(app) as client:
        first = client.get("/graphql", params={"query": QUESTION})
        client.post("/graphql", json={"query": CLEAR}, headers=ADMIN)
        instants.append(NOW + timedelta(microseconds=1))
        headers = {"If-None-Match": first.headers["etag"]}
        second = client.get("/graphql", params={"query": QUESTION}, headers=headers)

    assert second.status_code == 200
    assert second.headers["etag"] != first.headers["etag"]


def test_each_form_and_each_value_has_a_tag_of_its_own(service: Service) -> None:
    def tag(zone: str, accept: str = "*/*") -> str:
        params = {"query": VARIED, "variables": f'{{"zone": "{zone}"}}'}
        answer = service.client.get("/graphql", params=params, headers={"Accept": accept})
        return str(answer.headers["etag"])

    assert len({tag("UTC"), tag("America/Sao_Paulo"), tag("UTC", MODERN)}) == 3
    assert tag("UTC") == tag("UTC")


def test_a_post_is_kept_by_nobody_whatever_it_has(service: Service) -> None:
    etag = got(service).headers["etag"]

    answer = service.client.post("/graphql", json={"query": QUESTION}, headers={"If-None-Match": etag})

    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert "etag" not in answer.headers


def test_a_head_is_a_get_without_its_body(service: Service) -> None:
    got(service)
    whole, head = got(service), got(service, method="HEAD")

    assert (head.status_code, head.content) == (200, b"")
    assert dict(head.headers) == dict(whole.headers)
    assert got(service, method="HEAD", if_none_match=head.headers["etag"]).status_code == 304


def test_a_head_changes_nothing(service: Service) -> None:
    assert got(service, "mutation { clearCache { deleted } }", method="HEAD", **ADMIN).status_code == 405
    assert "clear" not in service.store.calls


def test_the_page_is_asked_for_by_head_too(service: Service) -> None:
    answer = service.client.head("/graphql", headers={"Accept": "text/html"})

    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")


def test_an_answer_for_the_case_that_the_database_fails_is_kept_by_nobody() -> None:
    database = FakeDatabase()
    with running(database=database) as service:
        got(service)
        service.ask("mutation { clearCache(mode: EXPIRE) { deleted } }", token=TOKEN)
        database.error = Unavailable(detail="")

        answer = got(service)

    assert answer.json()["data"]["analytics"]["data"]
    assert answer.headers["cache-control"] == "no-store"
    assert "etag" not in answer.headers
