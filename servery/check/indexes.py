"""Indexes that would help: on the time of a large table, and on the keys by which it is joined."""

from collections.abc import Iterator
from math import inf

from model.model import Model
from model.source import Path
from model.table import JoinKind
from servery.check.catalog import Catalog
from servery.check.finding import Finding, advice
from servery.check.relation import Relation

FEW_VALUES = 20
"""A value that more than one row in 20 has is not looked up by an index."""


def missing_indexes(model: Model, catalog: Catalog, large: int) -> Iterator[Finding]:
    """On tables of at least `large` rows; each index once."""
    seen: set[tuple[str, frozenset[str]]] = set()
    for table, columns, path, what in (*_times(model), *_join_keys(model)):
        relation = catalog.relations.get(table)
        if relation is None or (table, frozenset(columns)) in seen or not _wanting(relation, columns, large):
            continue
        seen.add((table, frozenset(columns)))
        size = f"{relation.title} has about {relation.rows:,} rows"
        message = f"{size} and no index on {what} ({', '.join(columns)})."
        remedy = "Create one." if relation.kind != "p" else "Create one; writing waits while it is built."
        yield advice(path, message, remedy, relation.create_index(columns))


def _wanting(relation: Relation, columns: tuple[str, ...], large: int) -> bool:
    return (
        relation.can_be_indexed
        and relation.rows >= large
        and set(columns) <= relation.columns.keys()
        and not relation.finds_by(columns)
        and _values(relation, columns) > FEW_VALUES
    )


def _values(relation: Relation, columns: tuple[str, ...]) -> float:
    """How many there are of the column that has most; without statistics there may be many."""
    distinct = relation.distinct or {}
    return max(distinct.get(column, inf) for column in columns)


Wanted = tuple[str, tuple[str, ...], Path, str]


def _times(model: Model) -> Iterator[Wanted]:
    for table in model.tables.values():
        time = model.time_of(table.name)
        if time and time.sql.column:
            path = ("tables", time.table, "dimensions", time.name)
            yield time.table, (time.sql.column,), path, "its time column"


def _join_keys(model: Model) -> Iterator[Wanted]:
    """The side of which there are many; the other one is found by its key."""
    for join in (join for table in model.tables.values() for join in table.joins):
        path = ("tables", join.table, "joins", join.name)
        if join.kind is JoinKind.MANY_TO_ONE:
            yield join.table, tuple(ours for ours, _ in join.on), path, f"its join to {join.target}"
        else:
            yield join.target, tuple(theirs for _, theirs in join.on), path, f"its join from {join.table}"
