"""The way of a question: plan, key, cache, and on a miss SQL, rows, bytes."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, partial

import orjson

from cache.cache import Cache
from cache.hit import Hit, Loaded, Source
from cache.key import CacheKey
from cache.lifetime import ANY, Freshness
from db.database import Database
from db.errors import DatabaseError
from db.turns import let_go
from model.model import Model
from model.viewer import Viewer
from plan.explain import explained
from plan.limits import Limits
from plan.parts import Plan
from plan.plan import make_plan
from plan.sql import render
from resolvers.body import Body, body_of
from resolvers.catalog import Catalog, catalog_of
from resolvers.columns import Column, columns_of
from resolvers.depends import tags_of
from resolvers.faults import fault_of
from resolvers.lifetime import LifetimeRules
from resolvers.question import Question, query_of
from resolvers.roles import require_admin


@dataclass(frozen=True, slots=True)
class Answer:
    """`data` is a JSON array of row objects, `totals` an object, `subtotals` an array, or null: all as JSON.

    `as_of` is when the SQL began, `cost_ms` what it took.
    """

    data: bytes
    totals: bytes
    subtotals: bytes
    columns: tuple[Column, ...]
    rows: int
    truncated: bool
    source: Source
    age_ms: int
    as_of: datetime
    took_ms: float
    cache_key: str
    plan: Plan
    group_count: int | None
    cost_ms: int

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
    lifetimes: LifetimeRules = LifetimeRules()  # noqa: RUF009  frozen, so it can be shared
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

    async def answer(self, question: Question, viewer: Viewer, freshness: Freshness = ANY) -> Answer:
        """Raises Fault for a question that cannot be answered, before any socket, or that fails."""
        began = time.perf_counter()
        plan = self.plan(question, viewer)
        key = self.key(plan, viewer)
        try:
            hit = await self._cache.get_or_load(
                key,
                partial(self._load, plan),
                tags=tags_of(self.model, plan, viewer),
                lifetime=self._rules.lifetimes.of(self.model, plan, self._now()),
                freshness=freshness,
            )
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
            scope={"tenant": viewer.tenant, "database": self._rules.database, "rows": plan.scope},
            version=plan.fingerprint,
        )

    def explained(self, plan: Plan, viewer: Viewer) -> bytes:
        """How the answer comes about, as JSON. Raises UNAUTHENTICATED for all but administrators."""
        require_admin(viewer)
        return orjson.dumps(explained(self.model, plan))

    def sql(self, plan: Plan, viewer: Viewer) -> str:
        """The SQL that answers, with the values that are bound. Raises UNAUTHENTICATED likewise."""
        require_admin(viewer)
        return render(self.model, plan, pretty=True).shown()

    async def _load(self, plan: Plan) -> Loaded:
        statement = render(self.model, plan)
        as_of = self._now()
        result = await self._database.fetch(statement.text, statement.args)
        body = await body_of(plan, result, as_of)
        await let_go(result.rows)
        return Loaded(body.pack(), body.rows)

    def _answer(self, plan: Plan, key: CacheKey, hit: Hit, took_ms: float) -> Answer:
        body = Body.unpack(hit.body)
        return Answer(
            data=body.data,
            totals=body.totals,
            subtotals=body.subtotals,
            columns=columns_of(plan, body.types),
            rows=body.rows,
            truncated=body.truncated,
            source=hit.source,
            age_ms=hit.age_ms,
            as_of=body.as_of,
            took_ms=took_ms,
            cache_key=key.name,
            plan=plan,
            group_count=body.group_count,
            cost_ms=hit.cost_ms,
        )
