"""Every check of a model against a database, in an order in which one finding does not hide another."""

from collections.abc import AsyncIterable

from db.database import Database
from model.model import Model
from servery.check.catalog import Catalog, read_catalog
from servery.check.expressions import expressions_that_fail
from servery.check.finding import Finding, Severity
from servery.check.indexes import missing_indexes
from servery.check.joins import joins_that_cannot_meet
from servery.check.keys import keys_that_repeat
from servery.check.presence import missing_columns, missing_tables
from servery.check.probe import Probe
from servery.check.statistics import missing_statistics
from servery.check.zones import unknown_zones

LARGE = 10_000
"""Rows from which on an index or statistics are worth their keep."""


async def check_model(model: Model, database: Database, large: int = LARGE) -> tuple[Finding, ...]:
    """What does not fit, the worst first. Reads only; raises DatabaseError when it cannot ask."""
    catalog = await read_catalog(database, tuple(model.tables.values()))
    absent = [*missing_tables(model, catalog), *missing_columns(model, catalog)]
    found = [*absent, *await _asked(model, catalog, database, large, broken=bool(absent))]
    found += [*joins_that_cannot_meet(model, catalog), *missing_indexes(model, catalog, large)]
    order = tuple(Severity)
    return tuple(sorted(found, key=lambda each: order.index(each.severity)))


async def _asked(
    model: Model, catalog: Catalog, database: Database, large: int, *, broken: bool
) -> list[Finding]:
    probe = Probe(model, database)
    return [
        *await _all(unknown_zones(model, database)),
        *await _all(expressions_that_fail(model, probe, absent=broken)),
        *await _all(keys_that_repeat(model, catalog, database)),
        *await _all(missing_statistics(model, catalog, probe, large)),
    ]


async def _all(findings: AsyncIterable[Finding]) -> list[Finding]:
    return [each async for each in findings]
