"""Statistics that PostgreSQL lacks: without them, it guesses what a filter on an expression keeps.

The guess is half a percent of the rows, whatever the expression.
"""

from collections.abc import AsyncIterator

import sqlglot
from sqlglot import exp

from db.errors import BadValue, QueryTimeout, Refused
from model.dimension import Dimension
from model.expression import DIALECT
from model.model import Model
from plan.identifiers import short
from servery.check.catalog import Catalog
from servery.check.finding import Finding, advice, path_of
from servery.check.probe import Probe
from servery.check.relation import Relation, quoted


async def missing_statistics(
    model: Model, catalog: Catalog, probe: Probe, large: int
) -> AsyncIterator[Finding]:
    """On expressions of dimensions over tables of at least `large` rows."""
    for dimension in model.dimensions.values():
        relation = catalog.relations.get(dimension.table)
        if relation is None or not relation.can_be_indexed or relation.rows < large:
            continue
        if _is_formula(dimension) and await _is_unknown(dimension, relation, probe):
            yield _missing(dimension, relation, probe)


def _is_formula(dimension: Dimension) -> bool:
    return dimension.sql.column is None and bool(dimension.sql.columns)


async def _is_unknown(dimension: Dimension, relation: Relation, probe: Probe) -> bool:
    """An expression that PostgreSQL refuses is told elsewhere."""
    try:
        planned = await probe.as_planned(dimension.sql, dimension.table)
    except (Refused, BadValue, QueryTimeout):
        return False
    return plain(planned) not in {plain(known) for known in relation.expressions}


def _missing(dimension: Dimension, relation: Relation, probe: Probe) -> Finding:
    name = f"{quoted(relation.schema)}.{quoted(short(f'{relation.name}_{dimension.name}'))}"
    expression = _bare(probe.written(dimension.sql, dimension.table)).sql(DIALECT)
    sql = f"create statistics {name} on ({expression}) from {relation.sql};\nanalyze {relation.sql};"
    message = (
        f"PostgreSQL has no statistics on the expression of '{dimension.name}', "
        f"so it misjudges filters on it over about {relation.rows:,} rows of {relation.title}."
    )
    return advice(path_of(dimension), message, "Create them.", sql)


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
