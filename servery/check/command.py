"""`servery check`: from settings to an exit code."""

from collections.abc import Sequence

from rich.console import Console

from db.errors import DatabaseError
from db.postgres import PostgresDatabase
from db.settings import PoolSettings
from model.load import load_model
from servery.check.check import check_model
from servery.check.finding import Finding, Severity
from servery.check.places import Places
from servery.check.report import tell
from servery.derived import pool_settings
from servery.settings import Settings

FITS, DOES_NOT_FIT, NOT_REACHED = 0, 1, 2


async def run_check(settings: Settings, out: Console, err: Console, *, strict: bool) -> int:
    """The exit code: 0 when there is no error, 1 when there is, 2 when the database cannot be asked.

    With `strict`, a warning counts as an error does. Raises ModelInvalid.
    """
    model, pool = load_model(settings.model), pool_settings(settings)
    database = PostgresDatabase(pool)
    try:
        findings = await check_model(model, database)
    except DatabaseError as error:
        err.print(_not_reached(error, pool), soft_wrap=True, markup=False, highlight=False)
        return NOT_REACHED
    finally:
        await database.close()
    tell(findings, Places.of(settings.model), out)
    return exit_code(findings, strict=strict)


def exit_code(findings: Sequence[Finding], *, strict: bool) -> int:
    failing = {Severity.ERROR, Severity.WARNING} if strict else {Severity.ERROR}
    return DOES_NOT_FIT if any(finding.severity in failing for finding in findings) else FITS


def _not_reached(error: DatabaseError, pool: PoolSettings) -> str:
    """For operators: with the place, which holds no password, and PostgreSQL's own words."""
    return f"servery: PostgreSQL at {pool.place} cannot be asked: {error.detail or error}"
