"""Laws that hold for every question, whatever the data: no engine is needed to see them broken."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given

from tests.engine import aggregates
from tests.engine.asking import Asking
from tests.engine.combined import combined
from tests.engine.measures import MEASURES, Aggregate
from tests.engine.names import is_exactly_ordered, metrics_over
from tests.engine.question import Question
from tests.engine.service import Counter
from tests.engine.visits import Visit, some, visits

pytestmark = [pytest.mark.anyio, pytest.mark.integration]

Rows = Iterable[Mapping[str, Any]]


def counting(asking: Asking) -> Question:
    """Metrics whose groups add up, by anything, under any condition on rows."""
    question = asking.by_dimensions(
        asking.metrics_of([{"orders"}, {"items"}, {"tickets"}, {"orders", "items"}])
    )
    metrics = [each for each in metrics_over(question.tables) if is_additive(each)]
    question = replace(question, metrics=tuple(metrics))
    return asking.narrowed(replace(question, date_range=asking.range(question)))


def is_additive(metric: str) -> bool:
    measure = MEASURES[metric]
    is_sum = isinstance(measure, Aggregate) and measure.make in {aggregates.count, aggregates.total}
    return is_sum and measure.exact


@some(25)
@given(visit=visits(counting))
async def test_groups_of_sums_and_counts_add_up_to_the_total(counter: Counter, visit: Visit) -> None:
    await counter.load(visit.shop, visit.now)
    for question in visit.questions:
        found = await analytics(counter, visit, replace(question, totals=True))

        assert summed(question, found["data"]) == summed(question, [found["totals"]])


@some(25)
@given(visit=visits(counting))
async def test_a_filter_and_its_negation_make_up_the_whole(counter: Counter, visit: Visit) -> None:
    await counter.load(visit.shop, visit.now)
    for question in visit.questions:
        whole, kept, left = [
            (await analytics(counter, visit, replace(question, filters=filters)))["data"]
            for filters in (None, question.filters, {"not": question.filters or {}})
        ]

        assert summed(question, [*kept, *left]) == summed(question, whole)


@some(20)
@given(visit=visits(combined))
async def test_a_hit_has_the_bytes_of_the_miss(counter: Counter, visit: Visit) -> None:
    await counter.load(visit.shop, visit.now)
    for question in visit.questions:
        miss, hit = [await counter.raw(question, visit.week_start) for _ in range(2)]

        assert miss == hit


@some(20)
@given(visit=visits(Asking.question))
async def test_pages_stitch_together_to_the_whole(counter: Counter, visit: Visit) -> None:
    await counter.load(visit.shop, visit.now)
    for question in filter(is_exactly_ordered, visit.questions):
        if not question.dimensions:
            continue
        whole = await analytics(counter, visit, replace(question, limit=None, offset=None))

        assert await paged(counter, visit, question) == whole["data"]


async def paged(counter: Counter, visit: Visit, question: Question) -> list[Any]:
    """All rows, asked for two at a time."""
    rows: list[Any] = []
    is_more = True
    while is_more:
        found = await analytics(counter, visit, replace(question, limit=2, offset=len(rows)))
        rows += found["data"]
        is_more = found["metadata"]["truncated"]
    return rows


@some(20)
@given(visit=visits(combined))
async def test_one_key_has_one_answer(counter: Counter, visit: Visit) -> None:
    await counter.load(visit.shop, visit.now)
    known: dict[str, Any] = {}
    for question in visit.questions:
        for each in (question, replace(question, offset=None), replace(question, timezone="UTC")):
            found = await analytics(counter, visit, each)
            key = found["metadata"].pop("cacheKey")

            assert known.setdefault(key, answered(found)) == answered(found)


def answered(found: Mapping[str, Any]) -> Any:
    return {name: found[name] for name in ("data", "totals", "subtotals", "columns")}


@some(30)
@given(visit=visits(Asking.question))
async def test_the_order_of_conditions_is_no_other_question(counter: Counter, visit: Visit) -> None:
    for question in visit.questions:
        turned = replace(
            question,
            filters=reversed_tree(question.filters),
            having=reversed_tree(question.having),
            segments=question.segments[::-1],
        )

        assert await key(counter, visit, turned) == await key(counter, visit, question)


@some(20)
@given(visit=visits(Asking.question))
async def test_the_order_of_metrics_is_no_other_question_where_rows_are_ordered(
    counter: Counter, visit: Visit
) -> None:
    for question in visit.questions:
        ordered = replace(question, order_by=question.order_by or ((question.metrics[0], "ASC"),))
        turned = replace(ordered, metrics=question.metrics[::-1], shares=question.shares[::-1])

        assert await key(counter, visit, turned) == await key(counter, visit, ordered)


def reversed_tree(told: Any) -> Any:
    """The same conditions, written in the opposite order."""
    if isinstance(told, Mapping):
        return {name: reversed_tree(value) for name, value in reversed(list(told.items()))}
    return [reversed_tree(each) for each in reversed(told)] if isinstance(told, list) else told


async def key(counter: Counter, visit: Visit, question: Question) -> str:
    found: str = (await analytics(counter, visit, question))["metadata"]["cacheKey"]
    return found


async def analytics(counter: Counter, visit: Visit, question: Question) -> dict[str, Any]:
    response = await counter.ask(question, visit.week_start)
    assert "errors" not in response, response["errors"]
    found: dict[str, Any] = response["data"]["analytics"]
    return found


def summed(question: Question, rows: Rows) -> dict[str, Decimal]:
    return {
        metric: sum((Decimal(row[metric]) for row in rows if row[metric] is not None), Decimal())
        for metric in question.metrics
    }
