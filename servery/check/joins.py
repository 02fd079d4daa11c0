"""Whether PostgreSQL compares the columns that a join pairs."""

from collections.abc import AsyncIterator, Iterator

from db.database import Database
from db.errors import BadValue, Refused
from model.expression import DIALECT
from model.model import Model
from model.table import Join
from servery.check.catalog import Catalog
from servery.check.expressions import refused
from servery.check.finding import Finding, error, path_of_join
from servery.check.meeting import joined, needed
from servery.check.moments import moments_that_cannot_meet
from servery.check.types import comparable


def joins(model: Model) -> Iterator[Join]:
    return (join for table in model.tables.values() for join in table.joins)


async def joins_that_cannot_meet(
    model: Model, catalog: Catalog, database: Database
) -> AsyncIterator[tuple[Join, Finding]]:
    """Types first; where they seem to fit, PostgreSQL is asked to plan the join."""
    for join in joins(model):
        unlike = [*_unlike(join, catalog), *moments_that_cannot_meet(model, join, catalog)]
        for found in unlike:
            yield join, found
        if not unlike and _is_there(join, catalog):
            try:
                await database.fetch(f"explain {joined(model, join).sql(DIALECT)}")
            except (Refused, BadValue) as refusal:
                yield join, _refused(join, refusal)


def _is_there(join: Join, catalog: Catalog) -> bool:
    ours, theirs = needed(join)
    return bool(catalog.holding(join.table, ours) and catalog.holding(join.target, theirs))


def _unlike(join: Join, catalog: Catalog) -> Iterator[Finding]:
    here, there = catalog.columns(join.table), catalog.columns(join.target)
    for ours, theirs in join.on:
        left, right = here.get(ours), there.get(theirs)
        if left and right and not comparable(left, right):
            sides = f"{join.table}.{ours} is {left} and {join.target}.{theirs} is {right}"
            message = f"{sides}; PostgreSQL does not compare these."
            yield error(
                path_of_join(join), message, "Join on columns of one type, or change the type of one."
            )


def _refused(join: Join, refusal: Refused | BadValue) -> Finding:
    return refused(f"the join '{join.name}'", path_of_join(join), refusal)
