"""The whole service as a process, over a real PostgreSQL and a real Valkey that are mistreated meanwhile."""

import asyncio
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import redis

from servery.embedded.port import free_port
from servery.embedded.postgres import EmbeddedPostgres
from servery.embedded.valkey import EmbeddedValkey
from tests.db.eventually import eventually
from tests.fakes import TOKEN
from tests.mistreat import all_are_connected, frozen, locked_sales, until_one_waits, waiting
from tests.process import CACHED, HASTY, Service, question, source

pytestmark = pytest.mark.anyio

JANUARY = 'dateRange: {startDate: "2026-01-01", endDate: "2026-01-31"}'
ARGUMENTS = (
    "metrics: [faturamento, ticket_medio], dimensions: [channel], "
    f"filters: {{channel_id: {{in: [2, 3]}}}}, {JANUARY}"
)
QUESTION = f"{{ analytics({ARGUMENTS}) {{ data metadata {{ fromCache source ageMs cacheKey }} }} }}"
STATS = "{ cacheStats { status hits misses flightsJoined totalKeys } }"
CLEAR = "mutation { clearCache { deleted } }"


def rows(answer: bytes) -> bytes:
    return answer.partition(b',"metadata"')[0]


@pytest.fixture(scope="module")
def shared(folder: Path, postgres: EmbeddedPostgres, valkey: EmbeddedValkey) -> Iterator[Service]:
    with Service(folder / "service.log", free_port(), postgres.url, valkey.url) as service:
        yield service


@pytest.fixture(scope="module")
def hasty(folder: Path, postgres: EmbeddedPostgres, valkey: EmbeddedValkey) -> Iterator[Service]:
    """As impatient with Redis as by default, and more so with PostgreSQL."""
    limits = {**HASTY, "SERVERY_STATEMENT_TIMEOUT_MS": "1000"}
    with Service(folder / "hasty.log", free_port(), postgres.url, valkey.url, **limits) as service:
        yield service


@pytest.fixture
def service(shared: Service, valkey: EmbeddedValkey) -> Iterator[Service]:
    """With an empty cache; Valkey is up before and after."""
    valkey.start()
    shared.until(lambda: redis_is_up(shared), 5)
    with redis.Redis.from_url(valkey.url) as client:
        client.flushdb()
    yield shared
    valkey.start()


def redis_is_up(service: Service) -> bool:
    return bool(service.ask(STATS)["cacheStats"]["status"] == "UP")


# Cached answers


def test_the_first_design_s_question_is_a_miss_and_then_a_hit_with_the_same_bytes(service: Service) -> None:
    miss, hit = service.post(QUESTION), service.post(QUESTION)

    assert rows(miss) == rows(hit)
    assert b'"ticket_medio":"' in miss  # a decimal is text both times
    assert b'"fromCache":false,"source":"DATABASE"' in miss
    assert b'"fromCache":true,"source":"MEMORY"' in hit


async def test_sixty_callers_on_a_cold_key_share_one_query(
    service: Service, postgres: EmbeddedPostgres
) -> None:
    before = service.ask(STATS)["cacheStats"]
    with ThreadPoolExecutor(60) as callers:
        async with locked_sales(postgres.url) as onlooker:
            answers = [callers.submit(service.post, QUESTION) for _ in range(60)]
            await eventually(lambda: all_are_connected(service, 60), within_s=10)
            await until_one_waits(onlooker)
        assert len({rows(answer.result()) for answer in answers}) == 1

    after = service.ask(STATS)["cacheStats"]
    grown = {name: after[name] - before[name] for name in ("misses", "hits", "flightsJoined")}
    assert grown["misses"] == 1
    assert grown["hits"] + grown["flightsJoined"] == 59


# Clearing


def test_clearing_needs_the_token_and_leaves_other_applications_alone(
    service: Service, valkey: EmbeddedValkey
) -> None:
    with redis.Redis.from_url(valkey.url) as other:
        other.mset({"session:1": "kept", "analytics": "kept", "analytics2:query:1": "kept"})
        service.ask(QUESTION)

        assert b"UNAUTHENTICATED" in service.post(CLEAR)
        assert b"UNAUTHENTICATED" in service.post(CLEAR, token="guessed")
        assert b"INVALID_PATTERN" in service.post(
            'mutation { clearCache(pattern: "*") { deleted } }', token=TOKEN
        )
        assert source(service, QUESTION) in CACHED
        assert service.ask(CLEAR, token=TOKEN) == {"clearCache": {"deleted": 1}}
        assert source(service, QUESTION) == "DATABASE"
        assert other.mget("session:1", "analytics", "analytics2:query:1") == [b"kept"] * 3


