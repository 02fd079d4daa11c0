"""The naive engine: a question over a small data set, answered row by row in plain Python."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from tests.engine.axis import axis_of
from tests.engine.beside import add_changes
from tests.engine.dimensions import base_of, home_of
from tests.engine.grouping import (
    Groups,
    KeyOf,
    Record,
    World,
    key_by,
    of_nothing,
    records_of,
    summarised,
    times_in,
)
from tests.engine.having import shown
from tests.engine.measures import tables_of
from tests.engine.ordering import in_order
from tests.engine.placing import Beside, Placing
from tests.engine.question import Question
from tests.engine.ranges import Range, compared_with, range_of
from tests.engine.ranking import Ranking
from tests.engine.shares import add_shares, add_shares_of_all
from tests.engine.shop import looked_up
from tests.engine.windows import Sight, add_windows

DEFAULT_LIMIT = 1000

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """`groups` are all that there are, in order, and `rows` those that limit and offset show."""

    groups: Sequence[Row]
    rows: Sequence[Row]
    totals: Row
    subtotals: Sequence[Sequence[Row]]
    covered: Range

    truncated: bool = False


def answer(world: World, question: Question) -> Answer:
    """The right answer to a question that has one."""
    return _Answering(world, question).answer()


class _Answering:
    def __init__(self, world: World, question: Question) -> None:
        self._world = world
        self._question = question
        self._clock = world.clock
        self._tables = question.tables or {source(question)}
        self._covered = range_of(question.date_range, world.now, world.clock)
        self._records = self._within(self._covered)
        self._axis = axis_of(question.dimensions, frozenset(self._tables), world.clock)
        self._beside, self._before = self._compared()
        ranking = Ranking.of(question, self._records, self._seen_before(), world.clock)
        self._placing = Placing(question, world.clock, self._axis, ranking)

    def answer(self) -> Answer:
        question = self._question
        groups = self._groups()
        rows = self._rows(groups, question.dimensions)
        ordered = in_order([row for row in rows if shown(row, question.having)], question)
        rows = self._page(ordered) if question.dimensions else ordered
        return Answer(
            groups=ordered,
            rows=rows,
            totals=self._total() if question.totals else {},
            subtotals=[self._rows(self._summed(by), by) for by in question.subtotals],
            covered=self._covered,
            truncated=bool(question.dimensions) and (question.offset or 0) + len(rows) < len(ordered),
        )

    def _rows(self, groups: Groups, by: Sequence[str]) -> list[Row]:
        return [{**self._placing.named(by, key), **values} for key, values in groups.items()]

    def _page(self, rows: list[Row]) -> list[Row]:
        start, limit = self._question.offset or 0, self._question.limit
        return rows[start : start + (DEFAULT_LIMIT if limit is None else limit)]

    def _within(self, covered: Range) -> list[Record]:
        return records_of(self._world, self._question, self._tables, covered)

    def _groups(self) -> Groups:
        question = self._question
        groups = self._summed(question.dimensions)
        if question.windows:
            self._look_back(groups)
        return groups

    def _total(self) -> Row:
        total = self._summed(())[()]
        add_shares_of_all(total, self._question)
        return total

    def _summed(self, by: Sequence[str]) -> Groups:
        """The groups by some of the dimensions, with what stands beside their metrics."""
        question = self._question
        groups = self._summary(self._records, by, self._placing.keys(by))
        before = self._summary(self._before, by, self._placing.keys(by, self._beside))
        for key in before if by else [()]:
            groups.setdefault(key, of_nothing(question.needed))
        if question.fill and by == question.dimensions:
            self._fill(groups)
        add_changes(groups, before, question)
        add_shares(groups, question, by, self._records, self._clock)
        return groups

    def _summary(self, records: Sequence[Record], by: Sequence[str], key_of: KeyOf) -> Groups:
        return summarised(records, key_of, times_in(by, self._clock), self._question.needed, self._clock)

    def _fill(self, groups: Groups) -> None:
        axis = self._axis
        assert axis is not None
        combinations = {axis.others(key): key for key in groups}
        if len(self._question.dimensions) == 1:
            combinations.setdefault((), (None,))
        for bucket in axis.buckets(self._covered, self._placing.buckets(self._records)):
            for key in combinations.values():
                groups.setdefault(axis.moved(key, bucket), of_nothing(self._question.needed))

    def _compared(self) -> tuple[Beside, Sequence[Record]]:
        """Which bucket stands beside which, and the rows of the range that is compared with."""
        question = self._question
        if question.compare is None:
            return {}, ()
        assert question.date_range is not None
        other = compared_with(question.compare, question.date_range, self._world.now, self._clock)
        if self._axis is None:
            return {}, self._within(other)
        theirs, own = (self._axis.buckets(each, ()) for each in (other, self._covered))
        return dict(zip(theirs, own, strict=False)), self._within(other)

    def _seen_before(self) -> Iterable[Record]:
        """The rows of the other range that are not beyond the end of this one."""
        if self._axis is None:
            return self._before
        axis, raw = self._axis, key_by(self._question.dimensions, self._clock)
        return [
            record
            for record in self._before
            if (key := raw(record)) is not None and axis.bucket_of(key) in self._beside
        ]

    def _look_back(self, groups: Groups) -> None:
        axis = self._axis
        assert axis is not None
        dimensions = self._question.dimensions
        sight = Sight(axis, self._placing.keys(dimensions), times_in(dimensions, self._clock), self._clock)
        tables = frozenset().union(*(tables_of(window.metric) for window in self._question.windows))
        inside, ever = (
            records_of(self._world, self._question, tables, covered)
            for covered in (self._covered, self._covered.with_all_before)
        )
        add_windows(groups, self._question.windows, inside, ever, sight)


def source(question: Question) -> str:
    """Without metrics: the table whose rows find a row of each dimension's table."""
    wanted = {home_of(base_of(each)[0]) for each in question.dimensions}
    return next(table for table in sorted(wanted) if wanted <= looked_up(table))
