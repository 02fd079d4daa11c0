"""Ways through the joins: which tables a row of one table can look up without being multiplied."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from model.table import Join, JoinKind, Table

Route = tuple[Join, ...]
"""Joins to follow one after the other; the empty route stays at the table itself."""


def lookup_routes(tables: Mapping[str, Table], start: str) -> dict[str, tuple[Route, ...]]:
    """Every way over many-to-one joins from `start`, by the table it leads to, the shortest first.

    No way visits a table twice. A row of `start` meets at most one row at the end of each.
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
    return {table: tuple(routes) for table, routes in found.items()}


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
