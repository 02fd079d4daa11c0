"""Filters of a leaf: what is looked up, and what lies below it and becomes a semi-join."""

from collections.abc import Iterable
from dataclasses import replace

from model.descents import Descent, descent_paths
from model.dimension import Dimension
from model.model import Model
from model.routes import lookup_routes
from plan.parts import Below, Leaf
from plan.reach import ambiguous, route_to


def with_filters(model: Model, metric: str, leaf: Leaf, filtered: Iterable[Dimension]) -> Leaf:
    """The leaf with a way to every filtered dimension: a lookup where there is one, else a step down.

    Raises AMBIGUOUS_JOIN_PATH or DIMENSION_NOT_REACHABLE.
    """
    routes = dict(leaf.routes)
    below: dict[Descent, list[Dimension]] = {}
    for dimension in filtered:
        step = None if dimension.table in routes else _step_down(model, metric, leaf, dimension)
        if step is None:
            routes[dimension.table] = route_to(model, metric, leaf.table, dimension)
        else:
            below.setdefault(step, []).append(dimension)
    found = tuple(_below(model, metric, step, dimensions) for step, dimensions in below.items())
    return replace(leaf, routes=routes, below=found)


def _step_down(model: Model, metric: str, leaf: Leaf, dimension: Dimension) -> Descent | None:
    if dimension.table in lookup_routes(model.tables, leaf.table.name):
        return None
    paths = descent_paths(model.tables, leaf.table.name, dimension.table)
    if len(paths) > 1:
        ways = [
            " -> ".join((leaf.table.name, *(step.child for step in path), *(join.name for join in route)))
            for path, route in paths
        ]
        raise ambiguous(metric, dimension.name, ways)
    return paths[0][0][0] if paths else None


def _below(model: Model, metric: str, step: Descent, dimensions: list[Dimension]) -> Below:
    child = Leaf(model.tables[step.child], (), (), {}, None)
    covers = frozenset(dimension.table for dimension in dimensions)
    return Below(step, with_filters(model, metric, child, dimensions), covers)
