"""What Prometheus reads: every number from what happened."""

import pytest

from cache import Cache, Freshness, Loaded, Mode, Use
from cache.event import Event, EventName, Operation
from db.errors import (
    BadValue,
    Conflict,
    ConnectionLost,
    DatabaseError,
    Misconfigured,
    Overloaded,
    QueryTimeout,
    Refused,
    Unavailable,
)
from db.pool import Usage
from servery.metrics import MOST_WAITING, Metrics
from servery.timed import TimedDatabase
from tests.cache.fakes import FakeStore, key, settle
from tests.fakes import ANSWER, FakeDatabase
from tests.servery.scraping import LIFETIME, Watched, families, value

pytestmark = pytest.mark.anyio


async def test_hits_are_counted_by_where_they_came_from() -> None:
    redis, memory = Watched(), Watched(tracks=True)
    for watched in (redis, memory):
        for _ in range(3):
            await watched.answer()
    redis.clock.turn(150)
    await redis.answer()

    assert redis.value("servery_cache_hits_total", source="redis") == 2
    assert redis.value("servery_cache_hits_total", source="stale") == 1
    assert redis.value("servery_cache_hits_total", source="memory") == 0
    assert memory.value("servery_cache_hits_total", source="memory") == 2


async def test_misses_are_counted_by_their_reason() -> None:
    watched = Watched()
    await watched.answer()
    await watched.cache.clear("analytics:*", Mode.EXPIRE)
    await watched.answer()
    watched.store.down = True
    await watched.answer()

    assert watched.value("servery_cache_misses_total", reason="absent") == 1
    assert watched.value("servery_cache_misses_total", reason="invalidated") == 1
    assert watched.value("servery_cache_misses_total", reason="store_down") == 1
    assert watched.value("servery_cache_misses_total", reason="damaged") == 0


async def test_durations_are_told_in_seconds() -> None:
    watched = Watched()
    await watched.answer()

    assert watched.value("servery_cache_load_seconds_count") == 1
    assert watched.value("servery_cache_load_seconds_sum") == pytest.approx(0.2)
    assert watched.value("servery_cache_load_seconds_bucket", le="0.1") == 0
    assert watched.value("servery_cache_load_seconds_bucket", le="0.25") == 1
    assert watched.value("servery_cache_question_seconds_sum", source="database") == pytest.approx(0.2)
    assert watched.value("servery_cache_look_seconds_count") == 2
    assert watched.value("servery_cache_put_seconds_count") == 1


async def test_what_is_stored_is_counted_in_bytes_and_what_is_not_by_why() -> None:
    watched, small = Watched(), Watched(max_entry_bytes=1_000)
    await watched.answer()
    await small.answer()

    (stored,) = watched.store.kept.values()
    assert watched.value("servery_cache_stored_bytes_total") == len(stored[0])
    assert small.value("servery_cache_stored_bytes_total") == 0
    assert small.value("servery_cache_not_stored_total", reason="too_big") == 1
    assert watched.value("servery_cache_not_stored_total", reason="too_big") == 0


async def test_orders_and_refreshes_are_counted() -> None:
    watched = Watched()
    await watched.answer()
    watched.clock.turn(150)
    await watched.answer()
    await settle()
    await watched.cache.invalidate(["channel:2"], Mode.PURGE)
    await watched.cache.delete(key().name)
    for _ in range(2):
        await watched.cache.clear("analytics:*")

    assert watched.value("servery_cache_refreshes_total") == 1
    assert watched.value("servery_cache_invalidations_total") == 1
    assert watched.value("servery_cache_deletes_total") == 1
    assert watched.value("servery_cache_clears_total") == 2


async def test_loads_that_fail_and_callers_who_join_are_counted() -> None:
    watched = Watched()

    async def fail() -> Loaded:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        await watched.cache.get_or_load(key(), fail, lifetime=LIFETIME)
    watched.metrics.took(Operation.JOINED, (3,))

    assert watched.value("servery_cache_load_failures_total") == 1
    assert watched.value("servery_cache_load_seconds_count") == 0
    assert watched.value("servery_cache_joined_total") == 1
    assert watched.value("servery_cache_question_seconds_count", source="joined") == 1


