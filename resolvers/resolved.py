"""What a question means now: its plan, its key and its tags, worked out once for as long as they hold."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Final
from weakref import WeakKeyDictionary
from zoneinfo import ZoneInfo

from cachetools import LRUCache

from cache.canonical import Encoded
from cache.key import CacheKey
from cache.wanted import Wanted
from model.filters import conditions
from model.model import Model
from model.viewer import Viewer
from plan.parts import Plan, Shape
from plan.planner import Planner
from plan.statement import Statement
from plan.texts import Texts
from resolvers.boundary import boundary_of
from resolvers.depends import Dependence
from resolvers.question import Question, query_of
from resolvers.rules import Rules

MOST: Final = 400


class _Ident:
    """Hashed once: a tuple of questions hashes them each time, and a cache asks nine times to replace one."""

    __slots__ = ("_hash", "_told")

    def __init__(self, *told: Hashable) -> None:
        self._told = told
        self._hash = hash(told)

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Ident) and self._told == other._told


@dataclass(frozen=True, eq=False)
class Resolved:
    """Holds from `since` until just before `until`, when a relative date means another day; or for good."""

    plan: Plan
    wanted: Wanted
    since: datetime
    until: datetime | None
    texts: Texts

    @cached_property
    def statement(self) -> Statement:
        """What PostgreSQL is asked. Written when it is needed, and once for all loads."""
        return self.texts.statement(self.plan)

    def holds_at(self, now: datetime) -> bool:
        return self.since <= now and (self.until is None or now < self.until)


class Resolver:
    """Remembers what it worked out last. `now` is the wall clock, aware."""

    def __init__(self, model: Model, rules: Rules, now: Callable[[], datetime], most: int = MOST) -> None:
        self._model = model
        self._rules = rules
        self._now = now
        self._known: LRUCache[_Ident, Resolved] = LRUCache(most)
        self._planner = Planner(model, rules.limits)
        self._shapes: WeakKeyDictionary[Shape, _Shaped] = WeakKeyDictionary()
        self._texts = Texts(model)

    def resolve(self, question: Question, viewer: Viewer) -> Resolved:
        """Raises Fault for a question that cannot be answered."""
        ident = _Ident(question, _values(question), viewer)
        found, now = self._known.get(ident), self._now()
        if found is None or not found.holds_at(now):
            found = self._known[ident] = self._resolved(question, viewer, now)
        return found

    def _resolved(self, question: Question, viewer: Viewer, now: datetime) -> Resolved:
        query = query_of(question, self._model, now, self._rules.default_limit)
        plan = self._planner.plan(query, viewer)
        shaped = self._shapes.get(plan.shape)
        if shaped is None:
            shaped = self._shapes[plan.shape] = _Shaped.of(self._model, plan)
        key = self._key(plan, shaped.fixed | plan.query.values(), viewer)
        wanted = Wanted(key, shaped.dependence.tags(plan, viewer))
        until = boundary_of(question, now, ZoneInfo(plan.query.timezone))
        return Resolved(plan, wanted, now, until, self._texts)

    def _key(self, plan: Plan, arguments: dict[str, object], viewer: Viewer) -> CacheKey:
        return CacheKey.of(
            self._rules.prefix,
            arguments,
            scope={"tenant": viewer.tenant, "database": self._rules.database, "rows": plan.scope},
            version=plan.fingerprint,
        )


@dataclass(frozen=True, slots=True)
class _Shaped:
    """What all plans of one shape have in common: most of their arguments, and what answers depend on."""

    fixed: dict[str, object]
    dependence: Dependence

    @classmethod
    def of(cls, model: Model, plan: Plan) -> "_Shaped":
        fixed: dict[str, object] = {name: Encoded(value) for name, value in plan.query.fixed().items()}
        return cls(fixed, Dependence(model, plan))


def _values(question: Question) -> str:
    """Told by their texts: to Python 1, 1.0 and true are equal, and to a question they are not."""
    found = (*conditions(question.filters), *conditions(question.having))
    return repr([each.values for each in found]) if found else ""
