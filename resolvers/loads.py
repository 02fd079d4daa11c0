"""From a statement to what the cache keeps: small answers row by row, large ones as PostgreSQL writes it."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from cachetools import LRUCache

from cache.hit import Loaded
from db.database import Database
from db.errors import BadValue, DatabaseError, Refused
from db.turns import let_go
from plan.packed import COLUMNS, packed, types_told
from plan.parts import Plan
from plan.statement import Statement
from resolvers.body import loaded_of, loaded_of_json

MANY_ROWS: Final = 500
"""From so many on PostgreSQL writes the JSON: that costs the service a third of what its own way does."""

MOST_BYTES: Final = 4 * 1024 * 1024
"""One value takes no turns with anything else: so much of it is handled in a few milliseconds."""

MOST: Final = 400


@dataclass(frozen=True, slots=True)
class _Packed:
    """What asks for a large answer as JSON; `text` is None where that came to nothing with these types."""

    types: tuple[str, ...]
    text: str | None
    row_bytes: int

    def serves(self, plan: Plan) -> bool:
        """Whether as many rows as are wanted fit into one value, if they are as long as those before."""
        return self.text is not None and plan.query.limit * self.row_bytes <= MOST_BYTES


class Loads:
    """Remembers of which statements the last answer was large, and the types of their columns."""

    def __init__(self, database: Database, *, many_rows: int = MANY_ROWS) -> None:
        self._database = database
        self._many_rows = many_rows
        self._packed: LRUCache[str, _Packed] = LRUCache(MOST)

    async def load(self, plan: Plan, statement: Statement, as_of: datetime) -> Loaded:
        """Raises DatabaseError."""
        known = self._packed.get(statement.text)
        if known is None or not known.serves(plan):
            return await self._row_by_row(plan, statement, as_of, known)
        try:
            loaded = await self._as_json(plan, statement, as_of, known)
        except (BadValue, Refused):  # why, the statement itself will tell
            loaded = None
        except DatabaseError:
            self._packed.pop(statement.text, None)  # what is met on this way only is not met again
            raise
        if loaded and self._is_large(loaded):
            return loaded
        self._packed.pop(statement.text, None)
        return loaded or await self._row_by_row(plan, statement, as_of, replace(known, text=None))

    async def _row_by_row(
        self, plan: Plan, statement: Statement, as_of: datetime, known: _Packed | None
    ) -> Loaded:
        result = await self._database.fetch(statement.text, statement.args)
        loaded = await loaded_of(plan, result, as_of)
        if self._is_large(loaded) and _has_only_groups(plan):
            types = tuple(column.type for column in result.columns)
            text = known.text if known and known.types == types else _packed(plan, statement, types)
            self._packed[statement.text] = _Packed(types, text, len(loaded.body) // loaded.rows)
        await let_go(result.rows)
        return loaded

    def _is_large(self, loaded: Loaded) -> bool:
        return loaded.rows >= self._many_rows and len(loaded.body) <= MOST_BYTES

    async def _as_json(
        self, plan: Plan, statement: Statement, as_of: datetime, known: _Packed
    ) -> Loaded | None:
        """None where the types are others by now, or cannot be told, because there is no row."""
        assert known.text is not None  # noqa: S101  or it serves nobody
        result = await self._database.fetch(known.text, (*statement.args, plan.query.limit))
        if len(result.columns) != COLUMNS:
            return None
        ((rows, number, types),) = result.rows
        if types != types_told(known.types):
            return None
        return loaded_of_json(plan, known.types[: len(plan.names)], rows or b"", number, as_of)


def _packed(plan: Plan, statement: Statement, types: tuple[str, ...]) -> str | None:
    return packed(statement.text, plan.names, types, most=len(statement.args) + 1)


def _has_only_groups(plan: Plan) -> bool:
    """Whether each row of the statement is one of the answer: there is nothing to tell apart."""
    return bool(plan.groupings) and not plan.layout.masked and plan.layout.total is None
