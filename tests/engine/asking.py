"""Random questions that have an answer."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

from tests.engine.data import Moments
from tests.engine.dice import Dice
from tests.engine.dimensions import steps_of, type_of
from tests.engine.filters import BITS, Conditions, Tree
from tests.engine.names import (
    TOGETHER,
    dimensions_over,
    fields_over,
    has_time,
    is_exactly_ordered,
    kinds_of,
    metrics_over,
    segments_over,
    shareable_over,
    steps_over,
)
from tests.engine.question import Question, Share
from tests.engine.spans import range_near

CHANGES = ("previous", "change", "change_ratio")
ZONES = (
    "UTC",
    None,
    "America/New_York",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "America/Sao_Paulo",
    "America/Havana",
)


@dataclass(frozen=True, slots=True)
class Asking:
    """Makes questions about what happened around a moment."""

    moments: Moments
    week_start: int = 1

    @property
    def dice(self) -> Dice:
        return self.moments.dice

    def question(self) -> Question:
        """Metrics of one table or several, by dimensions that all of them have."""
        question = self.by_dimensions(self.metrics_of(TOGETHER))
        return self.finished(replace(question, date_range=self.range(question)))

    def metrics_of(self, together: Sequence[Collection[str]]) -> Question:
        """Metrics of one of the groups of tables, in some zone."""
        tables = frozenset(self.dice.pick(together))
        metrics = self.dice.some(metrics_over(tables), 4, 1)
        return Question(tuple(metrics), timezone=self.dice.pick(ZONES))

    def finished(self, question: Question) -> Question:
        """With everything that goes with any question: conditions, sums, order, a page."""
        question = self.narrowed(question)
        question = replace(question, having=self.having(question), shares=self._shares(question))
        question = replace(question, totals=self.dice.evenly(), subtotals=self._subtotals(question))
        question = replace(question, order_by=self.orders(question), group_count=self.dice.rarely())
        return self.paged(question) if is_exactly_ordered(question) else question

    def narrowed(self, question: Question) -> Question:
        """With conditions on rows."""
        return replace(
            question,
            filters=self._filters(question),
            segments=self._segments(question),
            search=self.search(question),
        )

    def by_dimensions(self, question: Question) -> Question:
        dice, tables = self.dice, question.tables
        steps = dice.some(steps_over(tables), 2) if dice.evenly() else []
        names = [*dice.some(dimensions_over(tables), 3 - len(steps)), *steps]
        return replace(question, dimensions=tuple(dice.some(names, 3, len(names))))

    def _filters(self, question: Question) -> Tree | None:
        fields = fields_over(question.tables)
        if not fields or self.dice.evenly():
            return None
        steps = [f"{name}__{step}" for name in fields for step in steps_of(name)] + [
            each for each in steps_over(question.tables) if each.startswith("time__")
        ]
        chosen = {each: type_of(each) for each in self.dice.some(steps, 2)} if self.dice.rarely() else {}
        return Conditions(self.moments, segments_over(question.tables)).tree({**fields, **chosen})

    def _segments(self, question: Question) -> tuple[str, ...]:
        names = segments_over(question.tables)
        return tuple(self.dice.some(names, 2)) if names and self.dice.rarely() else ()

    def search(self, question: Question) -> str | None:
        is_text = any(type_of(each) == "string" for each in question.dimensions)
        return self.dice.pick([each for each in BITS if each]) if is_text and self.dice.rarely() else None

    def range(self, question: Question) -> Any:
        if not has_time(question) or self.dice.evenly():
            return None
        return range_near(self.moments, of_dates="balances" in question.tables)

    def having(self, question: Question) -> Tree | None:
        fields = kinds_of(metrics_over(question.tables))
        return Conditions(self.moments).tree(fields, 1) if self.dice.rarely() else None

    def _shares(self, question: Question) -> tuple[Share, ...]:
        names = shareable_over(question.tables)
        if not question.dimensions or not self.dice.rarely():
            return ()
        return tuple(Share(name, self._within(question)) for name in self.dice.some(names, 2))

    def _within(self, question: Question) -> tuple[str, ...]:
        """Some of the dimensions, never all; without that whose values are gathered."""
        top = question.top
        names = [each for each in question.dimensions if top is None or each != top.of]
        return tuple(self.dice.some(names, len(question.dimensions) - 1))

    def _subtotals(self, question: Question) -> tuple[tuple[str, ...], ...]:
        if not question.dimensions or not self.dice.rarely():
            return ()
        sets = (self._within(question) for _ in range(self.dice.number(1, 2)))
        return tuple({frozenset(each): each for each in sets if each}.values())

    def orders(self, question: Question) -> tuple[tuple[str, str], ...]:
        if not self.dice.evenly():
            return ()
        shares = [share.key for share in question.shares]
        changes = [f"{name}__{what}" for name in question.metrics for what in CHANGES if question.compare]
        names = [*metrics_over(question.tables), *question.dimensions, *shares, *changes]
        return tuple((name, self.dice.pick(["ASC", "DESC"])) for name in self.dice.some(names, 3))

    def paged(self, question: Question) -> Question:
        limit = self.dice.pick([None, None, 1, 2, 3, 5, 0])
        return replace(question, limit=limit, offset=self.dice.pick([None, None, 1, 2]))
