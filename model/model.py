"""The model: everything that may be asked, looked up by name."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256

from cachetools import LRUCache

from model.dimension import Dimension
from model.expression import local_calls
from model.faults import UnknownName
from model.grain import AXIS, Grain, Part, split_grain
from model.metric import Metric
from model.routes import Route, Routes, lookup_routes, routes_to_place
from model.table import Table
from model.value import ValueType

MOST_FINGERPRINTS = 1_000


@dataclass(frozen=True)
class Model:
    """Whole and consistent: `model.load` makes no other. `week_start` is 1 for Monday to 7 for Sunday."""

    tables: Mapping[str, Table]
    dimensions: Mapping[str, Dimension]
    metrics: Mapping[str, Metric]
    timezone: str = "UTC"
    week_start: int = 1
    title: str = ""
    description: str = ""
    segments: Mapping[str, Dimension] = field(default_factory=dict)
    warm: tuple[str, ...] = ()
    """Questions whose answers are to be in the cache: the arguments of `analytics`, not looked into here."""

    def metric(self, name: str) -> Metric:
        """Raises UnknownName, with what may have been meant."""
        found = self.metrics.get(name)
        if found is None:
            raise UnknownName("metric", name, self.metrics)
        return found

    def dimension(self, name: str) -> Dimension:
        """The declared dimension of that name, without a grain. Raises UnknownName."""
        found = self.dimensions.get(name)
        if found is None:
            raise UnknownName("dimension", name, self.dimension_names)
        return found

    def filterable(self, name: str) -> Dimension:
        """The dimension or segment that a filter names, without a grain. Raises UnknownName."""
        return self.segments[name] if name in self.segments else self.dimension(name)

    def routes(self, table: str) -> Routes:
        """Every way by which rows of `table` look up others, by the table at its end."""
        found = self._routes.get(table)
        if found is None:
            found = self._routes[table] = lookup_routes(self.tables, table)
        return found

    def routes_to(self, table: str, dimension: Dimension) -> tuple[Route, ...]:
        """Every way by which rows of `table` look up a dimension. One is an answer, several are a doubt."""
        return routes_to_place(self.tables, self.routes(table), dimension.place)

    @cached_property
    def _routes(self) -> dict[str, Routes]:
        return {}

    def time_of(self, table: str) -> Dimension | None:
        """The dimension behind `time__...` for metrics of this table."""
        name = self.tables[table].time
        return self.dimensions[name] if name else None

    def time_column(self, table: str, column: str) -> Dimension:
        """The time dimension of `table` that is this very column: what `local(column)` is about."""
        return next(each for each in self.time_columns(table) if each.sql.column == column)

    def time_columns(self, table: str) -> Iterator[Dimension]:
        """The columns of `table` that are declared as times."""
        return (each for each in self.dimensions.values() if each.table == table and each.type.is_time)

    @cached_property
    def dimension_names(self) -> tuple[str, ...]:
        """Every name that a question may group by: plain ones, and time with each grain and part."""
        axis = [f"{AXIS}__{step}" for step in self._axis_steps]
        return (*axis, *(name for each in self.dimensions.values() for name in _names_of(each)))

    @cached_property
    def _axis_steps(self) -> tuple[Grain | Part, ...]:
        times = [self.time_of(name) for name in self.tables]
        steps = dict.fromkeys(step for time in times if time for step in steps_of(time.type))
        return tuple(step for step in (*Grain, *Part) if step in steps)

    def leaves(self, metric: Metric) -> tuple[Metric, ...]:
        """The aggregates that a metric comes down to, each once; an aggregate is its own."""
        return tuple(each for each in self._with_inputs([metric.name]) if each.kind.is_aggregate)

    def fingerprint(self, metrics: Iterable[str], dimensions: Iterable[str], tables: Iterable[str]) -> str:
        """Of the definitions that a question uses, so that a new model only outdates what it changed."""
        asked = frozenset(metrics), frozenset(dimensions), frozenset(tables)
        found = self._fingerprints.get(asked)
        if found is None:
            found = self._fingerprints[asked] = self._fingerprint(*asked)
        return found

    @cached_property
    def _fingerprints(self) -> LRUCache[tuple[frozenset[str], ...], str]:
        return LRUCache(MOST_FINGERPRINTS)

    def _fingerprint(self, metrics: frozenset[str], given: frozenset[str], tables: frozenset[str]) -> str:
        found = self._with_inputs(sorted(metrics))
        named = {*given, *self._local_times(found, given)}
        used: list[object] = [
            self.week_start,
            self.timezone,
            found,
            *(self.filterable(name) for name in sorted(named)),
        ]
        used += [self.tables[name] for name in sorted(tables)]
        return sha256(repr(used).encode()).hexdigest()[:16]

    def _local_times(self, metrics: Iterable[Metric], dimensions: Iterable[str]) -> Iterator[str]:
        """The time dimensions behind `local(...)`: their zone decides what it means."""
        owned = [(self.filterable(name).table, self.filterable(name).sql) for name in dimensions]
        owned += [(each.table or "", sql) for each in metrics for sql in (each.sql, each.where) if sql]
        for table, sql in owned:
            for (column,) in local_calls(sql):
                yield self.time_column(table, column).name

    def _with_inputs(self, names: Sequence[str]) -> list[Metric]:
        """The metrics and all that they are made of, from left to right, each once."""
        found: dict[str, Metric] = {}
        waiting = list(reversed(names))
        while waiting:
            name = waiting.pop()
            if name not in found:
                found[name] = self.metrics[name]
                waiting += reversed(found[name].inputs)
        return list(found.values())


def steps_of(kind: ValueType) -> tuple[Grain | Part, ...]:
    """The grains and parts of time that a column of this type has."""
    if not kind.is_time:
        return ()
    steps: tuple[Grain | Part, ...] = (*Grain, *Part)
    if kind is ValueType.DATE:
        fine = {Grain.MINUTE_15, Grain.MINUTE_30, Grain.HOUR, Part.HOUR_OF_DAY}
        return tuple(step for step in steps if step not in fine)
    return steps


def _names_of(dimension: Dimension) -> tuple[str, ...]:
    return (dimension.name, *(f"{dimension.name}__{step}" for step in steps_of(dimension.type)))


def base_name(name: str) -> str:
    """The declared name behind a name of a question: `shipped_on__month` -> `shipped_on`."""
    return split_grain(name)[0]
