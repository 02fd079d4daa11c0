"""A plan: which tables a question aggregates, what each looks up on the way, and what comes out."""

from collections.abc import Iterable

from model.dimension import Dimension
from model.faults import Fault
from model.filters import conditions
from model.grain import AXIS, split_grain
from model.metric import Metric
from model.model import Model, steps_of
from model.query import Query
from model.routes import lookup_routes
from model.table import Table
from model.viewer import Viewer
from plan.below import with_filters
from plan.limits import Limits
from plan.normal import normal_query
from plan.parts import Grouping, Leaf, Plan
from plan.reach import not_reachable, route_to


def make_plan(model: Model, query: Query, viewer: Viewer, limits: Limits) -> Plan:  # noqa: ARG001
    """How `query` is answered rightly. Raises Fault for every question that cannot be."""
    query = normal_query(model, query, limits)
    metrics = tuple(model.metrics[name] for name in query.metrics)
    hidden = [order.name for order in query.order_by] + [each.name for each in conditions(query.having)]
    hidden += [share.metric for share in query.shares]
    behind = tuple(model.metrics[name] for name in hidden if name in model.metrics)
    leaves = tuple(_leaves(model, query, (*metrics, *behind))) or (values_leaf(model, query),)
    tables = set().union(*(leaf.tables for leaf in leaves))
    names = [metric.name for metric in (*metrics, *behind)]
    return Plan(query, metrics, leaves, model.fingerprint(names, _used(leaves, query), tables))


def _leaves(model: Model, query: Query, metrics: tuple[Metric, ...]) -> Iterable[Leaf]:
    """One leaf for each table, in the order in which the metrics first need them."""
    by_table: dict[str, list[Metric]] = {}
    for metric in metrics:
        for leaf in model.leaves(metric):
            by_table.setdefault(leaf.table or "", []).append(leaf)
    for name, found in by_table.items():
        unique = tuple(dict.fromkeys(found))
        yield _leaf(model, query, model.tables[name], unique, unique[0].name)


def values_leaf(model: Model, query: Query) -> Leaf:
    """Without metrics, the values of the dimensions: from the table of one of them that looks up the others.

    Raises DIMENSION_NOT_REACHABLE when there is none, for no rows then say which values go together.
    """
    asked = [split_grain(name) for name in query.dimensions]
    tables = dict.fromkeys(model.dimensions[stem].table for stem, _ in asked if stem != AXIS)
    for table in tables:
        routes = lookup_routes(model.tables, table)
        if all(len(routes.get(other, ())) == 1 for other in tables):
            return _leaf(model, query, model.tables[table], (), query.dimensions[0])
    names = ", ".join(query.dimensions)
    message = f"Without a metric, nothing says which values of {names} go together. Add a metric."
    raise Fault("DIMENSION_NOT_REACHABLE", message, dimension=query.dimensions[0], validDimensions=[])


def _leaf(model: Model, query: Query, table: Table, metrics: tuple[Metric, ...], metric: str) -> Leaf:
    groupings = tuple(_grouping(model, table, metric, name) for name in query.dimensions)
    time = _time(model, table, metric, query)
    looked_up = [grouping.dimension for grouping in groupings] + ([time] if time else [])
    looked_up += [model.dimensions[name] for each in metrics for name, _ in each.only]
    routes = {each.table: route_to(model, metric, table, each) for each in looked_up}
    filtered = [model.dimensions[condition.name] for condition in conditions(query.filters)]
    return with_filters(model, metric, Leaf(table, metrics, groupings, routes, time), filtered)


def _used(leaves: tuple[Leaf, ...], query: Query) -> set[str]:
    """The names of the dimensions that groups, filters, times and `only` read."""
    grouped = {grouping.dimension.name for leaf in leaves for grouping in leaf.groupings}
    narrowed = {name for leaf in leaves for metric in leaf.metrics for name, _ in metric.only}
    times = {leaf.time.name for leaf in leaves if leaf.time}
    return grouped | narrowed | times | {condition.name for condition in conditions(query.filters)}


def _grouping(model: Model, table: Table, metric: str, name: str) -> Grouping:
    stem, step = split_grain(name)
    if stem != AXIS:
        return Grouping(name, model.dimension(stem), step)
    time = model.time_of(table.name)
    if time is None or step not in steps_of(time.type):
        why = f"{table.name} has no time dimension" if time is None else f"'{time.name}' is a {time.type}"
        raise not_reachable(model, metric, table, name, why)
    return Grouping(name, time, step)


def _time(model: Model, table: Table, metric: str, query: Query) -> Dimension | None:
    if query.interval is None:
        return None
    time = model.time_of(table.name)
    if time is None:
        message = f"{table.name} has no time dimension, so '{metric}' has no dateRange. Leave it out."
        raise Fault("INVALID_DATE_RANGE", message, metric=metric)
    return time
