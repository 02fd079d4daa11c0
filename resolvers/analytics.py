"""The way of a question: plan, key, cache, and on a miss SQL, rows, bytes."""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property, partial
from zoneinfo import ZoneInfo

from cache.cache import Cache
from cache.hit import Hit, Loaded, Source
from cache.key import CacheKey
from db.database import Database, Result, Row
from db.errors import DatabaseError
from model.dates import Interval
from model.model import Model
from model.viewer import Viewer
from plan.limits import Limits
from plan.parts import Plan
from plan.plan import make_plan
from plan.sql import render
from resolvers.catalog import Catalog, catalog_of
from resolvers.codec import Body, encoded_rows
from resolvers.columns import Column, columns_of
from resolvers.faults import fault_of
from resolvers.question import Question, query_of


@dataclass(frozen=True, slots=True)
class Answer:
    """`data` is a JSON array of row objects and `totals` an object or null, ready to be sent.

    `as_of` is when the SQL began.
    """

    data: bytes
    totals: bytes
    columns: tuple[Column, ...]
    rows: int
    truncated: bool
    source: Source
    age_ms: int
    as_of: datetime
    took_ms: float
    cache_key: str
    interval: Interval | None
    timezone: str

    @property
    def from_cache(self) -> bool:
        return self.source is not Source.DATABASE


@dataclass(frozen=True, slots=True)
class Rules:
    """What holds for every question: the key prefix, how long answers live, and how much may be asked.

    `database` tells apart services over different databases that share a Redis and a prefix.
    """

    prefix: str = "analytics"
    database: str = ""
    ttl: timedelta = timedelta(seconds=300)
    default_limit: int = 1000
    limits: Limits = Limits()  # noqa: RUF009  frozen, so it can be shared


class Analytics:
    """Answers questions over one model. `now` is the wall clock, aware."""

    def __init__(
        self,
        model: Model,
        database: Database,
        cache: Cache,
        now: Callable[[], datetime],
        rules: Rules,
    ) -> None:
        self.model = model
        self._database = database
        self._cache = cache
        self._now = now
        self._rules = rules

    @cached_property
    def catalog(self) -> Catalog:
        """What may be asked here."""
        return catalog_of(self.model, self._rules.limits, self._rules.default_limit)

    async def answer(self, question: Question, viewer: Viewer) -> Answer:
        """Raises Fault for a question that cannot be answered, before any socket, or that fails."""
        began = time.perf_counter()
        plan = self.plan(question, viewer)
        key = self.key(plan, viewer)
        try:
            hit = await self._cache.get_or_load(key, partial(self._load, plan), ttl=self._rules.ttl)
        except DatabaseError as error:
            raise fault_of(error) from error
        return self._answer(plan, key, hit, (time.perf_counter() - began) * 1000)

    def plan(self, question: Question, viewer: Viewer) -> Plan:
        query = query_of(question, self.model, self._now(), self._rules.default_limit)
        return make_plan(self.model, query, viewer, self._rules.limits)

    def key(self, plan: Plan, viewer: Viewer) -> CacheKey:
        """One function makes the keys of reads and of deletes."""
        return CacheKey.of(
            self._rules.prefix,
            plan.query.arguments(),
            scope={"tenant": viewer.tenant, "database": self._rules.database},
            version=plan.fingerprint,
        )

    async def _load(self, plan: Plan) -> Loaded:
        statement = render(self.model, plan)
        as_of = self._now()
        result = await self._database.fetch(statement.text, statement.args)
        body = await _body(plan, result, as_of)
        return Loaded(body.pack(), body.rows)

    def _answer(self, plan: Plan, key: CacheKey, hit: Hit, took_ms: float) -> Answer:
        body = Body.unpack(hit.body)
        return Answer(
            data=body.data,
            totals=body.totals,
            columns=columns_of(plan, body.types),
            rows=body.rows,
            truncated=body.truncated,
            source=hit.source,
            age_ms=hit.age_ms,
            as_of=body.as_of,
            took_ms=took_ms,
            cache_key=key.name,
            interval=plan.query.interval,
            timezone=plan.query.timezone,
        )


async def _body(plan: Plan, result: Result, as_of: datetime) -> Body:
    """Encodes in pieces and lets others run between them: a large answer holds up nobody."""
    types = tuple(column.type for column in result.columns)[: len(plan.names)]
    zone = ZoneInfo(plan.query.timezone)
    groups, total = _told_apart(plan, result.rows)
    truncated = bool(plan.groupings) and len(groups) > plan.query.limit
    shown = groups[: plan.query.limit] if truncated else groups
    pieces = []
    for piece in encoded_rows(plan.names, types, shown, zone):
        pieces.append(piece)
        await asyncio.sleep(0)
    first = len(plan.groupings)
    totals = b"".join(encoded_rows(plan.names[first:], types[first:], total, zone))
    return Body(b"".join(pieces), types, len(shown), truncated, as_of, totals[1:-1] or b"null")


def _told_apart(plan: Plan, rows: Sequence[Row]) -> tuple[Sequence[Row], Sequence[Row]]:
    """The groups, and the total: the last row, or the only one where there are no groups."""
    count = len(plan.names)
    if plan.has_totals:
        return [row[:count] for row in rows[:-1]], [rows[-1][len(plan.groupings) : count]]
    if plan.query.shares:
        return [row[:count] for row in rows], ()
    return rows, rows if plan.query.totals and not plan.groupings else ()
