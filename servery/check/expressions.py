"""Whether PostgreSQL takes the model's expressions, and whether their types fit."""

from collections.abc import AsyncIterator

from db.errors import BadValue, QueryTimeout, Refused
from model.dimension import Dimension
from model.expression import Sql
from model.faults import Fault
from model.metric import Metric
from model.model import Model
from servery.check.finding import Finding, error, path_of, warning
from servery.check.probe import Probe
from servery.check.types import type_of_dimension, type_of_operand

MISSING = {"42P01", "42703", "3F000", "42501"}
"""What is not there, or may not be read, is told once, where the model names it."""


async def expressions_that_fail(model: Model, probe: Probe, *, absent: bool) -> AsyncIterator[Finding]:
    """With `absent`, what is not in the database has been told, and its consequences are not."""
    items: list[Dimension | Metric] = [*model.dimensions.values(), *model.metrics.values()]
    for item in items:
        try:
            found = await _finding(item, probe)
        except (Refused, BadValue) as refusal:
            if not (absent and refusal.sqlstate in MISSING):
                yield _refused(item, refusal)
        except QueryTimeout as late:
            yield warning(path_of(item), f"'{item.name}' could not be looked at: {late.detail}.")
        except Fault as fault:
            yield error(path_of(item), fault.message)
        else:
            if found:
                yield found


async def _finding(item: Dimension | Metric, probe: Probe) -> Finding | None:
    """The type first: what is told of it says more than the refusal that it leads to."""
    found = await _misfit(item, probe)
    if found is None:
        await _prepare(item, probe)
        for sql in _formulas(item):
            await probe.evaluate(sql, item.table or "")
    return found


async def _misfit(item: Dimension | Metric, probe: Probe) -> Finding | None:
    if isinstance(item, Dimension):
        return type_of_dimension(item, await probe.type_of(item.sql, item.table))
    if item.kind.is_aggregate and item.sql and item.table:
        return type_of_operand(item, await probe.type_of(item.sql, item.table))
    return None


async def _prepare(item: Dimension | Metric, probe: Probe) -> None:
    if isinstance(item, Dimension):
        await probe.prepare(dimension=item.name)
    else:
        await probe.prepare(metric=item.name)


def _formulas(item: Dimension | Metric) -> list[Sql]:
    """Those over rows; a column alone cannot fail."""
    found = [item.sql] if isinstance(item, Dimension) else [item.sql, item.where]
    return [sql for sql in found if sql and item.table and sql.column is None]


def _refused(item: Dimension | Metric, refusal: Refused | BadValue) -> Finding:
    said = refusal.detail.strip().splitlines()[0].rstrip(".") if refusal.detail else str(refusal)
    return error(path_of(item), f"PostgreSQL refuses '{item.name}': {said}.", "Correct its expression.")
