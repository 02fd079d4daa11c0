"""Rows that count, gathered into groups, and the metrics of each group."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tests.engine.clock import Clock
from tests.engine.conditions import Rows, Tree
from tests.engine.dimensions import dimension_of, is_time, plain, type_of, value_of
from tests.engine.joining import Joined, joined
from tests.engine.measures import MEASURES, Aggregate, Computed, aggregates_of
from tests.engine.question import Question
from tests.engine.ranges import Range
from tests.engine.shop import TABLES, Row, Shop, looked_up, way

Key = tuple[Any, ...]
"""The values of a group's dimensions."""


@dataclass(frozen=True, slots=True)
class World:
    """A data set at an instant, as a clock shows it."""

    shop: Shop
    clock: Clock
    now: datetime


@dataclass(frozen=True, slots=True)
class Record:
    """A row of `table` together with what it is joined to. Records with the same `key` are one row."""

    table: str
    key: Key
    row: Joined


Groups = dict[Key, dict[str, Any]]
"""The metrics of each group, by name."""

KeyOf = Callable[[Record], Key | None]
"""The group of a record, or None where it is in none."""


def records_of(world: World, question: Question, tables: Iterable[str], covered: Range) -> list[Record]:
    """The rows of the tables that pass the filters of the question and lie in the range."""
    return [record for table in sorted(tables) for record in _records(world, question, table, covered)]


def _records(world: World, question: Question, table: str, covered: Range) -> list[Record]:
    at_hand = _at_hand(question, table)
    rows = Rows(world.shop, world.clock, table, at_hand)
    return [
        Record(table, TABLES[table].key_of(row), each)
        for row in TABLES[table].rows(world.shop)
        for each in joined(world.shop, table, row, at_hand, outer=True)
        if _in_range(each, table, covered, world.clock)
        and rows.pass_(_conditions(question), each)
        and _is_found(question, each, table, world.clock)
    ]


def _at_hand(question: Question, table: str) -> frozenset[str]:
    """What is looked up; with fan-out also what lies on the ways to the dimensions, and looks up."""
    if question.fanout != "DEDUPLICATE":
        return looked_up(table)
    wanted = {dimension_of(each, table).table for each in question.dimensions}
    passed = looked_up(table).union(*(way(table, each) for each in wanted))
    return passed.union(*map(looked_up, passed))


def _in_range(row: Joined, table: str, covered: Range, clock: Clock) -> bool:
    if covered == Range():
        return True
    return covered.holds(value_of("time", table, row, clock), clock)


def _conditions(question: Question) -> Tree:
    return {"and": [question.filters or {}, *({"segment": each} for each in question.segments)]}


def _is_found(question: Question, row: Joined, table: str, clock: Clock) -> bool:
    if question.search is None:
        return True
    texts = [each for each in question.dimensions if type_of(each) == "string"]
    found = (value_of(each, table, row, clock) for each in texts)
    return any(text is not None and question.search.lower() in text.lower() for text in found)


def key_by(dimensions: Sequence[str], clock: Clock) -> KeyOf:
    """Groups records by the values of these dimensions."""
    return lambda record: tuple(plain(value_of(each, record.table, record.row, clock)) for each in dimensions)


def grouped(records: Iterable[Record], key_of: KeyOf) -> dict[Key, list[Record]]:
    groups: dict[Key, list[Record]] = {}
    for record in records:
        if (key := key_of(record)) is not None:
            groups.setdefault(key, []).append(record)
    return groups


def summarised(
    records: Sequence[Record], key_of: KeyOf, bucket_of: KeyOf, metrics: Iterable[str], clock: Clock
) -> Groups:
    """The metrics of each group; `bucket_of` tells the bucket of time, for what is semi-additive."""
    needed = {name: found for metric in metrics for name, found in aggregates_of(metric).items()}
    counted = {name: _counted(found, records, bucket_of, clock) for name, found in needed.items()}
    groups: Groups = {}
    for key, members in grouped(records, key_of).items():
        values = {name: _aggregated(needed[name], members, counted[name]) for name in needed}
        groups[key] = {metric: computed(metric, values) for metric in metrics}
    return groups


def of_nothing(metrics: Iterable[str]) -> dict[str, Any]:
    """The metrics of no rows."""
    return {
        metric: computed(metric, {name: each.make([]) for name, each in aggregates_of(metric).items()})
        for metric in metrics
    }


def computed(metric: str, values: Computed) -> Any:
    measure = MEASURES[metric]
    if isinstance(measure, Aggregate):
        return plain(values[metric])
    return measure.make({each: computed(each, values) for each in measure.inputs})


def _counted(
    aggregate: Aggregate, records: Sequence[Record], bucket_of: KeyOf, clock: Clock
) -> frozenset[Hashable]:
    """The keys of the rows that the aggregate counts."""
    own = [record for record in records if record.table == aggregate.table]
    kept = own if aggregate.snapshot is None else _last(aggregate, own, bucket_of)
    return frozenset(record.key for record in kept if aggregate.counts(record.row, clock))


def _last(aggregate: Aggregate, records: Sequence[Record], bucket_of: KeyOf) -> list[Record]:
    snapshot = aggregate.snapshot
    assert snapshot is not None
    best = min if snapshot.first else max

    def moment(record: Record) -> Any:
        return _own(record)[snapshot.over]

    def place(record: Record) -> Key:
        return (bucket_of(record), *(_own(record)[each] for each in snapshot.per))

    chosen = {key: best(map(moment, members)) for key, members in grouped(records, place).items()}
    return [record for record in records if moment(record) == chosen[place(record)]]


def _aggregated(aggregate: Aggregate, members: Sequence[Record], counted: frozenset[Hashable]) -> Any:
    rows = {
        record.key: _own(record)
        for record in members
        if record.table == aggregate.table and record.key in counted
    }
    return aggregate.make([aggregate.value(row) for row in rows.values()])


def _own(record: Record) -> Row:
    row = record.row[record.table]
    assert row is not None
    return row


def times_in(dimensions: Sequence[str], clock: Clock) -> KeyOf:
    """The bucket of time of a record, as far as these dimensions tell it."""
    return key_by([each for each in dimensions if is_time(each)], clock)
