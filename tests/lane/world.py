"""A whole service in the test's hand: its rows, its store, its clocks, its chance. Asked without a socket."""

import asyncio
from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zlib import crc32

from starlette.types import Message

from cache import Breaker, Cache
from cache.event import Event
from cache.glance import Found
from cache.lifetime import Freshness
from cache.limits import Limits
from db.database import Column, Result, Row
from db.errors import Unavailable
from model.viewer import ANONYMOUS, Viewer
from resolvers.admin import Admin
from resolvers.analytics import Analytics
from resolvers.rules import Rules
from resolvers.traffic import Traffic
from schema.build import Schema
from schema.context import Services
from servery.app import FORGIVABLE
from servery.auth import ADMINISTRATOR
from servery.endpoint import GraphQLEndpoint
from servery.executed import Counted
from servery.lane.known import Known, Made, Shown
from servery.lane.lane import Lane, Seen
from servery.metrics import Metrics
from servery.transport.rules import HttpRules
from tests.cache.fakes import Clock, settle
from tests.fakes import FencedStore
from tests.lane.sent import Sent
from tests.lane.wired import Line, parted, written
from tests.resolvers.kiosk import KIOSK

VIEWERS = {
    "Bearer admin": ADMINISTRATOR,
    "Bearer north": Viewer("ann", "north"),
    "Bearer south": Viewer("ann", "south"),
}
COLUMNS = 24
TYPES = ("int8", "numeric", "text")


@dataclass(slots=True)
class Rows:
    """Answers each statement with rows of its own, which change with `edition`.

    Numbers are small, so that they are good as marks of totals and subtotals, too. A load takes `cost_s`.
    """

    clock: Clock
    edition: int = 0
    type: str = TYPES[0]
    cost_s: float = 0.0
    least: int = 1
    most: int = 6
    down: bool = False
    statements: list[tuple[str, tuple[object, ...]]] = field(default_factory=list)

    async def fetch(self, text: str, args: Sequence[object] = (), *, timeout_ms: int | None = None) -> Result:  # noqa: ARG002
        self.statements.append((text, tuple(args)))
        self.clock.turn(self.cost_s)
        if self.down:
            raise Unavailable("The test took it down.")
        of = crc32(f"{text} {args} {self.edition}".encode())
        rows = [self._row(of + number) for number in range(self.least + of % self.most)]
        return Result(tuple(Column(f"c{number}", self.type) for number in range(COLUMNS)), rows, 1.0)

    async def ready(self) -> float:
        return 1.0

    async def close(self) -> None:
        """Nothing is open."""

    def _row(self, of: int) -> Row:
        return [f'ção "{of % 97}"\\ \x00\x7f', *((of >> number) % 4 for number in range(COLUMNS - 1))]


@dataclass(frozen=True, slots=True)
class Setting:
    """What two services that are compared have in common."""

    memory_bytes: int = 1_000_000
    lane_bytes: int = 1_000_000
    wire_bytes: int = 100_000
    tracks: bool = True
    max_age_s: int = 60
    began: datetime = datetime(2026, 3, 15, 12, tzinfo=UTC)


class WatchedLane(Lane):
    """Counts what it shows, by where that was."""

    shown: Counter[str]

    def ages_if_unchanged(self, ident: Hashable, known: Known, made: Made) -> Sequence[int] | None:
        found = super().ages_if_unchanged(ident, known, made)
        self.shown["memory"] += found is not None
        return found

    def from_memory(self, ident: Hashable, known: Known) -> Shown | list[Seen]:
        found = super().from_memory(ident, known)
        self.shown["memory"] += isinstance(found, Shown)
        return found

    async def from_store(
        self, ident: Hashable, known: Known, seen: Sequence[Seen]
    ) -> Shown | Mapping[tuple[str, Freshness], Found]:
        found = await super().from_store(ident, known, seen)
        self.shown["store"] += isinstance(found, Shown)
        return found


@dataclass(frozen=True, slots=True)
class Got:
    """A response as it was sent."""

    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes


