"""Random questions over random data, answered by the service and by the naive engine."""

import pytest
from hypothesis import given

from tests.engine.asking import Asking
from tests.engine.combined import combined
from tests.engine.fanned import fanned
from tests.engine.matching import faults
from tests.engine.question import Question
from tests.engine.ranked import ranked
from tests.engine.reference import answer
from tests.engine.service import Counter, world_of
from tests.engine.timely import compared, filled, windowed
from tests.engine.valued import valued
from tests.engine.visits import Visit, some, visits

pytestmark = [pytest.mark.anyio, pytest.mark.integration]


@some(100)
@given(visit=visits(Asking.question))
async def test_any_answer_is_what_counting_by_hand_gives(counter: Counter, visit: Visit) -> None:
    assert not await wrong(counter, visit)


@some(25)
@given(visit=visits(valued))
async def test_values_are_those_of_the_rows(counter: Counter, visit: Visit) -> None:
    assert not await wrong(counter, visit)


@some(30)
@given(visit=visits(filled))
async def test_a_filled_answer_has_every_bucket_of_its_range(counter: Counter, visit: Visit) -> None:
    assert not await wrong(counter, visit)


@some(45)
@given(visit=visits(compared))
async def test_a_comparison_sets_the_other_range_beside_this_one(counter: Counter, visit: Visit) -> None:
    assert not await wrong(counter, visit)


@some(45)
@given(visit=visits(windowed))
async def test_windows_sum_up_the_rows_that_they_see(counter: Counter, visit: Visit) -> None:
    assert not await wrong(counter, visit)


@some(45)
@given(visit=visits(ranked))
async def test_the_best_are_the_best_and_the_others_all_others(counter: Counter, visit: Visit) -> None:
    assert not await wrong(counter, visit)


@some(45)
@given(visit=visits(fanned))
async def test_a_row_counts_once_for_each_of_its_groups(counter: Counter, visit: Visit) -> None:
    assert not await wrong(counter, visit)


@some(70)
@given(visit=visits(combined))
async def test_features_that_meet_keep_their_meaning(counter: Counter, visit: Visit) -> None:
    assert not await wrong(counter, visit)


async def wrong(counter: Counter, visit: Visit) -> list[str]:
    """What is wrong with the first answer that is not right."""
    await counter.load(visit.shop, visit.now)
    for question in visit.questions:
        if found := await _wrong(counter, visit, question):
            return [repr(question), *found]
    return []


async def _wrong(counter: Counter, visit: Visit, question: Question) -> list[str]:
    response = await counter.ask(question, visit.week_start)
    if "errors" in response:
        return [str(response["errors"])]
    row_by_row, as_json = await counter.both_ways(question, visit.week_start)
    if row_by_row != as_json:
        return [f"{row_by_row!r} row by row, {as_json!r} as PostgreSQL writes it"]
    world = world_of(visit.shop, question, visit.now, visit.week_start)
    return faults(question, answer(world, question), response["data"]["analytics"], world.clock.zone)