async def test_gauges_show_the_memory_of_now() -> None:
    watched = Watched(tracks=True, memory_bytes=24_000)
    assert watched.value("servery_cache_memory_entries") == 0

    await watched.answer()
    assert watched.value("servery_cache_memory_entries") == 1
    assert watched.value("servery_cache_memory_bytes") == watched.cache.counts().memory.bytes > 2_000
    assert watched.value("servery_cache_memory_limit_bytes") == 24_000

    for number in range(2, 22):
        await watched.answer(number)
        watched.metrics.refresh()
    assert (
        watched.value("servery_cache_memory_evictions_total") == watched.cache.counts().memory.evictions > 0
    )


async def test_gauges_show_how_redis_is() -> None:
    watched = Watched(tracks=True)
    assert watched.value("servery_cache_breakers_open") == 0
    assert watched.value("servery_cache_trackers_live") == 1

    watched.store.down = True
    for _ in range(5):
        await watched.answer(freshness=Freshness(use=Use.REFRESH))
    watched.metrics.refresh()

    assert watched.value("servery_cache_breakers_open") == 1
    assert watched.value("servery_cache_trackers_live") == 0
    assert watched.value("servery_cache_store_losses_total") == 1


def test_gauges_show_the_pool_when_there_is_one() -> None:
    metrics = Metrics()
    metrics.watch(Cache(FakeStore()), lambda: Usage(idle=3, busy=2, most=10))

    assert value(metrics, "servery_pool_connections", state="idle") == 3
    assert value(metrics, "servery_pool_connections", state="busy") == 2
    assert value(metrics, "servery_pool_connections_limit") == 10


async def test_events_are_handed_on() -> None:
    watched = Watched()

    await watched.answer()

    assert watched.seen.count(EventName.SET) == 1


def test_a_word_that_is_not_known_raises_nothing() -> None:
    metrics = Metrics()

    metrics.observing(lambda _event: None)(Event(EventName.MISS, word="bored"))

    assert sum(each.value for each in families(metrics)["servery_cache_misses"].samples) == 0


async def test_statements_are_timed_without_the_wait_for_a_connection() -> None:
    metrics = Metrics()
    database = TimedDatabase(FakeDatabase(), metrics)

    result = await database.fetch("select 1")

    assert result is ANSWER
    assert value(metrics, "servery_sql_seconds_sum") == ANSWER.ms / 1000
    assert value(metrics, "servery_sql_seconds_count") == 1


async def test_many_statements_do_not_wait_to_be_shown() -> None:
    metrics = Metrics()
    database = TimedDatabase(FakeDatabase(), metrics)

    for _ in range(MOST_WAITING + 1):
        await database.fetch("select 1")

    assert f"servery_sql_seconds_count {MOST_WAITING}.0" in metrics.exposition().decode()
    assert value(metrics, "servery_sql_seconds_count") == MOST_WAITING + 1


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (QueryTimeout(5), "timeout"),
        (Overloaded(5), "overloaded"),
        (Conflict(5), "overloaded"),
        (Unavailable(), "unavailable"),
        (ConnectionLost(), "unavailable"),
        (Misconfigured(), "unavailable"),
        (Refused(), "refused"),
        (BadValue(), "bad_value"),
        (DatabaseError(), "other"),
    ],
)
async def test_statements_that_fail_are_counted_by_why_and_fail(error: DatabaseError, reason: str) -> None:
    metrics = Metrics()
    database = TimedDatabase(FakeDatabase(error=error), metrics)

    with pytest.raises(type(error)):
        await database.fetch("select 1")

    assert value(metrics, "servery_sql_failures_total", reason=reason) == 1
    assert value(metrics, "servery_sql_seconds_count") == 0


async def test_a_timed_database_is_the_database() -> None:
    inner = FakeDatabase()
    database = TimedDatabase(inner, Metrics())

    await database.fetch("select $1", (1,), timeout_ms=7)
    assert await database.ready() == 1.0
    await database.close()

    assert (inner.statements, inner.limits, inner.closed) == ([("select $1", (1,))], [7], True)
