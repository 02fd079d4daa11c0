"""Several workers under one port: whichever is asked tells the figures of all."""

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx2
import psutil

from resolvers.shared_figures import EVERY_S
from servery.embedded.port import free_port
from servery.embedded.postgres import EmbeddedPostgres
from servery.embedded.valkey import EmbeddedValkey
from tests.process import Service, question

STATS = "{ cacheStats { workers latencies { operation count } } }"
ANSWERED = {"MEMORY_HIT", "REDIS_HIT", "STALE_HIT", "JOINED", "LOADED"}
QUESTIONS = 60
WITHIN_S = 60
REQUESTS = 'servery_requests_total{code="OK",status="200"}'


def ask_on_a_connection_of_its_own(service: Service, number: int) -> None:
    body = {"query": question(number % 5 + 61)}
    with httpx2.Client(base_url=service.url, timeout=20, trust_env=False) as client:
        assert "errors" not in client.post("/graphql", json=body).json()


def metrics(service: Service) -> dict[str, float]:
    text = httpx2.get(f"{service.url}/metrics", timeout=20, trust_env=False).text
    lines = [line.rpartition(" ") for line in text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in lines}


def settled(service: Service) -> float:
    """How many requests were answered well, once every worker has told: it does at each beat."""
    time.sleep(EVERY_S + 1)
    return metrics(service).get(REQUESTS, 0.0)


def workers(service: Service) -> list[psutil.Process]:
    return [each for each in service.family() if "spawn_main" in command_of(each)]


def command_of(process: psutil.Process) -> str:
    """Nothing, when it ends just now."""
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""


def folders(own: Path) -> set[Path]:
    """Those that the service makes in its folder for temporary files, and has not removed."""
    return set(own.glob("servery-metrics-*"))


def test_the_figures_are_of_all_workers_also_of_one_that_died(
    folder: Path, postgres: EmbeddedPostgres, valkey: EmbeddedValkey
) -> None:
    own = folder / "temporary"
    own.mkdir()
    options = ("--workers", "2")
    with Service(
        folder / "workers.log", free_port(), postgres.url, valkey.url, *options, TMPDIR=str(own)
    ) as service:
        assert len(folders(own)) == 1
        service.until(lambda: service.ask(STATS)["cacheStats"]["workers"] == 2, WITHIN_S)
        asked = settled(service)
        with ThreadPoolExecutor(8) as callers:
            list(
                callers.map(lambda number: ask_on_a_connection_of_its_own(service, number), range(QUESTIONS))
            )

        assert settled(service) == asked + QUESTIONS
        counted = metrics(service)
        assert counted["servery_processes"] == 2
        answered = sum(
            value
            for name, value in counted.items()
            if name.startswith("servery_cache_question_seconds_count")
        )
        assert answered == QUESTIONS
        service.until(lambda: total(service) == QUESTIONS, WITHIN_S)

        victim = workers(service)[0]
        victim.kill()
        victim.wait(WITHIN_S)
        service.until(lambda: len(workers(service)) == 2, WITHIN_S)
        service.until(service.is_ready, WITHIN_S)
        assert metrics(service)[REQUESTS] >= asked + QUESTIONS

    assert folders(own) == set()


def total(service: Service) -> int:
    """Questions of all workers, as whichever answers knows them."""
    took = service.ask(STATS)["cacheStats"]["latencies"]
    return sum(each["count"] for each in took if each["operation"] in ANSWERED)
