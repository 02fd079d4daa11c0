"""What a balancer and an operator see."""

import pytest

from db.errors import DatabaseError, Overloaded, QueryTimeout, Unavailable
from tests.cache.fakes import FakeStore
from tests.fakes import FakeDatabase, running

SECRET = "postgresql://owner:hunter2@db"


def test_a_service_that_runs_is_live_whatever_is_down() -> None:
    with running(database=FakeDatabase(error=Unavailable()), store=FakeStore(down=True)) as service:
        response = service.client.get("/health/live")

    assert (response.status_code, response.json()) == (200, {"status": "live"})


def test_with_everything_up_it_is_ready() -> None:
    with running() as service:
        response = service.client.get("/health/ready")

    assert (response.status_code, response.json()) == (
        200,
        {"status": "ready", "postgresql": "up", "redis": "up"},
    )


def test_without_redis_it_is_ready_and_says_so() -> None:
    with running(store=FakeStore(down=True)) as service:
        response = service.client.get("/health/ready")

    assert (response.status_code, response.json()["status"], response.json()["redis"]) == (
        200,
        "ready",
        "down",
    )


@pytest.mark.parametrize(
    "error", [Unavailable(detail=SECRET), QueryTimeout(5, detail=SECRET), DatabaseError()]
)
def test_without_postgresql_it_is_not_ready(error: DatabaseError) -> None:
    with running(database=FakeDatabase(error=error)) as service:
        response = service.client.get("/health/ready")

    assert response.status_code == 503
    assert response.json() == {"status": "not ready", "postgresql": "down", "redis": "up"}
    assert SECRET not in response.text


def test_a_busy_postgresql_is_no_reason_to_send_callers_elsewhere() -> None:
    with running(database=FakeDatabase(error=Overloaded(1000))) as service:
        response = service.client.get("/health/ready")

    assert (response.status_code, response.json()["postgresql"]) == (200, "busy")


@pytest.mark.parametrize("path", ["/health/live", "/health/ready"])
def test_health_is_asked_by_get_and_kept_by_nobody(path: str) -> None:
    with running() as service:
        got, posted = service.client.get(path), service.client.post(path)

    assert got.headers["cache-control"] == "no-store"
    assert posted.status_code == 405
