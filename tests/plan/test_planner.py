"""Questions that differ in their values alone are planned once, and each has the plan of its own values."""

from dataclasses import replace

import pytest

from model.filters import Condition, Op
from model.query import Query
from model.viewer import ANONYMOUS
from plan.limits import Limits
from plan.plan import make_plan
from plan.planner import Planner
from tests.plan.questions import QUESTIONS, RESTAURANT, later


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_question_with_other_values_has_the_same_shape_and_a_plan_of_its_own(name: str) -> None:
    asked, planner = QUESTIONS[name], Planner(RESTAURANT, Limits())
    other = replace(
        asked,
        interval=later(asked.interval),
        compared_with=later(asked.compared_with),
        limit=asked.limit - 1,
        offset=asked.offset + 1,
    )

    first, second = planner.plan(asked, ANONYMOUS), planner.plan(other, ANONYMOUS)

    assert second.shape is first.shape
    assert second == make_plan(RESTAURANT, other, ANONYMOUS, Limits())


def filtered_by(name: str) -> Query:
    return Query(("faturamento",), "UTC", ("channel",), filters=Condition(name, Op.EQ, (1,)))


def test_questions_that_filter_by_something_else_have_another_shape() -> None:
    planner = Planner(RESTAURANT, Limits())

    shapes = {planner.plan(filtered_by(name), ANONYMOUS).shape for name in ("channel_id", "store_id")}

    assert len(shapes) == 2


def test_no_more_plans_are_remembered_than_there_is_room_for() -> None:
    planner = Planner(RESTAURANT, Limits(), most=1)
    first, second = list(QUESTIONS.values())[:2]

    shapes = {planner.plan(query, ANONYMOUS).shape for query in (first, second, first)}

    assert len(shapes) == 3
