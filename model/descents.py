"""Steps from a table down to tables of which many rows may meet one of its own."""

from collections.abc import Mapping
from dataclasses import dataclass

from model.routes import lookup_routes
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


def descent_paths(tables: Mapping[str, Table], start: str, target: str) -> tuple[Path, ...]:
    """The shortest ways down from `start` to a table that looks up `target` without coming back."""
    level: list[tuple[Path, frozenset[str]]] = [((), frozenset({start}))]
    while level:
        found: list[tuple[Path, frozenset[str]]] = []
        deeper: list[tuple[Path, frozenset[str]]] = []
        for path, seen in level:
            for step in descents(tables, path[-1].child if path else start):
                if step.child in seen:
                    continue
                longer = ((*path, step), seen | {step.child})
                (found if _looks_up(tables, step.child, target, seen) else deeper).append(longer)
        if found:
            return tuple(path for path, _ in found)
        level = deeper
    return ()


def _looks_up(tables: Mapping[str, Table], child: str, target: str, seen: frozenset[str]) -> bool:
    """Whether `child` is the target or looks it up by one way that meets none of the tables above it."""
    routes = lookup_routes(tables, child).get(target, ())
    return len(routes) == 1 and not any(join.target in seen for join in routes[0])
