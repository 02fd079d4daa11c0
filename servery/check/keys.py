"""Whether declared keys are unique: a join to a key that is not would count rows twice."""

from collections.abc import AsyncIterator

from db.database import Database
from db.errors import BadValue, QueryTimeout, Refused
from model.model import Model
from model.table import JoinKind, Table
from servery.check.catalog import Catalog
from servery.check.finding import Finding, advice, error, warning
from servery.check.relation import Relation, quoted

MOST_ROWS = 1_000_000
"""How many rows are looked at where neither a constraint nor an index answers."""


async def keys_that_repeat(
    model: Model, catalog: Catalog, database: Database, most_rows: int = MOST_ROWS
) -> AsyncIterator[Finding]:
    for table in model.tables.values():
        relation = catalog.relations.get(table.name)
        if relation is None or not relation.readable or not set(table.key) <= relation.columns.keys():
            continue
        if not relation.keeps_unique(table.key):
            yield await _looked_at(model, table, relation, database, most_rows)


async def _looked_at(
    model: Model, table: Table, relation: Relation, database: Database, most_rows: int
) -> Finding:
    path = ("tables", table.name, "key")
    key = ", ".join(table.key)
    try:
        repeated, looked_at = (await database.fetch(_repetitions(table, relation), [most_rows])).rows[0]
    except (QueryTimeout, Refused, BadValue) as refusal:
        message = f"Whether ({key}) is unique in {relation.title} could not be found out: {refusal.detail}."
        return warning(path, message, "A unique index would say so.", _index(table, relation))
    if repeated:
        message = f"({key}) is declared the key of {relation.title}, and {repeated:,} of its values repeat"
        why = f"{message}: {_joined(model, table)}."
        return error(path, why, "Declare the columns that tell rows apart, or remove the repeated rows.")
    some = f" among the {looked_at:,} rows looked at" if looked_at >= most_rows else ""
    message = f"({key}) is unique in {relation.title}{some}, but nothing in the database keeps it so."
    if not relation.can_be_indexed:
        return advice(path, message, "Make sure that what it is made of keeps it unique.")
    return warning(path, message, "Create a unique index.", _index(table, relation))


def _repetitions(table: Table, relation: Relation) -> str:
    """How many values are there more than once, in how many rows. Nulls never meet anything in a join."""
    key = ", ".join(map(quoted, table.key))
    present = " and ".join(f"{quoted(column)} is not null" for column in table.key)
    rows = f"select {key} from {relation.sql} where {present} limit $1"  # noqa: S608  names are quoted
    values = f"select count(*) as times from ({rows}) as looked_at group by {key}"  # noqa: S608  as above
    return f"""
select count(*) filter (where times > 1), coalesce(sum(times), 0)::bigint
from ({values}) as counted
"""  # noqa: S608  as above


def _index(table: Table, relation: Relation) -> str:
    return relation.create_index(table.key, unique=True) if relation.can_be_indexed else ""


def _joined(model: Model, table: Table) -> str:
    """What goes wrong."""
    by = [
        each.name
        for each in model.tables.values()
        for join in each.joins
        if join.kind is JoinKind.MANY_TO_ONE and join.target == table.name
    ]
    return f"rows of {', '.join(dict.fromkeys(by))} would count twice" if by else "a row cannot be told by it"
