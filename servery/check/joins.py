"""Whether the columns that a join pairs can be compared."""

from collections.abc import Iterator, Mapping

from model.model import Model
from model.table import Join
from servery.check.catalog import Catalog
from servery.check.finding import Finding, error
from servery.check.types import comparable


def joins_that_cannot_meet(model: Model, catalog: Catalog) -> Iterator[Finding]:
    for join in (join for table in model.tables.values() for join in table.joins):
        here, there = catalog.relations.get(join.table), catalog.relations.get(join.target)
        if here and there:
            yield from _unlike(join, here.columns, there.columns)


def _unlike(join: Join, here: Mapping[str, str], there: Mapping[str, str]) -> Iterator[Finding]:
    path = ("tables", join.table, "joins", join.name)
    for ours, theirs in join.on:
        left, right = here.get(ours), there.get(theirs)
        if left and right and not comparable(left, right):
            sides = f"{join.table}.{ours} is {left} and {join.target}.{theirs} is {right}"
            message = f"{sides}; PostgreSQL does not compare these."
            yield error(path, message, "Join on columns of one type, or change the type of one.")
