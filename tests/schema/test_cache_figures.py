"""cacheStats and cacheEntry: what the cache tells of itself, in GraphQL."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from cache.event import Operation
from cache.explain import State
from cache.stats import Counts, MissReason
from resolvers.figures import Figures, figures_of
from schema.cache_types import CacheEntryStatus, CacheOperation, CacheStatus, cache_stats_of
from tests.cache.fakes import FakeStore
from tests.fakes import TOKEN, Service, running

QUESTION = "{ analytics(metrics: [faturamento], dimensions: [channel]) { data metadata { cacheKey } } }"
EVERYTHING = """{ cacheStats {
  status memoryUsedMb totalKeys connectedClients uptimeSeconds evictedKeys
  hitRate hits misses flightsJoined databaseMsSaved memoryHits redisHits staleHits
  missesByReason { absent expired invalidated storeDown tooBig tooOld damaged refreshed }
  loads loadsFailed refreshes notAdmitted tooBig bytesStored
  memory { entries bytes maxBytes evictions }
  latencies { operation count p50Ms p95Ms p99Ms }
  workers
} }"""
ENTRY = """query ($key: String!) { cacheEntry(cacheKey: $key) {
  cacheKey exists status ageMs softLeftMs staleLeftMs hardLeftMs storedBytes rawBytes rows costMs createdAt
  tags { tag current } killedBy shownOnFailure inMemory
} }"""


def stats(service: Service) -> dict[str, Any]:
    found: dict[str, Any] = service.ask(EVERYTHING)["data"]["cacheStats"]
    return found


def asked(service: Service) -> str:
    key: str = service.ask(QUESTION)["data"]["analytics"]["metadata"]["cacheKey"]
    return key


def entry(service: Service, key: str) -> dict[str, Any]:
    found: dict[str, Any] = service.ask(ENTRY, token=TOKEN, key=key)["data"]["cacheEntry"]
    return found


def test_everything_is_told_before_the_first_question() -> None:
    with running() as service:
        told = stats(service)

    assert (told["status"], told["workers"], told["hitRate"], told["hits"]) == ("UP", 1, 0.0, 0)
    assert set(told["missesByReason"].values()) == {0}
    assert told["memory"] == {"entries": 0, "bytes": 0, "maxBytes": 48 * 1024 * 1024, "evictions": 0}
    assert {each["p99Ms"] for each in told["latencies"]} == {None}


def test_a_miss_and_two_hits_are_told_by_where_they_came_from() -> None:
    with running(cheap_ms=0) as service:
        for _ in range(3):
            asked(service)
        told = stats(service)

    assert (told["hits"], told["redisHits"], told["memoryHits"], told["staleHits"]) == (2, 2, 0, 0)
    assert (told["misses"], told["missesByReason"]["absent"]) == (1, 1)
    assert (told["loads"], told["memory"]["entries"], told["hitRate"]) == (1, 1, pytest.approx(2 / 3))
    assert told["bytesStored"] > 0
    took = {each["operation"]: each for each in told["latencies"]}
    assert (took["REDIS_HIT"]["count"], took["LOADED"]["count"]) == (2, 1)
    assert 0 < took["LOAD"]["p50Ms"] <= took["LOADED"]["p99Ms"] * 1.2


def test_without_redis_what_the_server_says_is_null_and_the_counts_stay() -> None:
    with running(store=FakeStore(down=True)) as service:
        asked(service)
        told = stats(service)

    of_server = ("memoryUsedMb", "totalKeys", "connectedClients", "uptimeSeconds", "evictedKeys")
    assert [told[name] for name in of_server] == [None] * 5
    assert (told["status"], told["missesByReason"]["storeDown"]) == ("DOWN", 1)


def test_counts_may_pass_what_an_int_holds() -> None:
    with running() as service:
        service.store.noted["stats:other"] = (
            '{"format": 1, "hits": {"redis": 5000000000}, "numbers": {"load_ms_saved": 9000000000}}'
        )
        told = stats(service)

    assert (told["hits"], told["databaseMsSaved"], told["workers"]) == (5_000_000_000, 9_000_000_000, 2)


def test_an_entry_tells_all_about_itself() -> None:
    with running(cheap_ms=0) as service:
        key = asked(service)
        told = entry(service, key)

    assert (told["cacheKey"], told["exists"], told["status"]) == (key, True, "FRESH")
    assert 0 <= told["ageMs"] < 60_000
    assert 0 < told["softLeftMs"] < told["staleLeftMs"] < told["hardLeftMs"]
    assert (told["rows"], told["storedBytes"] > told["rawBytes"] > 0) == (2, True)
    assert datetime.fromisoformat(told["createdAt"]).utcoffset() == timedelta(0)
    assert {"tag": "table:sales", "current": True} in told["tags"]
    assert (told["killedBy"], told["shownOnFailure"], told["inMemory"]) == ([], True, True)


def test_an_entry_names_what_killed_it() -> None:
    with running(cheap_ms=0) as service:
        key = asked(service)
        service.ask('mutation { clearCache(tags: ["table:sales"]) { message } }', token=TOKEN)
        told = entry(service, key)

    assert (told["status"], told["killedBy"], told["shownOnFailure"]) == (
        "INVALIDATED",
        ["table:sales"],
        False,
    )
    assert {"tag": "table:sales", "current": False} in told["tags"]


def test_an_entry_that_is_not_there_is_no_error() -> None:
    with running() as service:
        told = entry(service, "analytics:query:0")

    assert (told["exists"], told["status"], told["ageMs"], told["tags"]) == (False, "ABSENT", None, [])


def test_an_entry_is_for_administrators() -> None:
    with running() as service:
        answer = service.ask(ENTRY, key="analytics:query:0")

    assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert answer["data"] is None


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [(CacheOperation, Operation), (CacheEntryStatus, State)],
)
def test_every_word_of_the_cache_has_one_in_graphql(ours: Any, theirs: Any) -> None:
    assert {each.name: each.value for each in ours} == {each.name: each.value for each in theirs}


def test_every_figure_is_told() -> None:
    figures = figures_of(Counts(misses_by_reason=dict.fromkeys(MissReason, 1)), None, 1)

    told = cache_stats_of(figures)

    assert told.status is CacheStatus.DOWN
    assert vars(told).keys() == set(Figures.__slots__)
    assert sum(vars(told.misses_by_reason).values()) == figures.misses == len(MissReason)
