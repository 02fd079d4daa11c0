"""Whether declared keys are unique: a join to a key that is not would count rows twice."""

from collections.abc import AsyncIterator, Iterable, Iterator

from sqlglot import exp

from model.model import Model
from model.source import Path
from model.table import Join, JoinKind, Table
from servery.check.catalog import Catalog
from servery.check.finding import Finding, advice, error, warning
from servery.check.looks import Looks, Unknown, bare, count_where, rows_of
from servery.check.relation import Relation


async def keys_that_repeat(model: Model, catalog: Catalog, looks: Looks) -> AsyncIterator[Finding]:
    for table in model.tables.values():
        key = _key(model, table)
        relation = catalog.holding(table.name, key)
        if relation is None:
            continue
        if key != table.key and not relation.keeps_unique(table.key):
            yield _incomplete(table, key, relation)
        if not relation.keeps_unique(key):
            yield await _looked_at(model, table, key, relation, looks)


def _key(model: Model, table: Table) -> tuple[str, ...]:
    """The declared one; where that names what all versions share, the time from which each was valid, too."""
    for join in _joins_to(model, table):
        theirs = tuple(name for _, name in join.on)
        if join.valid and set(table.key) <= set(theirs):
            return *theirs, join.valid.start
    return table.key


def _joins_to(model: Model, table: Table) -> Iterator[Join]:
    return (
        join
        for each in model.tables.values()
        for join in each.joins
        if join.kind is JoinKind.MANY_TO_ONE and join.target == table.name
    )


def _incomplete(table: Table, key: tuple[str, ...], relation: Relation) -> Finding:
    told, whole = ", ".join(table.key), ", ".join(key)
    message = f"({told}) is declared the key of {relation.title}, whose rows are versions by ({whole})."
    return warning(_path(table), message, f"Write 'key: [{whole}]'.")


def _path(table: Table) -> Path:
    return "tables", table.name, "key"


async def _looked_at(
    model: Model, table: Table, key: tuple[str, ...], relation: Relation, looks: Looks
) -> Finding:
    names, index = ", ".join(key), relation.create_index(key, unique=True) if relation.can_be_indexed else ""
    found = await looks.first(_repetitions(relation, key, looks.most_rows))
    if found is None or isinstance(found, Unknown):
        why = found.why if found else "there was no answer"
        message = f"Whether ({names}) is unique in {relation.title} could not be found out: {why}."
        return warning(_path(table), message, "A unique index would say so.", index)
    repeated, looked_at = found
    if repeated:
        whose = "declared the key of" if key == table.key else "what tells versions apart in"
        message = f"({names}) is {whose} {relation.title}, and {repeated:,} of its values repeat"
        why = f"{message}: {_joined(model, table)}."
        return error(
            _path(table), why, "Declare the columns that tell rows apart, or remove the repeated rows."
        )
    some = f" among the {looked_at:,} rows looked at" if looked_at >= looks.most_rows else ""
    message = f"({names}) is unique in {relation.title}{some}, but nothing in the database keeps it so."
    if not relation.can_be_indexed:
        return advice(_path(table), message, "Make sure that what it is made of keeps it unique.")
    return warning(_path(table), message, "Create a unique index.", index)


def _repetitions(relation: Relation, key: Iterable[str], most_rows: int) -> exp.Select:
    """How many values are there more than once, in how many rows."""
    rows = rows_of(relation, key, key).limit(most_rows, copy=False).subquery("looked_at", copy=False)
    times = bare("times")
    counted = exp.select(exp.alias_(exp.Count(this=exp.Star()), "times", quoted=True), copy=False)
    values = counted.from_(rows, copy=False).group_by(*map(bare, key), copy=False)
    repeated = count_where(exp.GT(this=times, expression=exp.Literal.number(1)))
    looked_at = exp.cast(exp.func("coalesce", exp.Sum(this=times.copy()), exp.Literal.number(0)), "bigint")
    return exp.select(repeated, looked_at, copy=False).from_(
        values.subquery("counted", copy=False), copy=False
    )


def _joined(model: Model, table: Table) -> str:
    """What goes wrong."""
    by = dict.fromkeys(join.table for join in _joins_to(model, table))
    return f"rows of {', '.join(by)} would count twice" if by else "a row cannot be told by it"
