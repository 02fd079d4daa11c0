"""/metrics as a whole: over HTTP, every one documented, and no word of anybody's."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.testclient import TestClient

from cache import Cache, Mode
from model.viewer import ANONYMOUS
from resolvers.admin import Admin
from resolvers.analytics import Analytics
from resolvers.rules import Rules
from schema.build import Schema
from schema.context import Services
from servery.endpoint import GraphQLEndpoint
from servery.metrics import Metrics, metrics_handler
from servery.observe import report_internal
from servery.pages import graphiql_page
from servery.transport.rules import HttpRules
from tests.cache.fakes import FakeStore, key
from tests.fakes import HOUSE, NOW, FakeDatabase, restaurant
from tests.servery.scraping import LIFETIME, Watched, families, value

pytestmark = pytest.mark.anyio

ROW = re.compile(r"^\| `(servery_\w+)` \| (\w+) \|(.*?)\| ", re.MULTILINE)
QUESTION = "{ analytics(metrics: [faturamento], dimensions: [channel]) { data } }"


@contextmanager
def served(metrics: Metrics) -> Iterator[TestClient]:
    cache = Cache(FakeStore())
    analytics = Analytics(restaurant(), FakeDatabase(), cache, lambda: NOW, Rules())
    endpoint = GraphQLEndpoint(
        schema=Schema(restaurant(), report_internal),
        services=Services(analytics, Admin(cache, analytics)),
        viewer=lambda _header: ANONYMOUS,
        page=lambda _request: graphiql_page(""),
        rules=HttpRules(max_body_bytes=1_000),
        counted=metrics.requested,
    )
    metrics.watch(cache)
    routes = [Route("/graphql", endpoint), Route("/metrics", metrics_handler(metrics))]
    with TestClient(Starlette(routes=routes)) as client:
        yield client


def test_requests_are_counted_by_status_and_code() -> None:
    metrics, modern = Metrics(), {"Accept": "application/graphql-response+json"}
    with served(metrics) as client:
        for query in (QUESTION, QUESTION, "{ analytics(metrics: [fatura]) { data } }", "{"):
            client.post("/graphql", json={"query": query}, headers=modern)
        client.post("/graphql", content="x" * 2_000, headers={"Content-Type": "application/json"})
        client.put("/graphql")

    counted = {
        (each.labels["status"], each.labels["code"]): each.value
        for each in families(metrics)["servery_requests"].samples
    }
    assert counted == {
        ("200", "OK"): 2,
        ("400", "UNKNOWN_METRIC"): 1,
        ("400", "GRAPHQL_PARSE_FAILED"): 1,
        ("413", "LIMIT_EXCEEDED"): 1,
        ("405", "METHOD_NOT_ALLOWED"): 1,
    }


def test_metrics_are_asked_by_get_and_kept_by_nobody() -> None:
    metrics = Metrics()
    with served(metrics) as client:
        got, posted = client.get("/metrics"), client.post("/metrics")

    assert got.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert got.headers["cache-control"] == "no-store"
    assert posted.status_code == 405
    assert list(text_string_to_metric_families(got.text))


async def test_who_asks_is_shown_what_is_now() -> None:
    watched = Watched(tracks=True)
    await watched.answer()

    with TestClient(Starlette(routes=[Route("/metrics", metrics_handler(watched.metrics))])) as client:
        text = client.get("/metrics").text

    assert "\nservery_cache_memory_entries 1.0\n" in text


def test_two_apps_of_one_process_count_apart() -> None:
    one, other = Metrics(), Metrics()

    one.requested(200, "OK")

    assert value(one, "servery_requests_total", status="200", code="OK") == 1
    assert not families(other)["servery_requests"].samples


def documented() -> dict[str, tuple[str, set[str]]]:
    text = (HOUSE / "docs" / "metrics.md").read_text("utf-8")
    return {
        name: (kind, set(re.findall(r"`(\w+)`", labels.partition(":")[0])))
        for name, kind, labels in ROW.findall(text)
    }


def test_every_metric_is_documented_with_its_type_and_labels() -> None:
    metrics = Metrics()
    metrics.requested(200, "OK")

    told = {
        f"{family.name}_total" if family.type == "counter" else family.name: (
            family.type,
            {label for sample in family.samples for label in sample.labels} - {"le"},
        )
        for family in families(metrics).values()
    }

    assert documented() == told


def test_every_word_to_count_by_is_there_from_the_start() -> None:
    found = families(Metrics())

    reasons = {each.labels["reason"] for each in found["servery_cache_misses"].samples}
    assert reasons == {
        *("absent", "expired", "invalidated", "store_down"),
        *("too_big", "too_old", "damaged", "refreshed"),
    }
    assert {each.labels["source"] for each in found["servery_cache_hits"].samples} == {
        *("memory", "redis", "stale"),
    }


def test_names_follow_the_conventions() -> None:
    for family in families(Metrics()).values():
        assert re.fullmatch(r"servery(_[a-z]+)+", family.name)
        assert family.type != "histogram" or family.name.endswith("_seconds")
        assert family.documentation.endswith(".")


def of_labels(metrics: Metrics) -> set[str]:
    return {
        text
        for family in families(metrics).values()
        for sample in family.samples
        for name, text in sample.labels.items()
        if name != "le"
    }


async def test_no_label_holds_a_word_of_anybody() -> None:
    watched = Watched()
    secret = key(1, tenant="acme-hunter2")
    await watched.cache.get_or_load(secret, watched.load, tags=("customer:hunter2",), lifetime=LIFETIME)
    await watched.cache.invalidate(["customer:hunter2"], Mode.PURGE)
    await watched.cache.clear("analytics:query:hunter2*")
    with served(watched.metrics) as client:
        client.post("/graphql", json={"query": "{ analytics(metrics: [hunter2]) { data } }"})

    assert of_labels(watched.metrics) - of_labels(Metrics()) <= {"200", "OK", "UNKNOWN_METRIC"}
    assert b"hunter2" not in watched.metrics.exposition()
