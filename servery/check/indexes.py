"""Indexes that would help: on times, keys of joins, validity ranges, row filters and moments."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import inf

from model.metric import Snapshot
from model.model import Model
from model.source import Path
from model.table import JoinKind
from servery.check.catalog import Catalog
from servery.check.declared import path_of_snapshot
from servery.check.finding import Finding, advice, path_of, path_of_join
from servery.check.joins import joins
from servery.check.relation import Index, Relation
from servery.check.row_filters import filtered_columns

FEW_VALUES = 20
"""A value that more than one row in 20 has is not looked up by an index."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """An index on `columns` in any order, and on `then` behind them; `last` says how that is ordered.

    `also` may follow, where there is no such index yet.
    """

    table: str
    columns: tuple[str, ...]
    path: Path
    what: str
    then: str = ""
    last: str = ""
    also: str = ""

    @property
    def asked(self) -> tuple[str, ...]:
        return (*self.columns, self.then) if self.then else self.columns

    @property
    def all(self) -> tuple[str, ...]:
        return (*self.asked, self.also) if self.also else self.asked


def missing_indexes(model: Model, catalog: Catalog, large: int) -> Iterator[Finding]:
    """On tables of at least `large` rows. What one of them would serve asks for no other."""
    relations = dict(catalog.relations)
    for wanted in _wanted(model):
        relation = relations.get(wanted.table)
        if relation and _is_wanting(relation, wanted, large):
            created = Index(wanted.all, unique=False)
            relations[wanted.table] = replace(relation, indexes=(*relation.indexes, created))
            yield _told(wanted, relation)


def _told(wanted: Wanted, relation: Relation) -> Finding:
    size = f"{relation.title} has about {relation.rows:,} rows"
    message = f"{size} and no index on {wanted.what} ({', '.join(wanted.asked)})."
    remedy = "Create one." if relation.kind != "p" else "Create one; writing waits while it is built."
    return advice(wanted.path, message, remedy, relation.create_index(wanted.all, last=wanted.last))


def _is_wanting(relation: Relation, wanted: Wanted, large: int) -> bool:
    return (
        relation.can_be_indexed
        and relation.rows >= large
        and relation.columns.keys() >= set(wanted.all)
        and not relation.finds_by(wanted.columns, wanted.then)
        and _values(relation, wanted.columns) > FEW_VALUES
    )


def _values(relation: Relation, columns: tuple[str, ...]) -> float:
    """How many there are of the column that has most; without statistics there may be many."""
    distinct = relation.distinct or {}
    return max(distinct.get(column, inf) for column in columns)


def _wanted(model: Model) -> Iterator[Wanted]:
    """What serves two needs is told of the one that asks for more columns, so those come first."""
    yield from _moments(model)
    yield from _row_filters(model)
    yield from _versions(model)
    yield from _times(model)
    yield from _join_keys(model)


def _times(model: Model) -> Iterator[Wanted]:
    for table in model.tables.values():
        time = model.time_of(table.name)
        if time and time.sql.column:
            yield Wanted(time.table, (time.sql.column,), path_of(time), "its time column")


def _join_keys(model: Model) -> Iterator[Wanted]:
    """The side of which there are many; the other one is found by its key."""
    for join in joins(model):
        ours, theirs = (tuple(side) for side in zip(*join.on, strict=True))
        if join.kind is JoinKind.MANY_TO_ONE:
            yield Wanted(join.table, ours, path_of_join(join), f"its join to {join.target}")
        else:
            yield Wanted(join.target, theirs, path_of_join(join), f"its join from {join.table}")


def _versions(model: Model) -> Iterator[Wanted]:
    """The one that was valid is the last that began."""
    for join in joins(model):
        if join.valid:
            theirs = tuple(name for _, name in join.on)
            path = (*path_of_join(join), "valid")
            yield Wanted(join.target, theirs, path, "its versions", then=join.valid.start)


def _row_filters(model: Model) -> Iterator[Wanted]:
    """With the time behind it, because most questions have a range."""
    for table in model.tables.values():
        columns = filtered_columns(table.row_filter) if table.row_filter else ()
        time = model.time_of(table.name)
        own = time.sql.column if time and time.place == (table.name, ()) else None
        if columns:
            path = ("tables", table.name, "row_filter")
            also = own if own and own not in columns else ""
            yield Wanted(table.name, columns, path, "what its row filter compares", also=also)


def _moments(model: Model) -> Iterator[Wanted]:
    for metric in model.metrics.values():
        if metric.snapshot and metric.table:
            yield _moment(metric.table, metric.snapshot, path_of_snapshot(metric))


def _moment(table: str, snapshot: Snapshot, path: Path) -> Wanted:
    """In the order in which the plan ranks them; a single column is read from either end."""
    what = "the moments of a metric"
    per = tuple(name for name in dict.fromkeys(snapshot.per) if name != snapshot.over)
    if not per:
        return Wanted(table, (snapshot.over,), path, what)
    return Wanted(table, per, path, what, snapshot.over, "" if snapshot.first else " desc nulls last")
