"""Questions that differ in their values alone are one statement, so that PostgreSQL knows it already."""

from dataclasses import replace

import pytest

from model.filters import And, Condition, Filter, Not, Or
from model.query import Query
from model.value import Value
from model.viewer import ANONYMOUS
from plan.limits import Limits
from plan.plan import make_plan
from plan.sql import render
from plan.statement import Statement
from tests.plan.questions import QUESTIONS, RESTAURANT, later


def statement_of(query: Query) -> Statement:
    return render(RESTAURANT, make_plan(RESTAURANT, query, ANONYMOUS, Limits()))


def of_other_values(tree: Filter) -> Filter:
    match tree:
        case Condition(values=values):
            return replace(tree, values=tuple(_other(value) for value in values))
        case And(parts) | Or(parts):
            return type(tree)(tuple(map(of_other_values, parts)))
        case Not(part):
            return Not(of_other_values(part))


def _other(value: Value | None) -> Value | None:
    if isinstance(value, str):
        return f"{value}!"
    return value + 7 if type(value) is int else value


@pytest.mark.parametrize("name", QUESTIONS)
def test_other_days_values_and_pages_are_the_same_statement(name: str) -> None:
    asked = QUESTIONS[name]
    other = replace(
        asked,
        interval=later(asked.interval),
        compared_with=later(asked.compared_with),
        filters=of_other_values(asked.filters),
        having=of_other_values(asked.having),
        limit=asked.limit - 7,
        offset=asked.offset and asked.offset + 7,
    )

    assert statement_of(other).text == statement_of(asked).text


def test_nothing_that_a_user_tells_is_written_into_the_statement() -> None:
    asked = QUESTIONS["first_question"]
    other = replace(asked, interval=later(asked.interval), filters=of_other_values(asked.filters))

    assert statement_of(other).args != statement_of(asked).args
