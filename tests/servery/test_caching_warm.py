"""`servery cache warm` over real servers: what it warms is what the service looks for."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from rich.console import Console
from starlette.testclient import TestClient

from resolvers.warm import Origin
from servery.app import create_app
from servery.caching.desk import DONE, NOT_DONE
from servery.caching.warm import run_warm
from servery.settings import Settings
from tests.fakes import RESTAURANT, TOKEN, settings_of_tests

pytestmark = pytest.mark.integration

CHANNELS = "metrics: [faturamento], dimensions: [channel]"
STORES = 'metrics: [qtd_vendas], dimensions: [store], filters: {channel: {eq: "iFood"}}, limit: 3'


@dataclass(frozen=True, slots=True)
class Told:
    code: int
    out: str
    err: str


def warm(settings: Settings, *origins: Origin, top: int = 20, terminal: bool = False) -> Told:
    out, err = StringIO(), StringIO()
    work = run_warm(
        settings,
        Console(file=out, width=200),
        Console(file=err, width=200, force_terminal=terminal),
        top=top,
        sources=origins or tuple(Origin),
        refresh=False,
    )
    return Told(asyncio.run(work), out.getvalue(), err.getvalue())


@dataclass(frozen=True, slots=True)
class Client:
    """Somebody who asks the service."""

    http: TestClient

    def post(self, query: str, **headers: str) -> dict[str, Any]:
        answer: dict[str, Any] = self.http.post("/graphql", json={"query": query}, headers=headers).json()
        assert "errors" not in answer, answer
        return answer["data"]  # type: ignore[no-any-return]

    def metadata(self, arguments: str) -> dict[str, Any]:
        found: dict[str, Any] = self.post(
            f"{{ analytics({arguments}) {{ data metadata {{ fromCache source cacheKey }} }} }}"
        )["analytics"]["metadata"]
        return found


@contextmanager
def service(settings: Settings) -> Iterator[Client]:
    with TestClient(create_app(settings)) as http:
        yield Client(http)


@pytest.fixture
def settings(restaurant_url: str, redis_url: str, tmp_path: Path) -> Settings:
    return settings_over(restaurant_url, redis_url, tmp_path)


def settings_over(database_url: str, redis_url: str, folder: Path, *listed: str) -> Settings:
    """Of the example, whose model lists these questions."""
    model = folder / "model.yml"
    text = RESTAURANT.read_text("utf-8")
    lines = "".join(f"  - '{each}'\n" for each in listed)
    model.write_text(f"{text}\nwarm:\n{lines}" if listed else text, "utf-8")
    urls = {"database_url": SecretStr(database_url), "redis_url": SecretStr(redis_url)}
    return settings_of_tests(model=model, **urls)


def test_the_first_who_asks_what_was_warmed_gets_it_out_of_redis(
    restaurant_url: str, redis_url: str, tmp_path: Path
) -> None:
    settings = settings_over(restaurant_url, redis_url, tmp_path, CHANNELS, STORES)
    first, second = warm(settings), warm(settings)
    with service(settings) as client:
        sources = [client.metadata(each)["source"] for each in (CHANNELS, STORES)]

    assert (first.code, second.code, sources) == (DONE, DONE, ["REDIS", "REDIS"])
    assert first.out.endswith("2 loaded, 0 there already, 0 failed\n")
    assert second.out.endswith("0 loaded, 2 there already, 0 failed\n")
    assert f"ms  {STORES}\n" in first.out
    assert "DATABASE" in first.out
    assert first.err == ""


def test_what_a_service_was_asked_is_warmed_after_it_has_stopped(settings: Settings) -> None:
    with service(settings) as client:
        asked = client.metadata(STORES)
        client.post("mutation { clearCache { deleted } }", Authorization=f"Bearer {TOKEN}")
    told = warm(settings, Origin.TRAFFIC)
    with service(settings) as client:
        again = client.metadata(STORES)

    assert (told.code, again["source"], again["cacheKey"]) == (DONE, "REDIS", asked["cacheKey"])
    assert "1 loaded, 0 there already, 0 failed" in told.out


def test_a_question_that_fails_is_told_and_the_others_are_warmed(
    restaurant_url: str, redis_url: str, tmp_path: Path
) -> None:
    told = warm(settings_over(restaurant_url, redis_url, tmp_path, "metrics: [fatura]", CHANNELS))

    assert told.code == NOT_DONE
    assert "UNKNOWN_METRIC: There is no metric called 'fatura'." in told.out
    assert told.out.endswith("1 loaded, 0 there already, 1 failed\n")


def test_with_nothing_to_warm_it_says_so(settings: Settings) -> None:
    told = warm(settings)

    assert (told.code, told.err) == (DONE, "")
    assert told.out.startswith("There is nothing to warm: the model lists no question")


def test_without_redis_it_warms_nothing(restaurant_url: str, tmp_path: Path) -> None:
    told = warm(settings_over(restaurant_url, "redis://127.0.0.1:1/0", tmp_path, CHANNELS))

    assert (told.code, told.out) == (NOT_DONE, "")
    assert told.err.startswith("servery: Redis at 127.0.0.1:1 cannot be asked: ")


def test_an_order_that_is_refused_ends_with_its_sentence(settings: Settings) -> None:
    told = warm(settings, top=-1)

    assert (told.code, told.out) == (NOT_DONE, "")
    assert told.err == "servery: LIMIT_EXCEEDED: top is -1, and lies between 0 and 1000.\n"


def test_at_a_terminal_a_bar_shows_how_far_it_is(restaurant_url: str, redis_url: str, tmp_path: Path) -> None:
    settings = settings_over(restaurant_url, redis_url, tmp_path, CHANNELS, STORES)

    assert "2/2" in warm(settings, terminal=True).err
