"""Ways through the joins: which tables a row of one table can look up without being multiplied."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from model.dimension import Place
from model.table import Join, JoinKind, Table

Route = tuple[Join, ...]
"""Joins to follow one after the other; the empty route stays at the table itself."""

Routes = Mapping[str, tuple[Route, ...]]
"""Every way from one table, by the table that it leads to."""


def lookup_routes(tables: Mapping[str, Table], start: str) -> dict[str, tuple[Route, ...]]:
    """Every way over many-to-one joins from `start`, by the table it leads to, the shortest first.

    No way visits a table twice. A row of `start` meets at most one row at the end of each. Where a table on
    the way names its path to another one, only that way is left.
    """
    found: dict[str, list[Route]] = defaultdict(list)
    waiting: list[Route] = [()]
    while waiting:
        route = waiting.pop(0)
        here = route[-1].target if route else start
        found[here].append(route)
        visited = {start, *(join.target for join in route)}
        waiting += [
            (*route, join)
            for join in tables[here].joins
            if join.kind is JoinKind.MANY_TO_ONE and join.target not in visited
        ]
    return {table: _named(tables, table, routes) for table, routes in found.items()}


def _named(tables: Mapping[str, Table], target: str, routes: list[Route]) -> tuple[Route, ...]:
    """The routes that follow every path which a table on them names."""
    if len(routes) == 1:
        return tuple(routes)
    return tuple(route for route in routes if _follows_paths(tables, target, route))


def _follows_paths(tables: Mapping[str, Table], target: str, route: Route) -> bool:
    for index, join in enumerate(route):
        named = dict(tables[join.table].paths).get(target)
        if named and named != tuple(step.name for step in route[index:]):
            return False
    return True


def routes_to_place(tables: Mapping[str, Table], routes: Routes, place: Place) -> tuple[Route, ...]:
    """The ways from where `routes` begin to a place: to its table, and on over the joins that it names."""
    owner, via = place
    found = routes.get(owner, ())
    if not via:
        return found
    onward = joins_named(tables, owner, via)
    return tuple((*route, *onward) for route in found)


def joins_named(tables: Mapping[str, Table], start: str, names: Iterable[str]) -> Route:
    """The joins of these names, one after the other from `start`. Raises LookupError."""
    found: list[Join] = []
    for name in names:
        here = found[-1].target if found else start
        join = tables[here].join(name)
        if join is None or join.kind is not JoinKind.MANY_TO_ONE:
            raise LookupError(f"{here} has no many-to-one join '{name}'")
        found.append(join)
    return tuple(found)


def connected_tables(tables: Mapping[str, Table], start: str) -> set[str]:
    """Every table that joins of any kind, followed either way, connect with `start`."""
    neighbours: dict[str, set[str]] = defaultdict(set)
    for join in _all_joins(tables.values()):
        neighbours[join.table].add(join.target)
        neighbours[join.target].add(join.table)
    seen: set[str] = set()
    waiting = [start]
    while waiting:
        table = waiting.pop()
        if table not in seen:
            seen.add(table)
            waiting += neighbours[table]
    return seen


def _all_joins(tables: Iterable[Table]) -> Iterable[Join]:
    return (join for table in tables for join in table.joins)