class World:
    """`chance` stays what it is until the test changes it: how often it is asked for is not compared."""

    def __init__(self, setting: Setting = Setting(), *, fast_lane: bool) -> None:
        self.clock = Clock()
        self.clock.now = 1e9  # the machine's own, which the lane's stopwatch reads, never is ahead of it
        self.wall = setting.began
        self.chance = 0.5
        self.store = FencedStore(clock=self.clock, tracks=setting.tracks)
        self.database = Rows(self.clock)
        self.requests: Counter[tuple[int, str]] = Counter()
        self.internal: list[BaseException] = []
        self.events: Counter[tuple[str, ...]] = Counter()
        self.metrics = Metrics()
        self.cache = self._cache(setting)
        analytics = Analytics(KIOSK, self.database, self.cache, lambda: self.wall, Rules())
        self.traffic = Traffic(clock=self.clock)
        services = Services(analytics, Admin(self.cache, analytics), self.traffic)
        self.lane = None
        if fast_lane:
            self.lane = WatchedLane(
                analytics, self.traffic, setting.lane_bytes, keep=setting.memory_bytes > 0
            )
            self.lane.shown = Counter()
        self.endpoint = GraphQLEndpoint(
            Schema(KIOSK, lambda _, error: self.internal.append(error)),
            services,
            viewer_of,
            no_page,
            HttpRules(max_age_s=setting.max_age_s, max_batch=5),
            counted=self._counted(),
            lane=self.lane,
            wire_bytes=setting.wire_bytes if setting.memory_bytes else 0,
        )
        self.lines: list[Line] = []
        self.at_once = 0
        """How often the app needed not be called."""

    def turn(self, seconds: float) -> None:
        """All clocks at once."""
        self.clock.turn(seconds)
        self.wall += timedelta(seconds=seconds)

    async def ask(self, sent: Sent) -> Got:
        """And all that goes on beside the answer. Where there is a fast lane, over a connection."""
        if self.lane:
            line = self.lines.pop() if self.lines else Line(self.endpoint, self.endpoint.wire)
            got = Got(*parted(await line.send(written(sent))))
            self.lines.append(line)
            self.at_once += line.at_once
            line.at_once = 0
            await settle()
            return got
        started, body = [], []
        pending: list[Message] = [{"type": "http.request", "body": sent.body}]

        async def receive() -> Message:
            if pending:
                return pending.pop()
            await asyncio.Event().wait()
            raise AssertionError

        async def send(message: Message) -> None:
            if message["type"] == "http.response.start":
                started.append(message)
            else:
                body.append(message["body"])

        await self.endpoint(scope_of(sent), receive, send)
        await settle()
        (start,) = started
        return Got(start["status"], tuple(start["headers"]), b"".join(body))

    def told(self) -> Mapping[str, Any]:
        """What is counted, beside what it took: that is measured by a watch."""
        counts = replace(self.cache.counts(), latencies={})
        demands = {each.asked: (each.count, each.cost_ms) for each in self.traffic.top(1_000)}
        return {
            "requests": self.requests,
            "cache": counts,
            "traffic": demands,
            "events": self.events,
            "statements": sorted(map(str, self.database.statements)),
            "kept": sorted(self.store.kept),
            # The lane only looks; who goes the whole way attempts to take a lease with the first look.
            "calls": Counter(each for each in self.store.calls if each not in {"look", "take"}),
        }

    def exposed(self) -> list[str]:
        """As Prometheus is told it, without times."""
        self.metrics.refresh()
        lines = self.metrics.exposition().decode().splitlines()
        return [line for line in lines if line.startswith("servery_") and "seconds" not in line]

    def _watch(self, event: Event) -> None:
        """What the log would tell."""
        self.events[event.name.value, event.key, event.detail, event.word] += 1

    def _cache(self, setting: Setting) -> Cache:
        cache = Cache(
            self.store,
            limits=Limits(memory_bytes=setting.memory_bytes, store_seconds=60),
            breaker=Breaker(pause=0.0, clock=self.clock),  # or which of several looks is a probe is chance
            forgivable=FORGIVABLE,
            observe=self.metrics.observing(self._watch),
            measure=self.metrics.took,
            clock=self.clock,
            wall_clock=lambda: self.wall.timestamp(),  # noqa: PLW0108  another one after each turn
            chance=lambda: self.chance,
        )
        self.metrics.watch(cache)
        return cache

    def _counted(self) -> Counted:
        def counted(status: int, code: str, requests: int = 1) -> None:
            self.requests[status, code] += requests
            self.metrics.requested(status, code, requests)

        return counted


def viewer_of(authorization: str | None) -> Viewer:
    return VIEWERS.get(authorization or "", ANONYMOUS)


def no_page(_: object) -> Any:
    async def page(scope: object, receive: object, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"the page"})

    return page


def scope_of(sent: Sent) -> dict[str, Any]:
    return {
        "type": "http",
        "method": sent.method,
        "path": "/graphql",
        "query_string": sent.query_string,
        "headers": list(sent.headers),
    }
