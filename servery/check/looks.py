"""Looks at the rows of a table: at a bounded number of them, for a bounded time."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlglot import exp

from db.database import Database, Row
from db.errors import BadValue, QueryTimeout, Refused
from model.expression import DIALECT
from plan.identifiers import identifier
from servery.check.relation import Relation

MOST_ROWS = 1_000_000
"""How many rows are looked at where neither a constraint nor an index answers."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """What was looked for could not be found out, and why."""

    why: str


@dataclass(frozen=True, slots=True)
class Looks:
    """Asks of the rows of a database, at most `most_rows` of each table."""

    database: Database
    most_rows: int = MOST_ROWS

    async def first(self, select: exp.Select, timeout_ms: int | None = None) -> Row | Unknown | None:
        """The first row of an answer, if there is any."""
        try:
            found = await self.database.fetch(select.sql(DIALECT), timeout_ms=timeout_ms)
        except (QueryTimeout, Refused, BadValue) as refusal:
            return Unknown((refusal.detail or str(refusal)).splitlines()[0].rstrip("."))
        return found.rows[0] if found.rows else None


def bare(name: str) -> exp.Column:
    """A column of the only table there is."""
    return exp.Column(this=identifier(name))


def rows_of(relation: Relation, columns: Iterable[str], present: Iterable[str]) -> exp.Select:
    """These columns, of rows in which those are not null: nulls never meet anything in a join."""
    table = exp.Table(this=identifier(relation.name), db=identifier(relation.schema))
    found = exp.select(*map(bare, columns), copy=False).from_(table, copy=False)
    return found.where(*(is_not_null(bare(name)) for name in present), copy=False)


def is_null(value: exp.Expr) -> exp.Expr:
    return exp.Is(this=value, expression=exp.null())


def is_not_null(value: exp.Expr) -> exp.Expr:
    return exp.Not(this=is_null(value))


def text(value: exp.Expr) -> exp.Expr:
    return exp.cast(value, "text", dialect=DIALECT)


def count_where(condition: exp.Expr) -> exp.Expr:
    return exp.Filter(this=exp.Count(this=exp.Star()), expression=exp.Where(this=condition))


def statement(select: exp.Select) -> str:
    """For a person to run."""
    return f"{select.sql(DIALECT)};"


def number(count: int, one: str, many: str) -> str:
    return f"{count:,} {one if count == 1 else many}"
