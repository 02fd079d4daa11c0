"""Filters of a leaf: what is looked up, and what lies below it and becomes a semi-join."""

from collections.abc import Iterable
from dataclasses import replace

from model.descents import Path, descent_paths
from model.dimension import Dimension
from model.model import Model
from model.routes import Route
from model.table import Join
from plan.parts import Below, Leaf
from plan.reach import ambiguous, not_reachable, route_to, told_path


def with_filters(model: Model, metric: str, leaf: Leaf, filtered: Iterable[Dimension]) -> Leaf:
    """The leaf with a way to every filtered dimension: a lookup where there is one, else a step down.

    A step down that the leaf takes for its groups already is no other step: such a filter speaks of the
    rows that are joined. Raises AMBIGUOUS_JOIN_PATH or DIMENSION_NOT_REACHABLE.
    """
    routes = dict(leaf.routes)
    below: dict[Join, list[Dimension]] = {}
    for dimension in filtered:
        if dimension.place in routes:
            continue
        down = _way_down(model, metric, leaf, dimension)
        if down is None:
            routes[dimension.place] = _way_up(model, metric, leaf, dimension)
        elif _is_taken(leaf, down[0]):
            routes[dimension.place] = (*down[0], *down[1])
        else:
            below.setdefault(down[0][0], []).append(dimension)
    found = tuple(_below(model, metric, step, dimensions) for step, dimensions in below.items())
    return replace(leaf, routes=routes, below=found)


def _way_up(model: Model, metric: str, leaf: Leaf, dimension: Dimension) -> Route:
    """A lookup. Rows beside those of the leaf, with no more in common than what both look up, say nothing."""
    if not model.routes_to(leaf.table.name, dimension):
        why = f"rows of {leaf.table.name} neither look it up nor have it below them"
        raise not_reachable(model, metric, leaf.table, dimension.name, why)
    return route_to(model, metric, leaf.table, dimension)


def _is_taken(leaf: Leaf, path: Path) -> bool:
    return any(route[: len(path)] == path for route in leaf.routes.values())


def _way_down(model: Model, metric: str, leaf: Leaf, dimension: Dimension) -> tuple[Path, Route] | None:
    if model.routes_to(leaf.table.name, dimension):
        return None
    paths = descent_paths(model.tables, leaf.table.name, dimension.place)
    if len(paths) > 1:
        ways = [told_path(leaf.table.name, (*path, *route)) for path, route in paths]
        raise ambiguous(model, metric, leaf.table, dimension, ways)
    return paths[0] if paths else None


def _below(model: Model, metric: str, step: Join, dimensions: list[Dimension]) -> Below:
    child = Leaf(model.tables[step.target], (), (), {}, None)
    covers = frozenset(dimension.place for dimension in dimensions)
    return Below(step, with_filters(model, metric, child, dimensions), covers)
