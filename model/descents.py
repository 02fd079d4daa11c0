"""Steps from a table down to tables of which many rows may meet one of its own."""

from collections.abc import Mapping
from dataclasses import dataclass

from model.routes import Route, lookup_routes
from model.table import JoinKind, Table


@dataclass(frozen=True, slots=True)
class Descent:
    """One row of the upper table meets every row of `child` where the paired columns are equal."""

    child: str
    on: tuple[tuple[str, str], ...]


def descents(tables: Mapping[str, Table], start: str) -> tuple[Descent, ...]:
    """The steps down from `start`: its one-to-many joins, and the many-to-one joins that lead to it."""
    down = [
        Descent(join.target, tuple(sorted(join.on)))
        for join in tables[start].joins
        if join.kind is JoinKind.ONE_TO_MANY
    ]
    up = [
        Descent(table.name, tuple(sorted((theirs, ours) for ours, theirs in join.on)))
        for table in tables.values()
        for join in table.joins
        if join.kind is JoinKind.MANY_TO_ONE and join.target == start
    ]
    return tuple(dict.fromkeys(down + up))


Path = tuple[Descent, ...]


def descent_paths(tables: Mapping[str, Table], start: str, target: str) -> tuple[tuple[Path, Route], ...]:
    """Every way down from `start` to a table, and on from there by lookups to `target`, without coming back.

    More than one way means different questions: which one is asked cannot be guessed.
    """
    found: list[tuple[Path, Route]] = []
    waiting: list[tuple[Path, frozenset[str]]] = [((), frozenset({start}))]
    while waiting:
        path, seen = waiting.pop(0)
        for step in descents(tables, path[-1].child if path else start):
            if step.child in seen:
                continue
            longer = (*path, step)
            found += [(longer, route) for route in _lookups(tables, step.child, target, seen)]
            waiting.append((longer, seen | {step.child}))
    return tuple(found)


def _lookups(tables: Mapping[str, Table], child: str, target: str, seen: frozenset[str]) -> list[Route]:
    """The ways by which `child` looks up the target (or is it) that meet none of the tables above it."""
    routes = lookup_routes(tables, child).get(target, ())
    return [route for route in routes if not any(join.target in seen for join in route)]
