"""The tags of an answer: everything that, when it changes, may change the answer.

An answer depends on the months that its ranges touch where a table's own time tells them, on all rows of
tables that it reads in any other way, and on the dimension values that its filters do not exclude. In doubt
it depends: a tag too many costs a miss, one too few a wrong number.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from model.dimension import Dimension
from model.model import Model
from model.viewer import Viewer
from plan.parts import Leaf, Plan
from resolvers.cover import EVERYTHING, cover_of, days_of
from resolvers.pins import pins_of
from resolvers.relevance import Relevance, relevance_of
from resolvers.tags import ANY, date_tag, rows_tag, table_tag, tenant_tag, value_tag
from resolvers.ways import every_leaf, is_always_found_at, stands

_MOST_RANGES: Final = 500


def tags_of(model: Model, plan: Plan, viewer: Viewer) -> tuple[str, ...]:
    """Sorted, each once. Months and years are those of the model's zone."""
    return Dependence(model, plan).tags(plan, viewer)


class Dependence:
    """What plans of one shape depend on, worked out of any of them."""

    def __init__(self, model: Model, plan: Plan) -> None:
        self._model = model
        self._relevance = relevance_of(model)
        self._zone = ZoneInfo(model.timezone)
        leaves = tuple(every_leaf(plan))
        self._dated = tuple(_dated(model, self._relevance, leaf) for leaf in leaves)
        found = {tag for leaf in leaves for tag in _table_tags(leaf)}
        found |= self._relevance.tags(tuple(dict.fromkeys(leaf.table.name for leaf in leaves)))
        self._always = tuple(sorted(found))

    def tags(self, plan: Plan, viewer: Viewer) -> tuple[str, ...]:
        """Of one of them."""
        leaves = tuple(every_leaf(plan))
        tags = dict.fromkeys(self._always)
        for name, values in pins_of(self._model, plan.query.filters, leaves).items():
            if name in self._relevance.local and plan.query.timezone != self._model.timezone:
                continue  # its values are those of another zone than whoever changes data thinks of
            tags.pop(value_tag(name, ANY), None)
            tags |= dict.fromkeys(values)
        for leaf, dated in zip(leaves, self._dated, strict=True):
            pieces = cover_of(days_of(leaf.period.interval, leaf.time, self._zone))
            tags |= dict.fromkeys(dated.tags(pieces))
        if viewer.tenant:
            tags[tenant_tag(viewer.tenant)] = None
        return tuple(sorted(tags))


@dataclass(frozen=True, slots=True)
class _Dated:
    """What of a leaf is told apart by months."""

    table: str
    by_own_time: bool
    by_date: bool

    def tags(self, pieces: tuple[str, ...]) -> tuple[str, ...]:
        """The range's, unless rows are read whose own dates lie anywhere."""
        return _tags(
            self.table, pieces if self.by_own_time else EVERYTHING, pieces if self.by_date else EVERYTHING
        )


@lru_cache(_MOST_RANGES)
def _tags(table: str, rows: tuple[str, ...], dates: tuple[str, ...]) -> tuple[str, ...]:
    """Many questions are of the same months."""
    return (*(rows_tag(table, piece) for piece in rows), *map(date_tag, dates))


def _dated(model: Model, relevance: Relevance, leaf: Leaf) -> _Dated:
    """Months are told apart for the leaf's own rows only; of other tables, any row may be met."""
    own, time = leaf.table.name, leaf.time
    if time is None or leaf.period.interval is None:
        return _Dated(own, by_own_time=False, by_date=False)
    return _Dated(own, time.place == (own, ()), _is_dated_alike(model, relevance, leaf, time))


def _table_tags(leaf: Leaf) -> Iterator[str]:
    yield table_tag(leaf.table.name)
    for route, table in stands(leaf):
        if route:
            yield table_tag(table)
            yield rows_tag(table, ANY)


def _is_dated_alike(model: Model, relevance: Relevance, leaf: Leaf, time: Dimension) -> bool:
    """Whether all rows that are read have no date, or the very one that the leaf's range speaks of."""
    dates = (relevance.dated.get(table) for _, table in stands(leaf))
    if any(each is not None and each.name != time.name for each in dates):
        return False
    return is_always_found_at(model, leaf, time, leaf.routes[time.place])
