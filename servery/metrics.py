"""What Prometheus is told, under /metrics. Every one is listed in docs/metrics.md.

Labels hold words of ours alone, a few each: no question, no value, no tenant and no address.
"""

import asyncio
from collections import Counter as Counts
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from prometheus_client import CollectorRegistry, Counter, disable_created_metrics, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from starlette.requests import Request
from starlette.responses import Response

from cache.cache import Cache
from cache.event import Event, EventName, NotStored, Observe, Operation
from cache.hit import Source
from cache.stats import MissReason
from db.errors import BadValue, DatabaseError, Overloaded, QueryTimeout, Refused, Unavailable
from db.pool import Usage
from servery.gauges import Gauges
from servery.meters import Meters
from servery.metrics_folder import folder_of_all, registry_of_all

FAILURES: Final = ("timeout", "overloaded", "unavailable", "refused", "bad_value", "other")
MOST_WAITING: Final = 256
"""Durations of statements that are not shown yet. One by one each costs more than to count a miss."""

# Nothing else in the process counts, and when a counter was made is of no use to anybody here.
disable_created_metrics()  # type: ignore[no-untyped-call]


class Metrics:
    """Counts what happens. Each has a registry of its own, so that a process may hold several apps.

    Where processes share a folder (`servery.metrics_folder`), any of them tells the counts of all.
    """

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._folder = folder_of_all()
        meters = Meters(self._registry)
        self._gauges = Gauges(meters)
        self._make_question_metrics(meters)
        self._make_event_metrics(meters)
        self._requests = meters.counter("requests", "GraphQL requests.", "status", "code")
        self._answered: Counts[tuple[int, str]] = Counts()
        self._happened: Counts[Counter] = Counts()
        self._sql = meters.seconds("sql", "One statement in PostgreSQL, the wire included.")
        self._sql_seconds: list[float] = []
        self._sql_failures = meters.by_word("sql_failures", "Statements that failed.", "reason", FAILURES)

    def watch(self, cache: Cache, pool: Callable[[], Usage | None] = lambda: None) -> None:
        """What the gauges show the state of."""
        self._gauges.watch(cache, pool)

    def refresh(self) -> None:
        """Show what was counted up to now, and gauges as they are now: often enough for other processes."""
        for (status, code), requests in self._answered.items():
            self._requests.labels(str(status), code).inc(requests)
        for counter, amount in self._happened.items():
            counter.inc(amount)
        self._answered.clear()
        self._happened.clear()
        self._settle_sql()
        self._gauges.refresh()

    def observing(self, observe: Observe) -> Observe:
        """Count the cache's events, and hand them on. They are shown from the next `refresh` on, too."""

        def watch(event: Event) -> None:
            self._count(event)
            observe(event)

        return watch

    def took(self, operation: Operation, took_ms: Sequence[float]) -> None:
        """Implements `cache.event.Measure`."""
        seconds, counter = self._told[operation]
        if seconds:
            seconds.observe_all([ms / 1000 for ms in took_ms])
        if counter:
            counter.inc(len(took_ms))

    def requested(self, status: int, code: str, requests: int = 1) -> None:
        """`code` is that of the first error of the answer, or OK. It is shown from the next `refresh` on."""
        self._answered[status, code] += requests

    def fetched(self, ms: float) -> None:
        """A statement was answered. It is shown from the next `refresh` on, or when many have been."""
        self._sql_seconds.append(ms / 1000)
        if len(self._sql_seconds) >= MOST_WAITING:
            self._settle_sql()

    def fetch_failed(self, error: DatabaseError) -> None:
        self._sql_failures[_reason(error)].inc()

    def exposition(self) -> bytes:
        """In Prometheus' text format."""
        return generate_latest(registry_of_all(self._folder) if self._folder else self._registry)

    def _count(self, event: Event) -> None:
        match event.name:
            case EventName.MISS:
                self._increase(self._misses.get(event.word))
            case EventName.NOT_STORED:
                self._increase(self._not_stored.get(event.word))
            case EventName.SET:
                self._increase(self._stored_bytes, event.size)
            case EventName.STORE_LOST:
                self._increase(self._losses)
            case name:
                self._increase(self._orders.get(name))

    def _increase(self, counter: Counter | None, amount: int = 1) -> None:
        """What is not known counts nothing: whoever watches must not raise."""
        if counter:
            self._happened[counter] += amount

    def _settle_sql(self) -> None:
        self._sql.observe_all(self._sql_seconds)
        self._sql_seconds.clear()

    def _make_question_metrics(self, meters: Meters) -> None:
        """By operation: how long it took, and how often it was, where both are worth telling."""
        hits = meters.counter("cache_hits", "Questions answered without a load.", "source")
        questions = meters.seconds("cache_question", "One question, in the cache and behind it.", "source")
        sources = {
            Operation.MEMORY_HIT: Source.MEMORY.value,
            Operation.REDIS_HIT: Source.REDIS.value,
            Operation.STALE_HIT: Source.STALE.value,
        }
        of_all = {**sources, Operation.JOINED: "joined", Operation.LOADED: Source.DATABASE.value}
        counters = {
            **{operation: hits.labels(source) for operation, source in sources.items()},
            Operation.JOINED: meters.counter("cache_joined", "Questions answered by a load of another."),
            Operation.FAILED_LOAD: meters.counter("cache_load_failures", "Loads that failed or were left."),
        }
        seconds = {
            **{operation: questions.labels(source) for operation, source in of_all.items()},
            Operation.LOOK: meters.seconds("cache_look", "One look into Redis, also one that failed."),
            Operation.PUT: meters.seconds("cache_put", "One answer packed and written to Redis."),
            Operation.LOAD: meters.seconds("cache_load", "One load that went well, from SQL to JSON."),
        }
        self._told = {each: (seconds.get(each), counters.get(each)) for each in Operation}

    def _make_event_metrics(self, meters: Meters) -> None:
        reasons = [each.value for each in MissReason]
        self._misses = meters.by_word(
            "cache_misses", "Questions that found nothing to show.", "reason", reasons
        )
        refusals = [each.value for each in NotStored]
        self._not_stored = meters.by_word("cache_not_stored", "Answers not written.", "reason", refusals)
        self._stored_bytes = meters.counter("cache_stored_bytes", "Written to Redis, packed.")
        self._losses = meters.counter("cache_store_losses", "Times that Redis was given up for a while.")
        self._orders = {
            EventName.REFRESHING: meters.counter("cache_refreshes", "Loads in the background."),
            EventName.INVALIDATED: meters.counter("cache_invalidations", "Invalidations by tags."),
            EventName.CLEAR: meters.counter("cache_clears", "Clears by a pattern."),
            EventName.DELETE: meters.counter("cache_deletes", "Deletions of one answer."),
        }


def metrics_handler(metrics: Metrics) -> Callable[[Request], Awaitable[Response]]:
    async def tell(_: Request) -> Response:
        metrics.refresh()
        # The files of many processes take a while to add up, and questions wait meanwhile.
        text = await asyncio.to_thread(metrics.exposition)
        return Response(text, headers={"Cache-Control": "no-store"}, media_type=CONTENT_TYPE_PLAIN_0_0_4)

    return tell


def _reason(error: DatabaseError) -> str:
    match error:
        case QueryTimeout():
            return "timeout"
        case Overloaded():
            return "overloaded"
        case Unavailable():
            return "unavailable"
        case Refused():
            return "refused"
        case BadValue():
            return "bad_value"
        case _:
            return "other"
