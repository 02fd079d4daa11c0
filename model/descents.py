"""Steps from a table down to tables of which many rows may meet one of its own."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace

from model.dimension import Place
from model.routes import Route, lookup_routes, routes_to_place
from model.table import Join, JoinKind, Table


def descents(tables: Mapping[str, Table], start: str) -> tuple[Join, ...]:
    """The steps down from `start`: its one-to-many joins, and the many-to-one joins that lead to it.

    A join that is declared from both sides is one step.
    """
    down = [join for join in tables[start].joins if join.kind is JoinKind.ONE_TO_MANY]
    leading_here = [
        join
        for table in tables.values()
        for join in table.joins
        if join.kind is JoinKind.MANY_TO_ONE and join.target == start
    ]
    often = Counter(join.table for join in leading_here)
    up = [_turned(join, alone=often[join.table] == 1) for join in leading_here]
    found: dict[object, Join] = {}
    for join in (*down, *up):
        found.setdefault((join.target, tuple(sorted(join.on))), join)
    return tuple(found.values())


def _turned(join: Join, *, alone: bool) -> Join:
    """The join as seen from its target, called after the table that it leads to then."""
    on = tuple((theirs, ours) for ours, theirs in join.on)
    name = join.table if alone else f"{join.table} by {join.name}"
    return replace(join, name=name, table=join.target, target=join.table, on=on, kind=join.kind.turned)


Path = tuple[Join, ...]


def descent_paths(tables: Mapping[str, Table], start: str, place: Place) -> tuple[tuple[Path, Route], ...]:
    """Every way down from `start` to a table, and on from there by lookups to `place`, without coming back.

    More than one way means different questions: which one is asked cannot be guessed.
    """
    found: list[tuple[Path, Route]] = []
    waiting: list[tuple[Path, frozenset[str]]] = [((), frozenset({start}))]
    while waiting:
        path, seen = waiting.pop(0)
        for step in descents(tables, path[-1].target if path else start):
            if step.target in seen or step.valid:
                continue
            longer = (*path, step)
            found += [(longer, route) for route in _lookups(tables, step.target, place, seen)]
            waiting.append((longer, seen | {step.target}))
    return tuple(found)


def _lookups(tables: Mapping[str, Table], child: str, place: Place, seen: Iterable[str]) -> list[Route]:
    """The ways by which `child` looks up the place (or is there) that meet none of the tables above it."""
    routes = routes_to_place(tables, lookup_routes(tables, child), place)
    return [route for route in routes if not any(join.target in seen for join in route)]
