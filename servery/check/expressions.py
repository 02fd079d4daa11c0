"""Whether PostgreSQL takes the model's expressions, and whether their types fit."""

from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable

from db.errors import BadValue, QueryTimeout, Refused
from model.dimension import Dimension
from model.faults import Fault
from model.metric import Metric, MetricKind
from model.model import Model
from model.routes import joins_named
from model.source import Path
from model.table import Join
from servery.check.declared import Piece, dimension_of, metric_parts, row_filter_of, segment_of
from servery.check.finding import Finding, Severity, error, path_of, warning
from servery.check.probe import Probe
from servery.check.types import (
    type_of_condition,
    type_of_dimension,
    type_of_extreme,
    type_of_operand,
)

MISSING = {"42P01", "42703", "3F000", "42501"}
"""What is not there, or may not be read, is told once, where the model names it."""

Ask = Callable[[], Awaitable[Finding | None]]


class Expressions:
    """Asks for one after the other, and remembers which failed: what only follows from it is not told.

    `unjoined` are joins that are told to be wrong. With `absent`, what is not in the database has been told.
    """

    def __init__(self, model: Model, probe: Probe, *, absent: bool, unjoined: Collection[Join]) -> None:
        self._model = model
        self._probe = probe
        self._absent = absent
        self._unjoined = unjoined
        self._told: set[str] = set()
        self._failed: set[str] = set()

    async def that_fail(self) -> AsyncIterator[Finding]:
        """Row filters first, for a question over their table fails with them."""
        unfit = set()
        for table in self._model.tables.values():
            if table.row_filter:
                async for found in self._condition(row_filter_of(table, table.row_filter)):
                    unfit.add(table.name)
                    yield found
        self._probe = self._probe.without_row_filters(unfit)
        for segment in self._model.segments.values():
            async for found in self._condition(segment_of(segment)):
                yield found
        # Other roles of a dimension come after the dimension itself.
        dimensions = sorted(self._model.dimensions.values(), key=lambda each: bool(each.via))
        items: list[Dimension | Metric] = [*dimensions, *self._model.metrics.values()]
        for item in items:
            async for found in self._item(item):
                self._told.add(item.name)
                if found.severity is Severity.ERROR:
                    self._failed.add(item.name)
                yield found

    async def _condition(self, piece: Piece) -> AsyncIterator[Finding]:
        async def ask() -> Finding | None:
            tree = self._probe.written(piece.sql, piece.table)
            found = type_of_condition(piece, await self._probe.type_of(tree, piece.table))
            if found is None:
                await self._probe.evaluate(tree, piece.table)
            return found

        async for finding in self._answer(piece.title, piece.path, ask):
            yield finding

    async def _item(self, item: Dimension | Metric) -> AsyncIterator[Finding]:
        """The type first: what is told of it says more than the refusal that it leads to."""

        async def ask() -> Finding | None:
            found = None if _is_role(item) else await self._misfit(item)
            if self._is_consequence(item):
                self._failed.add(item.name)
            elif found is None:
                await self._prepare(item)
                await self._evaluate([] if _is_role(item) else _parts(item))
            return found

        async for finding in self._answer(f"'{item.name}'", path_of(item), ask):
            yield finding

    async def _answer(self, title: str, path: Path, ask: Ask) -> AsyncIterator[Finding]:
        try:
            found = await ask()
        except (Refused, BadValue) as refusal:
            if not (self._absent and refusal.sqlstate in MISSING):
                yield refused(title, path, refusal)
        except QueryTimeout as late:
            yield warning(path, f"{_first_up(title)} could not be looked at: {late.detail}.")
        except Fault as fault:
            yield error(path, fault.message)
        else:
            if found:
                yield found

    async def _misfit(self, item: Dimension | Metric) -> Finding | None:
        if isinstance(item, Dimension):
            tree = self._probe.written(item.sql, item.table)
            return type_of_dimension(item, await self._probe.type_of(tree, item.table))
        if not (item.kind.is_aggregate and item.sql and item.table):
            return None
        found = await self._probe.type_of(self._probe.written(item.sql, item.table), item.table)
        if item.kind in {MetricKind.MIN, MetricKind.MAX}:
            return None if self._told & self._same(item) else type_of_extreme(item, found)
        return type_of_operand(item, found)

    def _same(self, item: Dimension | Metric) -> set[str]:
        """The dimensions of this very expression: what is wrong with it is told there, and once."""
        return {
            name
            for name, each in self._model.dimensions.items()
            if (each.table, each.sql) == (item.table, item.sql)
        }

    def _is_consequence(self, item: Dimension | Metric) -> bool:
        if isinstance(item, Dimension):
            joins = joins_named(self._model.tables, item.declared_on, item.via)
            return bool(item.via) and (bool(self._failed & self._same(item)) or self._follows(joins))
        narrowed = [name for name, _ in item.only]
        leaves = [each.name for each in self._model.leaves(item)]
        return not self._failed.isdisjoint((*narrowed, *leaves)) or any(
            self._follows(route)
            for name in narrowed
            for route in self._model.routes_to(item.table or "", self._model.dimensions[name])
        )

    def _follows(self, joins: Iterable[Join]) -> bool:
        return any(join in self._unjoined for join in joins)

    async def _prepare(self, item: Dimension | Metric) -> None:
        if isinstance(item, Dimension):
            await self._probe.prepare(dimension=item.name)
        else:
            await self._probe.prepare(metric=item.name)

    async def _evaluate(self, parts: Iterable[Piece]) -> None:
        """A column alone cannot fail."""
        for part in parts:
            if part.sql.column is None:
                await self._probe.evaluate(self._probe.written(part.sql, part.table), part.table)


def _is_role(item: Dimension | Metric) -> bool:
    return isinstance(item, Dimension) and bool(item.via)


def _parts(item: Dimension | Metric) -> list[Piece]:
    return [dimension_of(item)] if isinstance(item, Dimension) else list(metric_parts(item))


def refused(title: str, path: Path, refusal: Refused | BadValue) -> Finding:
    said = refusal.detail.strip().splitlines()[0].rstrip(".") if refusal.detail else str(refusal)
    return error(path, f"PostgreSQL refuses {title}: {said}.", "Correct its expression.")


def _first_up(title: str) -> str:
    return title[:1].upper() + title[1:]
