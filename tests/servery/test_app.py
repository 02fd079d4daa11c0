"""The wiring: what is there at which address, and what happens at the start and at the end."""

import pytest

from model.load import model_of_text
from model.viewer import ADMIN
from servery.app import create_app
from servery.auth import Tokens
from servery.derived import pool_settings
from tests.cache.fakes import FakeStore
from tests.fakes import FakeDatabase, restaurant, running, settings_of_tests

QUESTION = (
    "{ analytics(metrics: [faturamento], dimensions: [channel]) { data metadata { fromCache source } } }"
)
TINY = model_of_text("""
timezone: UTC
tables:
  cats:
    key: id
    dimensions: {name: {type: string}}
    metrics: {cats_seen: {type: count}}
""")


def test_making_the_app_touches_no_server() -> None:
    unreachable = {"database_url": "postgresql://127.0.0.1:1/x", "redis_url": "redis://127.0.0.1:1"}

    app = create_app(settings_of_tests(**unreachable), restaurant())

    assert app.routes


def test_the_first_page_is_graphiql() -> None:
    with running() as service:
        response = service.client.get("/", headers={"Accept": "text/html"})

    assert response.url.path == "/graphql"
    assert response.status_code == 200


@pytest.mark.parametrize("path", ["/docs", "/redoc", "/openapi.json", "/nothing", "/graphql/x"])
def test_there_is_nothing_else(path: str) -> None:
    with running() as service:
        response = service.client.get(path)

    assert response.status_code == 404


def test_the_page_opens_on_a_question_of_the_model_that_is_served() -> None:
    with running(TINY) as service:
        page = service.client.get("/graphql", headers={"Accept": "text/html"}).text

    assert "cats_seen" in page
    assert "faturamento" not in page


def test_the_second_answer_comes_from_the_cache_with_the_same_rows() -> None:
    with running() as service:
        first, second = service.ask(QUESTION)["data"]["analytics"], service.ask(QUESTION)["data"]["analytics"]

        assert len(service.database.statements) == 1
    assert first["data"] == second["data"]
    assert first["metadata"] == {"fromCache": False, "source": "DATABASE"}
    assert second["metadata"] == {"fromCache": True, "source": "REDIS"}


def test_a_relative_range_is_resolved_by_the_clock_of_the_app() -> None:
    query = "{ analytics(metrics: [faturamento], dimensions: [channel], dateRange: {last: {n: 2, unit: DAY}})"
    with running() as service:
        answer = service.ask(f"{query} {{ metadata {{ dateRange {{ startDate endDate }} }} }} }}")

    found = answer["data"]["analytics"]["metadata"]["dateRange"]
    assert found == {"startDate": "2026-03-13", "endDate": "2026-03-14"}


def test_limits_come_from_the_settings() -> None:
    query = "{ analytics(metrics: [faturamento], dimensions: [channel]%s) { data metadata { truncated } } }"
    with running(default_limit=1, max_limit=2) as service:
        default = service.ask(query % "")["data"]["analytics"]
        most = service.ask(query % ", limit: 2")["data"]["analytics"]
        over = service.ask(query % ", limit: 3")

    assert (len(default["data"]), default["metadata"]["truncated"]) == (1, True)
    assert (len(most["data"]), most["metadata"]["truncated"]) == (2, False)
    assert over["errors"][0]["extensions"] == {"code": "LIMIT_EXCEEDED", "max": 2, "asked": 3}


def test_keys_begin_with_the_prefix_of_the_settings() -> None:
    with running(cache_prefix="team_a") as service:
        service.ask(QUESTION)

        assert [name.partition(":")[0] for name in service.store.kept] == ["team_a"]


def test_the_end_closes_the_cache_and_the_database() -> None:
    database, store = FakeDatabase(), FakeStore()

    with running(database=database, store=store) as service:
        service.ask(QUESTION)
        assert not database.closed

    assert database.closed
    assert store.closed


def test_an_app_may_be_given_its_tokens() -> None:
    tokens = Tokens(None)
    app = create_app(settings_of_tests(), restaurant(), tokens)

    assert app.title == "Servery"
    assert ADMIN in tokens.viewer(f"Bearer {tokens.admin}").roles


def test_a_pool_is_never_smaller_than_its_floor() -> None:
    pool = pool_settings(settings_of_tests(pool_min_size=8, pool_max_size=3))

    assert (pool.min_size, pool.max_size) == (3, 3)
