"""Statistics that PostgreSQL lacks: without them, it guesses what a filter on an expression keeps.

The guess is half a percent of the rows, whatever the expression, and as many groups as the column has values.
"""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

import sqlglot
from sqlglot import exp

from db.errors import BadValue, QueryTimeout, Refused
from model.expression import DIALECT, Sql
from model.grain import Grain
from model.model import Model
from model.source import Path
from model.value import ValueType
from plan.identifiers import short
from servery.check.catalog import Catalog
from servery.check.declared import dimension_of, segment_of
from servery.check.finding import Finding, advice, path_of
from servery.check.probe import Probe
from servery.check.relation import Relation, quoted

COMPARISONS = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.In, exp.Between, exp.Like, exp.ILike)

GRAINS = (Grain.DAY, Grain.MONTH)
"""The buckets that are asked for most."""


@dataclass(frozen=True, slots=True)
class Judged:
    """An expression of which PostgreSQL should know the values, as the plan writes it."""

    name: str
    table: str
    path: Path
    tree: exp.Expr
    why: str


async def missing_statistics(
    model: Model, catalog: Catalog, probe: Probe, large: int
) -> AsyncIterator[Finding]:
    """On expressions over tables of at least `large` rows; each once."""
    known: dict[str, set[exp.Expr]] = {}
    for judged in (*_formulas(model, probe), *_buckets(model, probe)):
        relation = catalog.relations.get(judged.table)
        if relation is None or not relation.can_be_indexed or relation.rows < large:
            continue
        here = known.setdefault(judged.table, {plain(each) for each in relation.expressions})
        planned = await _as_planned(judged, probe)
        if planned is not None and planned not in here:
            here.add(planned)
            yield _missing(judged, relation)


def _formulas(model: Model, probe: Probe) -> Iterator[Judged]:
    """Of what is true or false, PostgreSQL looks at what is compared: the left side of a weekend."""
    for dimension in model.dimensions.values():
        piece = dimension_of(dimension)
        if not dimension.via:
            whole = dimension.type is not ValueType.BOOLEAN
            sqls = [dimension.sql] if whole else list(_compared(dimension.sql))
            yield from _judged(dimension.name, piece.path, dimension.table, sqls, probe)
    for segment in model.segments.values():
        piece = segment_of(segment)
        yield from _judged(segment.name, piece.path, segment.table, list(_compared(segment.sql)), probe)


def _judged(name: str, path: Path, table: str, sqls: list[Sql], probe: Probe) -> Iterator[Judged]:
    why = "so it misjudges filters on it"
    for number, sql in enumerate(sqls, 1):
        if sql.column is None and sql.columns:
            told = name if number == 1 else f"{name}_{number}"
            yield Judged(told, table, path, probe.written(sql, table), f"the expression of '{name}', {why}")


def _compared(sql: Sql) -> Iterator[Sql]:
    """The sides of comparisons that are compared with what no row changes."""
    for node in sql.tree.find_all(*COMPARISONS):
        sides = [side for side in node.iter_expressions() if side.find(exp.Column)]
        if len(sides) == 1:
            tree = sides[0].unnest().copy()
            yield Sql(tree.sql(DIALECT), tree)


def _buckets(model: Model, probe: Probe) -> Iterator[Judged]:
    """Of a day there are few values, but of an instant as many as rows: so many groups are prepared for."""
    found = [model.time_of(name) for name in model.tables]
    times = {(time.table, time.sql.column): time for time in found if time and time.sql.column}
    for time in times.values():
        for grain in GRAINS if time.type is not ValueType.DATE else ():
            why = f"the {grain} of '{time.name}', so it misjudges how many groups there are"
            tree = probe.bucket(time, grain)
            yield Judged(f"{time.name}_{grain}", time.table, path_of(time), tree, why)


async def _as_planned(judged: Judged, probe: Probe) -> exp.Expr | None:
    """An expression that PostgreSQL refuses is told elsewhere."""
    try:
        return plain(await probe.as_planned(judged.tree, judged.table))
    except (Refused, BadValue, QueryTimeout):
        return None


def _missing(judged: Judged, relation: Relation) -> Finding:
    name = f"{quoted(relation.schema)}.{quoted(short(f'{relation.name}_{judged.name}'))}"
    expression = _bare(judged.tree.copy()).sql(DIALECT)
    sql = f"create statistics {name} on ({expression}) from {relation.sql};\nanalyze {relation.sql};"
    rows = f"over about {relation.rows:,} rows of {relation.title}"
    message = f"PostgreSQL has no statistics on {judged.why} {rows}."
    return advice(judged.path, message, "Create them.", sql)


def plain(written: str) -> exp.Expr:
    """One form for an expression that PostgreSQL wrote, whatever alias and brackets it wrote around it."""
    tree = exp.paren(_bare(sqlglot.parse_one(written, dialect=DIALECT)), copy=False)
    for paren in reversed(list(tree.this.find_all(exp.Paren, bfs=False))):
        paren.replace(paren.this)
    return tree.unnest()


def _bare(tree: exp.Expr) -> exp.Expr:
    for column in tree.find_all(exp.Column):
        column.set("table", None)
    return tree
