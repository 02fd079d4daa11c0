"""What of a model can matter to the rows of a table: which dimensions they may have a value of."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cached_property
from weakref import finalize

from model.dimension import Dimension
from model.expression import local_calls
from model.model import Model
from model.table import JoinKind
from resolvers.tags import ANY, value_tag


class Relevance:
    """Worked out once for each model and, as they are asked for, once for each set of tables."""

    def __init__(self, model: Model) -> None:
        self._dimensions = {name: each for name, each in model.dimensions.items() if not each.type.is_time}
        self._up: dict[str, set[str]] = defaultdict(set)
        self._down: dict[str, set[str]] = defaultdict(set)
        for table in model.tables.values():
            for join in table.joins:
                ends = (join.table, join.target)
                one, many = ends[::-1] if join.kind is JoinKind.MANY_TO_ONE else ends
                self._up[many].add(one)
                self._down[one].add(many)
        self._known: dict[tuple[str, ...], frozenset[str]] = {}
        self.dated: Mapping[str, Dimension] = {
            name: time for name in model.tables if (time := model.time_of(name))
        }
        """The tables whose rows have a date, and which time tells it."""

    def tags(self, tables: tuple[str, ...]) -> frozenset[str]:
        """`<dimension>:*` for every dimension that rows of these tables look up or have below them."""
        found = self._known.get(tables)
        if found is None:
            found = self._known[tables] = frozenset(self._tags(tables))
        return found

    def _tags(self, tables: Iterable[str]) -> Iterable[str]:
        below = _closure(tables, self._down)
        met = _closure(below, self._up)
        return (value_tag(name, ANY) for name, each in self._dimensions.items() if each.declared_on in met)

    @cached_property
    def local(self) -> frozenset[str]:
        """The dimensions whose values depend on the zone in which they are asked for."""
        return frozenset(name for name, each in self._dimensions.items() if local_calls(each.sql))


def _closure(starts: Iterable[str], steps: Mapping[str, set[str]]) -> set[str]:
    found: set[str] = set()
    waiting = list(starts)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += steps.get(name, ())
    return found


_KNOWN: dict[int, Relevance] = {}


def relevance_of(model: Model) -> Relevance:
    """Forgotten together with the model."""
    found = _KNOWN.get(id(model))
    if found is None:
        found = _KNOWN[id(model)] = Relevance(model)
        finalize(model, _KNOWN.pop, id(model), None)
    return found
