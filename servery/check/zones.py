"""Whether PostgreSQL knows the time zones of the model; its list need not be Python's."""

from collections.abc import AsyncIterator, Iterator

from db.database import Database
from model.model import Model
from model.source import Path
from servery.check.finding import Finding, error, path_of

UNKNOWN = """
select asked.name
from unnest($1::text[]) as asked (name)
where lower(asked.name) not in (select lower(name) from pg_timezone_names)
"""


async def unknown_zones(model: Model, database: Database) -> AsyncIterator[Finding]:
    named = list(_zones(model))
    rows = (await database.fetch(UNKNOWN, [sorted({zone for zone, _ in named})])).rows
    unknown = {row[0] for row in rows}
    for zone, path in named:
        if zone in unknown:
            message = f"PostgreSQL knows no time zone '{zone}'."
            yield error(path, message, "Choose another name, or renew the time zones of the server.")


def _zones(model: Model) -> Iterator[tuple[str, Path]]:
    yield model.timezone, ("timezone",)
    for dimension in model.dimensions.values():
        if dimension.zone and not dimension.via:
            yield dimension.zone, (*path_of(dimension), "zone")
