"""Plans, remembered: questions that differ in their values alone are planned once.

Values are ranges, the page and what filters compare with. A plan depends on them in few places, which are
worked out for each question by the functions that make a plan as well.
"""

from collections.abc import Hashable
from dataclasses import fields
from operator import attrgetter

from cachetools import LRUCache
from cachetools.keys import hashkey

from model.filters import Filter, conditions
from model.model import Model
from model.query import Query
from model.viewer import Viewer
from plan.limits import Limits
from plan.normal import normal_names
from plan.normal import with_values as normal_with_values
from plan.parts import Plan
from plan.plan import plan_of, with_values

MOST = 200
VALUES = frozenset({"filters", "having", "interval", "compared_with", "limit", "offset", "search"})
"""The fields of a query by which plans of one shape differ."""

_NAMES = attrgetter(*(each.name for each in fields(Query) if each.name not in VALUES))


class _Names:
    """The normal names of a question. Each is equal to itself only."""

    __slots__ = ("query",)

    def __init__(self, query: Query) -> None:
        self.query = query


class Planner:
    """Of one model. Gives what `make_plan` gives; plans of one shape have the same `shape`."""

    def __init__(self, model: Model, limits: Limits, most: int = MOST) -> None:
        self._model = model
        self._limits = limits
        self._names: LRUCache[Hashable, _Names] = LRUCache(most)
        self._plans: LRUCache[Hashable, Plan] = LRUCache(most)

    def plan(self, query: Query, viewer: Viewer) -> Plan:
        """Raises Fault for every question that cannot be answered."""
        names = self._names_of(query)
        asked = normal_with_values(self._model, names.query, query, self._limits)
        ident = names, _named(asked.filters), _named(asked.having)
        known = self._plans.get(ident)
        if known is not None:
            return with_values(self._model, known, asked, viewer)
        found = self._plans[ident] = plan_of(self._model, asked, viewer)
        return found

    def _names_of(self, query: Query) -> _Names:
        ident = _without_values(query)
        found = self._names.get(ident)
        if found is None:
            found = self._names[ident] = _Names(normal_names(self._model, query, self._limits))
        return found


def _without_values(query: Query) -> Hashable:
    """All else of a question, and whether it has ranges."""
    return hashkey(_NAMES(query), query.interval is None, query.compared_with is None)


def _named(tree: Filter) -> tuple[str, ...]:
    """What is filtered by: ways to it are found in this order."""
    return tuple(dict.fromkeys(each.name for each in conditions(tree)))
