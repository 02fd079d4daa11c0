"""The way of a question: plan, key, cache, and on a miss SQL, rows, bytes."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, partial
from types import MappingProxyType
from typing import Final

import orjson

from cache.cache import Cache
from cache.glance import Glances, HandedOn
from cache.hit import Hit, Loaded, Source
from cache.key import CacheKey
from cache.lifetime import ANY, Freshness, Lifetime
from db.database import Database
from db.errors import DatabaseError
from model.model import Model
from model.viewer import Viewer
from plan.explain import explained
from plan.parts import Plan
from plan.sql import render
from resolvers.body import Body
from resolvers.catalog import Catalog, catalog_of
from resolvers.columns import Column, columns_of
from resolvers.faults import fault_of
from resolvers.loads import Loads
from resolvers.question import Question
from resolvers.resolved import Resolved, Resolver
from resolvers.roles import require_admin
from resolvers.rules import Rules

__all__ = ["Analytics", "Answer", "HandedOn", "Source"]

NOTHING: Final[HandedOn] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Answer:
    """`data` is a JSON array of row objects, `totals` an object, `subtotals` an array, or null: all as JSON.

    `as_of` is when the SQL began, `cost_ms` what it took. `lifetime` counts from there, and is None for what
    is not kept.
    """

    data: bytes
    totals: bytes
    subtotals: bytes
    rows: int
    truncated: bool
    source: Source
    age_ms: int
    as_of: datetime
    took_ms: float
    resolved: Resolved
    types: tuple[str, ...]
    """PostgreSQL's, of the columns."""
    group_count: int | None
    cost_ms: int
    lifetime: Lifetime | None

    @property
    def from_cache(self) -> bool:
        return self.source is not Source.DATABASE

    @property
    def columns(self) -> tuple[Column, ...]:
        """Worked out when they are asked for."""
        return columns_of(self.plan, self.types)

    @property
    def plan(self) -> Plan:
        return self.resolved.plan

    @property
    def cache_key(self) -> str:
        return self.resolved.wanted.key.name

    @property
    def until(self) -> datetime | None:
        """When the same question may mean other days, because its dates are relative."""
        return self.resolved.until


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
        self._loads = Loads(database)
        self._cache = cache
        self._now = now
        self._rules = rules
        self._resolver = Resolver(model, rules, now)

    @cached_property
    def catalog(self) -> Catalog:
        """What may be asked here."""
        return catalog_of(self.model, self._rules.limits, self._rules.default_limit)

    async def answer(
        self,
        question: Question,
        viewer: Viewer,
        freshness: Freshness = ANY,
        found: HandedOn = NOTHING,
    ) -> Answer:
        """Raises Fault for a question that cannot be answered, before any socket, or that fails.

        `found` is what `glances` saw a moment ago for the same request.
        """
        began = time.perf_counter()
        resolved = self._resolver.resolve(question, viewer)
        try:
            hit = await self._cache.get_or_load(
                resolved.wanted,
                partial(self._load, resolved),
                lifetime=self._rules.lifetimes.of(self.model, resolved.plan, self._now()),
                freshness=freshness,
                found=found.get((resolved.wanted.key.name, freshness)),
            )
        except DatabaseError as error:
            raise fault_of(error) from error
        return _answer(resolved, hit, (time.perf_counter() - began) * 1000)

    @property
    def glances(self) -> Glances:
        """The short way to answers that are there."""
        return self._cache.glances

    def now(self) -> datetime:
        """By the wall clock."""
        return self._now()

    def plan(self, question: Question, viewer: Viewer) -> Plan:
        """Raises Fault for a question that cannot be answered."""
        return self._resolver.resolve(question, viewer).plan

    def key(self, question: Question, viewer: Viewer) -> CacheKey:
        """One function makes the keys of reads and of deletes. Raises Fault likewise."""
        return self._resolver.resolve(question, viewer).wanted.key

    def explained(self, plan: Plan, viewer: Viewer) -> bytes:
        """How the answer comes about, as JSON. Raises UNAUTHENTICATED for all but administrators."""
        require_admin(viewer)
        return orjson.dumps(explained(self.model, plan))

    def sql(self, plan: Plan, viewer: Viewer) -> str:
        """The SQL that answers, with the values that are bound. Raises UNAUTHENTICATED likewise."""
        require_admin(viewer)
        return render(self.model, plan, pretty=True).shown()

    async def _load(self, resolved: Resolved) -> Loaded:
        return await self._loads.load(resolved.plan, resolved.statement, self._now())


def _answer(resolved: Resolved, hit: Hit, took_ms: float) -> Answer:
    body = Body.unpack(hit.body)
    return Answer(
        data=body.data,
        totals=body.totals,
        subtotals=body.subtotals,
        rows=body.rows,
        truncated=body.truncated,
        source=hit.source,
        age_ms=hit.age_ms,
        as_of=body.as_of,
        took_ms=took_ms,
        resolved=resolved,
        types=body.types,
        group_count=body.group_count,
        cost_ms=hit.cost_ms,
        lifetime=hit.lifetime,
    )
