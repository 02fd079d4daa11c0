"""The order of rows: nulls last both ways, and dimensions break ties."""

from collections.abc import Sequence
from typing import Any

from tests.engine.dimensions import is_time
from tests.engine.question import Question

Row = dict[str, Any]


def in_order(rows: Sequence[Row], question: Question) -> list[Row]:
    found = list(rows)
    for name, direction in reversed(orders_of(question)):
        there = [row for row in found if row[name] is not None]
        absent = [row for row in found if row[name] is None]
        there.sort(key=lambda row, name=name: row[name], reverse=direction == "DESC")  # type: ignore[misc]
        found = there + absent
    return found


def orders_of(question: Question) -> list[tuple[str, str]]:
    """What is asked, or the default; then what tells groups apart."""
    top = question.top
    others = [(f"{top.of}__others", "ASC")] if top and top.others else []
    ties = [*others, *((each, "ASC") for each in question.dimensions)]
    if question.order_by:
        return [*question.order_by, *ties]
    if question.top is not None:
        return [*_of_top(question), *ties]
    return [*_by_default(question), *ties]


def _by_default(question: Question) -> list[tuple[str, str]]:
    if times := [(each, "ASC") for each in question.dimensions if is_time(each)]:
        return times
    return [(name, "DESC") for name in question.metrics[:1]]


def _of_top(question: Question) -> list[tuple[str, str]]:
    assert question.top is not None
    times = [(each, "ASC") for each in question.dimensions if is_time(each)]
    others = [(f"{question.top.of}__others", "ASC")] if question.top.others else []
    return [*times, *others, (question.top.by, question.top.direction)]