def test_one_answer_is_deleted_by_its_key(service: Service, valkey: EmbeddedValkey) -> None:
    key = service.ask(QUESTION)["analytics"]["metadata"]["cacheKey"]
    _ask_until_kept(service, question(7), valkey)
    delete = f'mutation {{ deleteCacheKey(cacheKey: "{key}") {{ deleted cacheKey }} }}'

    assert b"UNAUTHENTICATED" in service.post(delete)
    assert service.ask(delete, token=TOKEN) == {"deleteCacheKey": {"deleted": True, "cacheKey": key}}
    assert service.ask(delete, token=TOKEN)["deleteCacheKey"]["deleted"] is False
    assert source(service, QUESTION) == "DATABASE"
    assert source(service, question(7)) in CACHED


def test_one_answer_is_deleted_by_the_arguments_of_its_question(service: Service) -> None:
    key = service.ask(QUESTION)["analytics"]["metadata"]["cacheKey"]
    delete = f"mutation {{ deleteCacheKey({ARGUMENTS}) {{ deleted cacheKey }} }}"

    assert b"UNAUTHENTICATED" in service.post(delete)
    assert service.ask(delete, token=TOKEN) == {"deleteCacheKey": {"deleted": True, "cacheKey": key}}
    assert source(service, QUESTION) == "DATABASE"


def _ask_until_kept(service: Service, asked: str, valkey: EmbeddedValkey) -> None:
    """On a busy machine a write to Redis may come too late, and is given up."""
    again = asked.replace("limit:", "cache: REFRESH, limit:")
    with redis.Redis.from_url(valkey.url) as client:
        before = len(client.keys("*:query:*"))
        service.ask(asked)
        for _ in range(10):
            if len(client.keys("*:query:*")) > before:
                return
            service.ask(again, token=TOKEN)
    raise AssertionError("it is never kept")


# Redis ails


def test_without_redis_answers_go_on_and_with_it_again_they_are_cached_again(
    service: Service, valkey: EmbeddedValkey
) -> None:
    service.ask(QUESTION)
    valkey.kill()

    # What memory holds is shown, flagged: nobody can vouch for it now. The rest comes from PostgreSQL.
    assert {source(service, QUESTION) for _ in range(8)} == {"STALE"}
    assert [source(service, question(7)) for _ in range(8)] == ["DATABASE"] * 8
    assert service.ask(STATS)["cacheStats"]["status"] == "DOWN"

    valkey.start()
    assert service.until(lambda: source(service, QUESTION) in CACHED, 5) < 2.5


def test_a_clear_that_could_not_be_done_is_told(service: Service, valkey: EmbeddedValkey) -> None:
    valkey.kill()

    assert b"CACHE_UNAVAILABLE" in service.post(CLEAR, token=TOKEN)


def test_a_frozen_redis_adds_little_and_after_a_while_nothing(hasty: Service, valkey: EmbeddedValkey) -> None:
    hasty.ask(QUESTION)
    with frozen(valkey.pid):
        times = [seconds(hasty) for _ in range(20)]

    # The query and two noisy cores are in these figures, too.
    assert max(times) < 1.0
    assert sorted(times)[10] < 0.2
    hasty.until(lambda: source(hasty, QUESTION) in CACHED, 10)


def seconds(service: Service) -> float:
    started = time.monotonic()
    service.ask(QUESTION)
    return time.monotonic() - started


# PostgreSQL ails


async def test_a_client_that_hangs_up_takes_its_query_along(
    service: Service, postgres: EmbeddedPostgres
) -> None:
    async with locked_sales(postgres.url) as onlooker:
        with socket.create_connection(("127.0.0.1", service.port)) as client:
            body = f'{{"query": "{question(11)}"}}'
            client.sendall(
                b"POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                + f"Content-Length: {len(body)}\r\n\r\n{body}".encode()
            )
            await until_one_waits(onlooker)

        async def nobody_waits() -> bool:
            return await waiting(onlooker) == 0

        assert await eventually(nobody_waits, within_s=5) < 1.0
    assert source(service, question(11)) == "DATABASE"


async def test_a_query_over_its_limit_is_stopped_and_told(hasty: Service, postgres: EmbeddedPostgres) -> None:
    async with locked_sales(postgres.url) as onlooker:
        answer = await asyncio.to_thread(hasty.post, question(13))

        assert b'"code":"QUERY_TIMEOUT","timeoutMs":1000' in answer
        assert await waiting(onlooker) == 0
