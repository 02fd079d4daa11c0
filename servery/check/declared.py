"""Every piece of SQL over rows that a model holds, with its place and the columns that it names."""

from collections.abc import Iterator
from dataclasses import dataclass

from model.dimension import Dimension
from model.expression import Sql
from model.metric import Metric
from model.model import Model
from model.source import Path
from model.table import Join, Table
from servery.check.finding import path_of, path_of_join

Named = tuple[str, str, Path]
"""A table of the model, a column of it, and the place that names it."""


@dataclass(frozen=True, slots=True)
class Piece:
    """SQL over the rows of `table`. `title` says in a sentence whose it is."""

    title: str
    path: Path
    table: str
    sql: Sql


def pieces(model: Model) -> Iterator[Piece]:
    """Each where it is declared; a dimension in another role reads what the dimension itself reads."""
    for table in model.tables.values():
        if table.row_filter:
            yield row_filter_of(table, table.row_filter)
    yield from (dimension_of(each) for each in model.dimensions.values() if not each.via)
    yield from (segment_of(each) for each in model.segments.values())
    for metric in model.metrics.values():
        yield from metric_parts(metric)


def row_filter_of(table: Table, sql: Sql) -> Piece:
    return Piece(f"the row filter of {table.name}", ("tables", table.name, "row_filter"), table.name, sql)


def dimension_of(dimension: Dimension) -> Piece:
    return Piece(f"'{dimension.name}'", path_of(dimension), dimension.table, dimension.sql)


def segment_of(segment: Dimension) -> Piece:
    path = ("tables", segment.table, "segments", segment.name)
    return Piece(f"'{segment.name}'", path, segment.table, segment.sql)


def metric_parts(metric: Metric) -> Iterator[Piece]:
    """What an aggregate is made of; the others are made of metrics."""
    if metric.kind.is_aggregate and metric.table:
        for sql in (metric.sql, metric.where):
            if sql:
                yield Piece(f"'{metric.name}'", path_of(metric), metric.table, sql)


def columns_named(model: Model) -> Iterator[Named]:
    """Every column that the model names, keys and joins first."""
    for table in model.tables.values():
        yield from ((table.name, column, ("tables", table.name, "key")) for column in table.key)
        for join in table.joins:
            yield from _of_join(join)
    for piece in pieces(model):
        yield from ((piece.table, column, piece.path) for column in piece.sql.columns)
    for metric in model.metrics.values():
        yield from _of_snapshot(metric)


def _of_join(join: Join) -> Iterator[Named]:
    path = path_of_join(join)
    for ours, theirs in join.on:
        yield join.table, ours, path
        yield join.target, theirs, path
    if join.valid:
        yield join.table, join.valid.at, (*path, "valid", "at")
        yield join.target, join.valid.start, (*path, "valid", "from")
        yield join.target, join.valid.end, (*path, "valid", "to")


def _of_snapshot(metric: Metric) -> Iterator[Named]:
    if metric.snapshot and metric.table:
        path = path_of_snapshot(metric)
        yield metric.table, metric.snapshot.over, (*path, "over")
        yield from ((metric.table, column, (*path, "per")) for column in metric.snapshot.per)


def path_of_snapshot(metric: Metric) -> Path:
    first = metric.snapshot is not None and metric.snapshot.first
    return *path_of(metric), "first" if first else "last"
