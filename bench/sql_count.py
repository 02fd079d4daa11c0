"""How many statements PostgreSQL itself has counted over the tables of the example."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Protocol

import asyncpg


class Counted(Protocol):
    """Counts statements."""

    def begin(self) -> None: ...

    def so_far(self) -> int: ...


SETTINGS: Final[Mapping[str, str]] = MappingProxyType({"shared_preload_libraries": "pg_stat_statements"})
"""With these the server counts."""

_CREATE: Final = "create extension if not exists pg_stat_statements"
_RESET: Final = "select pg_stat_statements_reset()"
_COUNT: Final = """
    select coalesce(sum(calls), 0)::int from pg_stat_statements
    where query ilike '%restaurant%' and query not ilike '%pg\\_%'
"""


@dataclass(frozen=True, slots=True)
class Statements:
    """Counts them in the database at `url`."""

    url: str

    def begin(self) -> None:
        """From zero."""
        asyncio.run(_run(self.url, _CREATE, _RESET))

    def so_far(self) -> int:
        return asyncio.run(_run(self.url, _COUNT))


async def _run(url: str, *texts: str) -> int:
    connection = await asyncpg.connect(url)
    try:
        told = [await connection.fetchval(text) for text in texts]
    finally:
        await connection.close()
    return told[-1] if isinstance(told[-1], int) else 0
