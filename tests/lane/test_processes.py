"""The lane in real processes over one Valkey: what one of them clears, no other shows."""

import json
from collections.abc import Mapping
from contextlib import ExitStack
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Self

import httpx2
import pytest
import redis

from servery.embedded.port import free_port
from tests.fakes import TOKEN
from tests.process import Service

pytestmark = pytest.mark.integration

QUESTION = (
    "{ analytics(metrics: [faturamento], dimensions: [store]) { data metadata { source asOf cacheKey } } }"
)
BODY = json.dumps({"query": QUESTION}).encode()
CLEARS = (
    "mutation { clearCache { deleted } }",
    'mutation { clearCache(tags: ["table:sales"], mode: EXPIRE) { tags } }',
    "mutation { deleteCacheKey(metrics: [faturamento], dimensions: [store]) { deleted } }",
)


LEASE_S = 1.5
"""Within that a process that hears nothing of the store does not trust its memory any more, and a bit."""


def as_of(told: Mapping[str, Any]) -> datetime:
    return datetime.fromisoformat(told["metadata"]["asOf"])


def is_other(caller: "Caller", before: Mapping[str, Any]) -> bool:
    return as_of(caller()) != as_of(before)


def looks(server: redis.Redis) -> int:
    """How often anybody asked for an answer."""
    stats: Any = server.info("commandstats")
    return sum(stats.get(f"cmdstat_{name}", {}).get("calls", 0) for name in ("get", "mget"))


class Caller:
    """Sends the very same bytes each time, over one connection: then the lane knows them."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._client = httpx2.Client(
            base_url=service.url, timeout=20, trust_env=False, headers={"Content-Type": "application/json"}
        )

    def __call__(self) -> Mapping[str, Any]:
        told: Mapping[str, Any] = self._client.post("/graphql", content=BODY).json()["data"]["analytics"]
        return told

    def until_the_lane_answers(self) -> Mapping[str, Any]:
        """Memory is trusted once the process has heard of the store; the third hit is the lane's."""
        self._service.until(lambda: self()["metadata"]["source"] == "MEMORY")
        self()
        return self()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()


def started(stack: ExitStack, folder: Path, urls: tuple[str, str], **environment: str) -> list[Service]:
    """Two services over the same servers."""
    logs = (folder / f"{number}.log" for number in range(2))
    return [stack.enter_context(Service(log, free_port(), *urls, **environment)) for log in logs]


def test_what_one_process_clears_the_lane_of_another_shows_no_more(
    restaurant_url: str, redis_url: str, tmp_path: Path
) -> None:
    with ExitStack() as stack:
        clearing, showing = started(stack, tmp_path, (restaurant_url, redis_url))
        caller = stack.enter_context(Caller(showing))
        for clear in CLEARS * 3:
            before = caller.until_the_lane_answers()

            clearing.ask(clear, token=TOKEN)
            # Its push takes a millisecond or so; without one memory is not trusted for longer than its lease.
            showing.until(partial(is_other, caller, before), LEASE_S)

            after = caller()
            assert as_of(after) > as_of(before)
            assert after["data"] == before["data"]


def test_without_memory_the_lane_asks_redis_each_time_and_a_clear_holds_at_once(
    restaurant_url: str, redis_url: str, tmp_path: Path
) -> None:
    with ExitStack() as stack:
        clearing, showing = started(stack, tmp_path, (restaurant_url, redis_url), SERVERY_MEMORY_BYTES="0")
        caller = stack.enter_context(Caller(showing))
        server = stack.enter_context(redis.Redis.from_url(redis_url))
        for clear in CLEARS * 5:
            before = [caller() for _ in range(4)]
            asked = looks(server)
            hits = [caller() for _ in range(20)]

            assert {each["metadata"]["source"] for each in (*before[1:], *hits)} == {"REDIS"}
            assert looks(server) - asked >= len(hits)

            clearing.ask(clear, token=TOKEN)
            after = caller()
            assert after["metadata"]["source"] == "DATABASE"
            assert as_of(after) > as_of(hits[-1])
