"""Asks refresh keys: where the result is another than before, all rows of the table count as changed."""

import asyncio
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Final

from cache.store import StoreDown
from db.database import Database, Row
from db.errors import DatabaseError
from model.refresh import Refresh
from servery.events.event import Broken, KeyFailed, Observe
from servery.events.leader import Invalidate
from servery.events.notes import Memory, Notes, note_result
from servery.events.pace import Pace
from servery.events.targets import TagsFor

MOST_ROWS: Final = 100
LONGEST_RESULT: Final = 200
UNSURE: Final = ""
"""No result."""
_AT_ONCE: Final = 2
"""So that keys never take the connections that questions need."""


class RefreshKeys:
    """`keys` are those of the model's tables, by name. They are asked over the service's own connections."""

    def __init__(
        self,
        keys: Mapping[str, Refresh],
        database: Database,
        *,
        invalidate: Invalidate,
        tags_for: TagsFor,
        notes: Notes,
        observe: Observe,
        pace: Pace,
    ) -> None:
        self._keys = keys
        self._database = database
        self._invalidate = invalidate
        self._tags_for = tags_for
        self._notes = notes
        self._observe = observe
        self._pace = pace
        self._free = asyncio.Semaphore(_AT_ONCE)
        self._failed: set[str] = set()

    @property
    def tables(self) -> tuple[str, ...]:
        return tuple(self._keys)

    async def watch(self, memory: Memory) -> None:
        """Until it is cancelled. A key that fails once is asked again, like one that does not."""
        async with asyncio.TaskGroup() as group:
            for table, refresh in self._keys.items():
                group.create_task(self._watch(table, refresh, memory), name=f"refresh key of {table}")

    async def _watch(self, table: str, refresh: Refresh, memory: Memory) -> None:
        while True:
            pause_s = float(refresh.every_s)
            try:
                await self._look(table, refresh, memory)
            except StoreDown:
                pause_s = min(pause_s, 1.0)
            except DatabaseError as error:
                self._report(table, error)
            except Exception as error:  # noqa: BLE001  the door of this task: one key must not end the others
                self._observe(Broken(error))
            await asyncio.sleep(pause_s)

    async def _look(self, table: str, refresh: Refresh, memory: Memory) -> None:
        async with self._free:
            found = await self._database.fetch(statement_of(refresh), timeout_ms=self._pace.query_ms)
        self._failed.discard(table)
        result = result_of(found.rows)
        if memory.results.get(table) == result:
            return
        # Whoever comes next must not find the result from before the change, should it be that again.
        await note_result(self._notes, table, UNSURE)
        await self._invalidate(self._tags_for(table, None))
        await note_result(self._notes, table, result)
        memory.results[table] = result

    def _report(self, table: str, error: DatabaseError) -> None:
        if table not in self._failed:
            self._failed.add(table)
            self._observe(KeyFailed(table, error.detail or str(error)))


def statement_of(refresh: Refresh) -> str:
    """The query, kept from filling the memory when it means every row."""
    # It was parsed as one query without comments, so it does not reach beyond its brackets.
    return "\n".join(["select * from (", refresh.query, f") as refresh_key limit {MOST_ROWS:d}"])


def result_of(rows: Sequence[Row]) -> str:
    """A short text that is the same for the same rows."""
    text = repr([[str(value) for value in row] for row in rows])
    return text if len(text) <= LONGEST_RESULT else sha256(text.encode()).hexdigest()
