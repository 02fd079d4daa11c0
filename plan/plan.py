"""A plan: which table a question aggregates, what it looks up on the way, and what comes out."""

from dataclasses import dataclass
from enum import StrEnum

from model.dimension import Dimension
from model.faults import Fault
from model.filters import conditions
from model.grain import AXIS, Grain, Part, split_grain
from model.metric import Metric
from model.model import Model, steps_of
from model.query import Query
from model.table import Join, Table
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
class Plan:
    """One aggregate over `table`. `routes` tells how each other table is looked up from it.

    `fingerprint` is of the definitions used, `tables` are all that are read: both belong to the cache.
    """

    query: Query
    table: Table
    metrics: tuple[Metric, ...]
    groupings: tuple[Grouping, ...]
    routes: dict[str, tuple[Join, ...]]
    time: Dimension | None
    fingerprint: str
    tables: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The keys of a row, in order."""
        return (*(grouping.name for grouping in self.groupings), *(metric.name for metric in self.metrics))


def make_plan(model: Model, query: Query, viewer: Viewer, limits: Limits) -> Plan:  # noqa: ARG001
    """How `query` is answered rightly. Raises Fault for every question that cannot be."""
    query = normal_query(model, query, limits)
    metrics = tuple(model.metric(name) for name in query.metrics)
    ordered_by = tuple(model.metrics[o.name] for o in query.order_by if o.name in model.metrics)
    table = _one_table(model, (*metrics, *ordered_by))
    groupings = tuple(_grouping(model, table, metrics[0], name) for name in query.dimensions)
    filtered = [model.dimension(condition.name) for condition in conditions(query.filters)]
    time = _time(model, table, query)
    used = [*(grouping.dimension for grouping in groupings), *filtered, *([time] if time else [])]
    used += _narrowing(model, (*metrics, *ordered_by))
    routes = {dimension.table: route_to(model, metrics[0], table, dimension) for dimension in used}
    tables = sorted({table.name, *(join.target for route in routes.values() for join in route)})
    names = [metric.name for metric in (*metrics, *ordered_by)]
    return Plan(
        query=query,
        table=table,
        metrics=metrics,
        groupings=groupings,
        routes=routes,
        time=time,
        fingerprint=model.fingerprint(names, (each.name for each in used), tables),
        tables=tuple(tables),
    )


def _one_table(model: Model, metrics: tuple[Metric, ...]) -> Table:
    """The table that all aggregates read. Raises SEVERAL_TABLES for more than one."""
    first: dict[str, str] = {}
    for metric in metrics:
        for leaf in model.leaves(metric):
            first.setdefault(leaf.table or "", metric.name)
    if len(first) > 1:
        where = " and ".join(f"'{name}' over {table}" for table, name in first.items())
        message = (
            f"These metrics are aggregated over several tables: {where}. Ask for each in its own question."
        )
        raise Fault("SEVERAL_TABLES", message, tables=sorted(first))
    return model.tables[next(iter(first))]


def _narrowing(model: Model, metrics: tuple[Metric, ...]) -> list[Dimension]:
    """The dimensions in the `only` of the aggregates."""
    leaves = (leaf for metric in metrics for leaf in model.leaves(metric))
    return [model.dimensions[name] for leaf in leaves for name, _ in leaf.only]


def _grouping(model: Model, table: Table, metric: Metric, name: str) -> Grouping:
    stem, step = split_grain(name)
    if stem != AXIS:
        return Grouping(name, model.dimension(stem), step)
    time = model.time_of(table.name)
    if time is None or step not in steps_of(time.type):
        why = f"{table.name} has no time dimension" if time is None else f"'{time.name}' is a {time.type}"
        raise not_reachable(model, metric, table, name, why)
    return Grouping(name, time, step)


def _time(model: Model, table: Table, query: Query) -> Dimension | None:
    if query.interval is None:
        return None
    time = model.time_of(table.name)
    if time is None:
        message = (
            f"{table.name} has no time dimension, so '{query.metrics[0]}' has no dateRange. Leave it out."
        )
        raise Fault("INVALID_DATE_RANGE", message, metric=query.metrics[0])
    return time
