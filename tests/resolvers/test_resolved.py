"""What a question means is worked out once, for as long as it means that."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from model.dates import Current, Days, Last
from model.filters import Condition, Op
from model.grain import Grain
from model.viewer import ANONYMOUS, Viewer
from resolvers.question import Question
from resolvers.resolved import Resolver
from resolvers.rules import Rules
from tests.plan.questions import RESTAURANT

NOON = datetime(2026, 6, 15, 12, tzinfo=UTC)
LAST_WEEK = Question(("faturamento",), date_range=Last(7, Grain.DAY))
JANUARY = Question(("faturamento",), date_range=Days(date(2026, 1, 1), date(2026, 1, 31)))


class Desk:
    """A resolver and its clock."""

    def __init__(self, most: int = 10) -> None:
        self.now = NOON
        self.resolver = Resolver(RESTAURANT, Rules(), lambda: self.now, most)

    def name(self, question: Question, viewer: Viewer = ANONYMOUS) -> str:
        return self.resolver.resolve(question, viewer).wanted.key.name


def test_the_same_question_is_resolved_once() -> None:
    desk = Desk()

    first = desk.resolver.resolve(LAST_WEEK, ANONYMOUS)

    assert (
        desk.resolver.resolve(Question(("faturamento",), date_range=Last(7, Grain.DAY)), ANONYMOUS) is first
    )


def test_a_relative_range_is_another_one_after_midnight_of_its_zone() -> None:
    desk = Desk()
    before = desk.name(LAST_WEEK)
    assert desk.resolver.resolve(LAST_WEEK, ANONYMOUS).until == datetime(2026, 6, 16, 3, tzinfo=UTC)

    desk.now = datetime(2026, 6, 16, 2, 59, 59, tzinfo=UTC)
    assert desk.name(LAST_WEEK) == before
    desk.now = datetime(2026, 6, 16, 3, tzinfo=UTC)
    assert desk.name(LAST_WEEK) != before


def test_a_clock_that_is_put_back_does_not_bring_back_what_is_not_yet() -> None:
    desk = Desk()
    today = desk.name(LAST_WEEK)

    desk.now = NOON - timedelta(days=1)

    assert desk.name(LAST_WEEK) != today


def test_an_absolute_range_holds_for_good() -> None:
    desk = Desk()
    found = desk.resolver.resolve(JANUARY, ANONYMOUS)

    desk.now += timedelta(days=400)

    assert found.until is None
    assert desk.resolver.resolve(JANUARY, ANONYMOUS) is found


def test_values_that_are_equal_to_python_are_told_apart() -> None:
    desk = Desk()
    whole = Question(("faturamento",), filters=Condition("channel_id", Op.EQ, (1,)))
    same = Question(("faturamento",), filters=Condition("channel_id", Op.EQ, (Decimal(1),)))
    assert whole == same

    assert desk.resolver.resolve(whole, ANONYMOUS) is not desk.resolver.resolve(same, ANONYMOUS)


def test_viewers_are_told_apart() -> None:
    desk = Desk()

    assert desk.name(JANUARY, Viewer("ana", tenant="acme")) != desk.name(
        JANUARY, Viewer("ana", tenant="zeta")
    )


def test_viewers_of_one_name_are_all_remembered() -> None:
    desk = Desk()
    viewers = [Viewer("ana", "acme"), Viewer("ana", "zeta"), Viewer("ana", "acme", frozenset({"clerk"}))]
    first = [desk.resolver.resolve(JANUARY, viewer) for viewer in viewers]

    again = [desk.resolver.resolve(JANUARY, viewer) for viewer in viewers]

    assert all(one is other for one, other in zip(first, again, strict=True))


def test_questions_of_one_hash_are_all_remembered() -> None:
    desk = Desk()
    months = [Question(("faturamento",), date_range=Current(Grain.MONTH, offset)) for offset in (-1, -2)]
    assert hash(months[0]) == hash(months[1])
    first = [desk.resolver.resolve(month, ANONYMOUS) for month in months]

    again = [desk.resolver.resolve(month, ANONYMOUS) for month in months]

    assert first[0].wanted.key != first[1].wanted.key
    assert all(one is other for one, other in zip(first, again, strict=True))


def test_only_so_many_are_remembered() -> None:
    desk = Desk(most=2)
    first = desk.resolver.resolve(JANUARY, ANONYMOUS)

    for limit in (1, 2):
        desk.resolver.resolve(Question(("faturamento",), limit=limit), ANONYMOUS)

    assert desk.resolver.resolve(JANUARY, ANONYMOUS) is not first


@pytest.mark.parametrize("unit", [Grain.MINUTE_15, Grain.HOUR])
def test_finer_units_turn_at_a_quarter_of_an_hour(unit: Grain) -> None:
    desk = Desk()
    desk.now = datetime(2026, 6, 15, 12, 20, tzinfo=UTC)

    found = desk.resolver.resolve(Question(("faturamento",), date_range=Last(2, unit)), ANONYMOUS)

    assert found.until == datetime(2026, 6, 15, 12, 30, tzinfo=UTC)
