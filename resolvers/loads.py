"""From a statement to what the cache keeps: small answers row by row, large ones as PostgreSQL writes it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cachetools import LRUCache

from cache.hit import Loaded
from db.database import Database, Result
from db.errors import BadValue, Refused
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
    """What asks for a large answer as JSON; `text` is None once that came to nothing with these types."""

    types: tuple[str, ...]
    text: str | None


class Loads:
    """Remembers of which statements the last answer was large, and the types of their columns."""

    def __init__(self, database: Database, *, many_rows: int = MANY_ROWS) -> None:
        self._database = database
        self._many_rows = many_rows
        self._packed: LRUCache[str, _Packed] = LRUCache(MOST)

    async def load(self, plan: Plan, statement: Statement, as_of: datetime) -> Loaded:
        """Raises DatabaseError."""
        known = self._packed.get(statement.text)
        loaded = known and await self._as_json(plan, statement, as_of, known)
        return loaded or await self._row_by_row(plan, statement, as_of)

    async def _row_by_row(self, plan: Plan, statement: Statement, as_of: datetime) -> Loaded:
        result = await self._database.fetch(statement.text, statement.args)
        loaded = await loaded_of(plan, result, as_of)
        if self._is_worth_it(loaded) and _has_only_groups(plan):
            self._expect(plan, statement, tuple(column.type for column in result.columns))
        await let_go(result.rows)
        return loaded

    def _is_worth_it(self, loaded: Loaded) -> bool:
        return loaded.rows >= self._many_rows and len(loaded.body) <= MOST_BYTES

    def _expect(self, plan: Plan, statement: Statement, types: tuple[str, ...]) -> None:
        known = self._packed.get(statement.text)
        if known is None or known.types != types:
            text = packed(statement.text, plan.names, types, most=len(statement.args) + 1)
            self._packed[statement.text] = _Packed(types, text)

    async def _as_json(
        self, plan: Plan, statement: Statement, as_of: datetime, known: _Packed
    ) -> Loaded | None:
        """None where PostgreSQL does not do it, or the types are others by now."""
        if known.text is None:
            return None
        try:
            result = await self._database.fetch(known.text, (*statement.args, plan.query.limit))
        except (BadValue, Refused):  # why, the statement itself will tell
            result = None
        told = _told(result, known.types)
        if told is None:
            self._packed[statement.text] = _Packed(known.types, None)
            return None
        loaded = loaded_of_json(plan, known.types[: len(plan.names)], *told, as_of)
        if not self._is_worth_it(loaded):
            self._packed.pop(statement.text, None)
        return loaded


def _told(result: Result | None, types: tuple[str, ...]) -> tuple[bytes, int] | None:
    """The rows as JSON, and how many there were; None where it is not what was asked for."""
    if result is None or len(result.columns) != COLUMNS:
        return None
    ((rows, number, told),) = result.rows
    return (rows or b"", number) if told == types_told(types) or not number else None


def _has_only_groups(plan: Plan) -> bool:
    """Whether each row of the statement is one of the answer: there is nothing to tell apart."""
    return bool(plan.groupings) and not plan.layout.masked and plan.layout.total is None
