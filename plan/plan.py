"""A plan: which tables a question aggregates, what each looks up on the way, and what comes out."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from model.dimension import Dimension
from model.faults import Fault
from model.filters import conditions
from model.grain import AXIS, Grain, Part, split_grain
from model.metric import Metric
from model.model import Model, steps_of
from model.query import Query
from model.routes import Route
from model.table import Table
from model.viewer import Viewer
from plan.limits import Limits
from plan.normal import normal_query
from plan.reach import not_reachable, route_to


class ColumnKind(StrEnum):
    """What a key of a row is."""

    DIMENSION = "DIMENSION"
    TIME = "TIME"
    METRIC = "METRIC"


@dataclass(frozen=True, slots=True)
class Grouping:
    """A dimension that rows are grouped by, under the name that the question used."""

    name: str
    dimension: Dimension
    step: Grain | Part | None = None

    @property
    def kind(self) -> ColumnKind:
        is_time = self.dimension.type.is_time and not isinstance(self.step, Part)
        return ColumnKind.TIME if is_time else ColumnKind.DIMENSION


@dataclass(frozen=True, slots=True)
class Leaf:
    """One aggregate: the metrics of one table at its own grain, before anything else is joined to it.

    `routes` tells how each other table is looked up. The groupings of all leaves have the same names; behind
    `time__...` stands each table's own time.
    """

    table: Table
    metrics: tuple[Metric, ...]
    groupings: tuple[Grouping, ...]
    routes: dict[str, Route]
    time: Dimension | None

    @property
    def tables(self) -> set[str]:
        return {self.table.name, *(join.target for route in self.routes.values() for join in route)}


@dataclass(frozen=True, slots=True)
class Plan:
    """The leaves of a question, and what is made of them.

    `fingerprint` is of the definitions used, `tables` are all that are read: both belong to the cache.
    """

    query: Query
    metrics: tuple[Metric, ...]
    leaves: tuple[Leaf, ...]
    fingerprint: str

    @property
    def groupings(self) -> tuple[Grouping, ...]:
        return self.leaves[0].groupings

    @property
    def names(self) -> tuple[str, ...]:
        """The keys of a row, in order."""
        return (*self.query.dimensions, *self.query.metrics)

    @property
    def tables(self) -> tuple[str, ...]:
        return tuple(sorted(set().union(*(leaf.tables for leaf in self.leaves))))


def make_plan(model: Model, query: Query, viewer: Viewer, limits: Limits) -> Plan:  # noqa: ARG001
    """How `query` is answered rightly. Raises Fault for every question that cannot be."""
    query = normal_query(model, query, limits)
    metrics = tuple(model.metrics[name] for name in query.metrics)
    ordered_by = tuple(model.metrics[each.name] for each in query.order_by if each.name in model.metrics)
    leaves = tuple(_leaves(model, query, (*metrics, *ordered_by)))
    used = [dimension.name for leaf in leaves for dimension in _used(model, leaf, query)]
    tables = set().union(*(leaf.tables for leaf in leaves))
    names = [metric.name for metric in (*metrics, *ordered_by)]
    return Plan(query, metrics, leaves, model.fingerprint(names, used, tables))


def _leaves(model: Model, query: Query, metrics: tuple[Metric, ...]) -> Iterable[Leaf]:
    """One leaf for each table, in the order in which the metrics first need them."""
    by_table: dict[str, list[Metric]] = {}
    for metric in metrics:
        for leaf in model.leaves(metric):
            by_table.setdefault(leaf.table or "", []).append(leaf)
    for name, found in by_table.items():
        yield _leaf(model, query, model.tables[name], tuple(dict.fromkeys(found)))


def _leaf(model: Model, query: Query, table: Table, metrics: tuple[Metric, ...]) -> Leaf:
    groupings = tuple(_grouping(model, table, metrics[0], name) for name in query.dimensions)
    leaf = Leaf(table, metrics, groupings, {}, _time(model, table, metrics[0], query))
    routes = {
        dimension.table: route_to(model, metrics[0], table, dimension)
        for dimension in _used(model, leaf, query)
    }
    return Leaf(table, metrics, groupings, routes, leaf.time)


def _used(model: Model, leaf: Leaf, query: Query) -> list[Dimension]:
    """Every dimension that the leaf reads: groups, filters, its time, and what narrows its metrics."""
    filtered = (model.dimension(condition.name) for condition in conditions(query.filters))
    narrowing = (model.dimensions[name] for metric in leaf.metrics for name, _ in metric.only)
    time = [leaf.time] if leaf.time else []
    return [*(grouping.dimension for grouping in leaf.groupings), *filtered, *time, *narrowing]


def _grouping(model: Model, table: Table, metric: Metric, name: str) -> Grouping:
    stem, step = split_grain(name)
    if stem != AXIS:
        return Grouping(name, model.dimension(stem), step)
    time = model.time_of(table.name)
    if time is None or step not in steps_of(time.type):
        why = f"{table.name} has no time dimension" if time is None else f"'{time.name}' is a {time.type}"
        raise not_reachable(model, metric, table, name, why)
    return Grouping(name, time, step)


def _time(model: Model, table: Table, metric: Metric, query: Query) -> Dimension | None:
    if query.interval is None:
        return None
    time = model.time_of(table.name)
    if time is None:
        message = f"{table.name} has no time dimension, so '{metric.name}' has no dateRange. Leave it out."
        raise Fault("INVALID_DATE_RANGE", message, metric=metric.name)
    return time
