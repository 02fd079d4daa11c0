"""The statements by which PostgreSQL is asked about an expression; at most a few rows are read."""

import json
from collections.abc import Collection
from contextlib import suppress
from dataclasses import replace

from sqlglot import exp

from db.database import Database
from db.errors import QueryTimeout
from model.dimension import Dimension
from model.expression import DIALECT, Sql
from model.grain import Grain
from model.model import Model
from model.query import Query
from model.viewer import ANONYMOUS
from plan import time
from plan.identifiers import table as named_table
from plan.leaf import named
from plan.limits import Limits
from plan.parts import Leaf
from plan.plan import make_plan
from plan.source import SourceWriter
from plan.sql import render

# No question is asked here, so no limit that a service may have set is in the way.
LIMITS = Limits()

ROWS_TRIED = 100
TRIED_FOR_MS = 1_000


class Probe:
    """Asks about a model's expressions as the plan writes them. What asks raises DatabaseError."""

    def __init__(self, model: Model, database: Database) -> None:
        self._model = model
        self._database = database

    def without_row_filters(self, tables: Collection[str]) -> "Probe":
        """For questions over tables whose row filter is told to be wrong: it is in the way of all else."""
        opened = {
            name: replace(table, row_filter=None) if name in tables else table
            for name, table in self._model.tables.items()
        }
        return Probe(replace(self._model, tables=opened), self._database)

    async def type_of(self, tree: exp.Expr, table: str) -> str:
        """PostgreSQL's name of the expression's type."""
        found = await self._database.fetch(f"{self._select(tree, table)} limit 0")
        return found.columns[0].type

    async def evaluate(self, tree: exp.Expr, table: str) -> None:
        """Over a few rows: some mistakes only show there. A view that takes long is left alone."""
        text = f"{self._select(tree, table)} limit {ROWS_TRIED}"
        with suppress(QueryTimeout):
            await self._database.fetch(text, timeout_ms=TRIED_FOR_MS)

    async def as_planned(self, tree: exp.Expr, table: str) -> str:
        """The expression as PostgreSQL writes it, once it has been read and simplified."""
        found = await self._database.fetch(f"explain (verbose, format json) {self._select(tree, table)}")
        plan = json.loads(found.rows[0][0])
        output: str = plan[0]["Plan"]["Output"][0]
        return output

    async def prepare(self, *, metric: str = "", dimension: str = "") -> None:
        """Let PostgreSQL plan the question for this one name."""
        query = Query(
            metrics=(metric,) if metric else (),
            dimensions=(dimension,) if dimension else (),
            timezone=self._model.timezone,
        )
        statement = render(self._model, make_plan(self._model, query, ANONYMOUS, LIMITS))
        await self._database.fetch(f"explain {statement.text}", statement.args)

    def written(self, sql: Sql, table: str) -> exp.Expr:
        """The expression over the table's own columns, in the model's zone, for an unknown viewer."""
        return self.writer(table).write(sql, (table, ())).transform(_nobody, copy=False)

    def bucket(self, dimension: Dimension, grain: Grain) -> exp.Expr:
        """A bucket of a time column, in the model's time zone."""
        column = self.writer(dimension.table).column(replace(dimension, owner="", via=()))
        return time.bucket(column, dimension, grain, self._model.timezone, self._model.week_start)

    def writer(self, table: str) -> SourceWriter:
        """Writes as the plan does, over the rows of one table."""
        query = Query(metrics=(), timezone=self._model.timezone)
        leaf = Leaf(self._model.tables[table], (), (), {}, None)
        return SourceWriter(self._model, leaf, query)

    def _select(self, tree: exp.Expr, table: str) -> str:
        found = exp.select(named(tree.copy(), "value"), copy=False)
        return found.from_(named_table(self._model.tables[table], table)).sql(DIALECT)


def _nobody(node: exp.Expr) -> exp.Expr:
    """Null in place of what is told of the viewer, of the type that it will have."""
    if not isinstance(node, exp.Placeholder):
        return node
    return exp.cast(exp.null(), "text[]" if node.name == "roles" else "text", dialect=DIALECT)
