"""The database, with a clock beside it."""

from collections.abc import Sequence

from db.database import Database, Result
from db.errors import DatabaseError
from servery.metrics import Metrics


class TimedDatabase:
    """The same database. What each statement took, and how many failed, is counted."""

    def __init__(self, database: Database, metrics: Metrics) -> None:
        self._database = database
        self._metrics = metrics

    async def fetch(self, text: str, args: Sequence[object] = (), *, timeout_ms: int | None = None) -> Result:
        try:
            result = await self._database.fetch(text, args, timeout_ms=timeout_ms)
        except DatabaseError as error:
            self._metrics.fetch_failed(error)
            raise
        self._metrics.fetched(result.ms)
        return result

    async def ready(self) -> float:
        return await self._database.ready()

    async def close(self) -> None:
        await self._database.close()
