"""Denormalised rows: a row together with its rows of other tables."""

from collections.abc import Mapping
from itertools import product

from tests.engine.shop import TABLES, Row, Shop, beyond, neighbours

Joined = Mapping[str, Row | None]
"""For each table its row, or None where no row is found."""


def joined(shop: Shop, table: str, row: Row, wanted: frozenset[str], *, outer: bool) -> list[Joined]:
    """Every combination of the row with its rows of the tables `wanted`.

    With `outer`, a table below that has no row for it is None; without, there is no combination then.
    What is looked up and not found is None in any case.
    """
    return _expanded(shop, table, row, "", wanted, outer=outer)


def _expanded(
    shop: Shop, table: str, row: Row, origin: str, wanted: frozenset[str], *, outer: bool
) -> list[Joined]:
    branches = [
        _branch(shop, table, row, other, wanted, outer=outer)
        for other in sorted(neighbours(table) - {origin})
        if wanted & beyond(other, table)
    ]
    return [_merged({table: row}, *parts) for parts in product(*branches)]


def _branch(
    shop: Shop, table: str, row: Row, other: str, wanted: frozenset[str], *, outer: bool
) -> list[Joined]:
    upwards = other in TABLES[table].looks_up
    found = _related(shop, table, row, other)
    if not found:
        return [{}] if outer or upwards else []
    return [each for one in found for each in _expanded(shop, other, one, table, wanted, outer=outer)]


def _related(shop: Shop, table: str, row: Row, other: str) -> list[Row]:
    rows = TABLES[other].rows(shop)
    if other in TABLES[table].looks_up:
        return [each for each in rows if TABLES[table].looks_up[other].finds(row, each)]
    return [each for each in rows if TABLES[other].looks_up[table].finds(each, row)]


def _merged(*parts: Joined) -> Joined:
    return {table: row for part in parts for table, row in part.items()}
