"""What the whole app tells of itself under /metrics and in cacheStats."""

import re

from tests.fakes import TOKEN, running

QUESTION = "{ analytics(metrics: [faturamento], dimensions: [channel]) { data metadata { cacheKey } } }"


def test_what_the_app_does_is_counted() -> None:
    with running(cheap_ms=0) as service:
        for _ in range(3):
            service.ask(QUESTION)
        service.ask("{ nothing }")
        service.ask("mutation { clearCache { deleted } }", token=TOKEN)
        text = service.client.get("/metrics").text

    for line in (
        'servery_requests_total{code="OK",status="200"} 4.0',
        'servery_requests_total{code="GRAPHQL_VALIDATION_FAILED",status="200"} 1.0',
        'servery_cache_hits_total{source="redis"} 2.0',
        'servery_cache_misses_total{reason="absent"} 1.0',
        "servery_cache_clears_total 1.0",
        "servery_sql_seconds_count 1.0",
        "servery_cache_memory_entries 1.0",
        "servery_processes 1.0",
    ):
        assert f"\n{line}\n" in text, line


def test_metrics_hold_no_secret() -> None:
    with running(cheap_ms=0) as service:
        key = service.ask(QUESTION)["data"]["analytics"]["metadata"]["cacheKey"]
        text = service.client.get("/metrics").text

    for secret in (key, TOKEN, "faturamento", "iFood", "127.0.0.1"):
        assert secret not in text
    assert re.search(r"^servery_", text, re.MULTILINE)


def test_metrics_may_be_turned_off() -> None:
    with running(metrics=False) as service:
        assert service.client.get("/metrics").status_code == 404
        assert service.ask(QUESTION)["data"]


def test_the_app_tells_its_figures_to_other_processes_and_takes_them_back() -> None:
    with running() as service:
        service.ask(QUESTION)
        assert service.ask("{ cacheStats { workers misses } }")["data"]["cacheStats"] == {
            "workers": 1,
            "misses": 1,
        }
        (topic,) = [each for each in service.store.noted if each.startswith("stats:")]
        assert service.store.noted[topic]

    assert not service.store.noted[topic]
