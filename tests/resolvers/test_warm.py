"""Warming: what is asked, in which order, how many at a time, and what becomes of it."""

import asyncio

import pytest

from model.faults import Fault
from model.viewer import ANONYMOUS
from resolvers.traffic import Asked
from resolvers.warm import AT_ONCE, Order, Origin, Step
from tests.cache.fakes import settle
from tests.resolvers.kitchen import ACME, Kitchen, names

pytestmark = pytest.mark.anyio

MODEL_ONLY = frozenset({Origin.MODEL})
TRAFFIC_ONLY = frozenset({Origin.TRAFFIC})


async def test_the_models_questions_come_first_and_then_the_traffic_by_what_it_costs() -> None:
    kitchen = Kitchen(listed=("listed",), asked=("dearest", "second", "third"))
    await kitchen.warmer.warm(Order(top=2))

    assert [asked for asked, _ in kitchen.counter.heard] == [
        Asked("listed", ANONYMOUS),
        Asked("dearest", ACME),
        Asked("second", ACME),
    ]


@pytest.mark.parametrize(
    ("order", "texts"),
    [
        (Order(origins=MODEL_ONLY), ["listed"]),
        (Order(origins=TRAFFIC_ONLY), ["asked"]),
        (Order(top=0), ["listed"]),
        (Order(origins=frozenset()), []),
    ],
    ids=["model", "traffic", "no top", "nothing"],
)
async def test_only_what_is_ordered_is_asked(order: Order, texts: list[str]) -> None:
    kitchen = Kitchen(listed=("listed",), asked=("asked",))
    warming = await kitchen.warmer.warm(order)

    assert kitchen.counter.texts == texts
    assert len(warming.results) == len(texts)


async def test_a_question_that_comes_from_two_sides_is_asked_once() -> None:
    kitchen = Kitchen(listed=("same", "same"), asked=("asked", "asked"))
    await kitchen.warmer.warm()

    assert sorted(kitchen.counter.texts) == ["asked", "same"]


async def test_it_tells_what_was_loaded_what_was_there_and_what_failed() -> None:
    kitchen = Kitchen(listed=("new", "there", "bad"))
    kitchen.counter.there, kitchen.counter.bad = {"there"}, {"bad"}
    warming = await kitchen.warmer.warm()

    assert (warming.warmed, warming.skipped, warming.failed) == (1, 1, 1)
    assert [(each.asked.text, each.source, each.error_code) for each in warming.results] == [
        ("new", "DATABASE", None),
        ("there", "REDIS", None),
        ("bad", None, "UNKNOWN_METRIC"),
    ]


async def test_a_question_that_fails_stops_no_other() -> None:
    kitchen = Kitchen(listed=names(range(9)))
    kitchen.counter.bad = {"question 0", "question 1"}
    warming = await kitchen.warmer.warm()

    assert (warming.warmed, warming.failed) == (7, 2)


async def test_a_refresh_loads_what_is_there_too() -> None:
    kitchen = Kitchen(listed=("there",))
    kitchen.counter.there = {"there"}
    warming = await kitchen.warmer.warm(Order(refresh=True))

    assert (warming.warmed, warming.skipped) == (1, 0)


async def test_no_more_than_two_questions_run_at_a_time() -> None:
    kitchen = Kitchen(listed=names(range(20)))
    await kitchen.warmer.warm()

    assert kitchen.counter.most_at_once == AT_ONCE == 2


async def test_progress_is_told_from_the_start_to_the_end() -> None:
    kitchen, steps = Kitchen(listed=names(range(3))), list[Step]()
    await kitchen.warmer.warm(watch=steps.append)

    assert [(step.done, step.total) for step in steps] == [(0, 3), (1, 3), (2, 3), (3, 3)]
    assert steps[0].last is None
    assert {step.last.asked.text for step in steps if step.last} == set(names(range(3)))


async def test_a_second_warming_is_refused_and_told_how_far_the_first_is() -> None:
    kitchen = Kitchen(listed=names(range(3)))
    kitchen.counter.gate.clear()
    first = asyncio.create_task(kitchen.warmer.warm())
    await settle()

    with pytest.raises(Fault, match="0 of 3 questions are done") as refused:
        await kitchen.warmer.warm()
    kitchen.counter.gate.set()

    assert (refused.value.code, refused.value.fields) == ("WARMING_RUNNING", {"done": 0, "total": 3})
    assert (await first).warmed == 3
    assert (await kitchen.warmer.warm()).skipped == 3


async def test_a_warming_that_is_cancelled_asks_nothing_more_and_makes_way() -> None:
    kitchen = Kitchen(listed=names(range(9)))
    kitchen.counter.gate.clear()
    warming = asyncio.create_task(kitchen.warmer.warm())
    await settle()
    warming.cancel()
    await asyncio.gather(warming, return_exceptions=True)
    heard = len(kitchen.counter.heard)
    kitchen.counter.gate.set()
    await settle()

    assert (heard, len(kitchen.counter.heard), kitchen.counter.running) == (2, 2, 0)
    assert (await kitchen.warmer.warm()).warmed == 9


@pytest.mark.parametrize("top", [-1, 1001])
async def test_a_top_that_is_out_of_bounds_is_refused(top: int) -> None:
    with pytest.raises(Fault, match=f"top is {top}, and lies between 0 and 1000") as refused:
        await Kitchen().warmer.warm(Order(top=top))

    assert refused.value.code == "LIMIT_EXCEEDED"
