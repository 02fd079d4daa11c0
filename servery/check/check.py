"""Every check of a model against a database, in an order in which one finding does not hide another."""

from collections.abc import AsyncIterable

from db.database import Database
from model.model import Model
from model.table import Join
from servery.check.catalog import Catalog, read_catalog
from servery.check.expressions import Expressions
from servery.check.finding import Finding, Severity
from servery.check.functions import functions_that_change
from servery.check.indexes import missing_indexes
from servery.check.joins import joins, joins_that_cannot_meet
from servery.check.keys import keys_that_repeat
from servery.check.looks import Looks
from servery.check.orphans import keys_that_find_nothing
from servery.check.presence import missing_columns, missing_tables
from servery.check.probe import Probe
from servery.check.ranges import ranges_that_are_wrong
from servery.check.row_filters import rows_that_stay_open
from servery.check.snapshots import moments_of_several_rows
from servery.check.statistics import missing_statistics
from servery.check.warm import questions_that_cannot_be_asked
from servery.check.zones import unknown_zones

LARGE = 10_000
"""Rows from which on an index or statistics are worth their keep."""


async def check_model(model: Model, database: Database, large: int = LARGE) -> tuple[Finding, ...]:
    """What does not fit, the worst first. Reads only; raises DatabaseError when it cannot ask."""
    catalog = await read_catalog(database, tuple(model.tables.values()))
    absent = [*missing_tables(model, catalog), *missing_columns(model, catalog)]
    judged = [each async for each in joins_that_cannot_meet(model, catalog, database)]
    unjoined = {join for join, finding in judged if finding.severity is Severity.ERROR}
    probe, looks = Probe(model, database), Looks(database)
    possible = [join for join in joins(model) if join not in unjoined]
    found = [
        *absent,
        *await _all(unknown_zones(model, database)),
        *(finding for _, finding in judged),
        *await _all(functions_that_change(model, database)),
        *await _all(Expressions(model, probe, absent=bool(absent), unjoined=unjoined).that_fail()),
        *await _rows(model, possible, catalog, probe, looks),
        *rows_that_stay_open(model),
        *await _all(questions_that_cannot_be_asked(model)),
        *missing_indexes(model, catalog, large),
        *await _all(missing_statistics(model, catalog, probe, large)),
    ]
    order = tuple(Severity)
    return tuple(sorted(found, key=lambda each: order.index(each.severity)))


async def _rows(
    model: Model, possible: list[Join], catalog: Catalog, probe: Probe, looks: Looks
) -> list[Finding]:
    """What the rows are like."""
    return [
        *await _all(keys_that_repeat(model, catalog, looks)),
        *await _all(ranges_that_are_wrong(possible, catalog, looks)),
        *await _all(moments_of_several_rows(model, catalog, probe, looks)),
        *await _all(keys_that_find_nothing(model, possible, catalog, looks)),
    ]


async def _all(findings: AsyncIterable[Finding]) -> list[Finding]:
    return [each async for each in findings]
