"""A text that is remembered is the one that would be written, and its arguments are the question's own."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import permutations
from random import Random

import pytest

from model.dates import Interval
from model.filters import And, Condition, Filter, Not, Op, Or
from model.model import Model
from model.query import Query
from model.value import Value
from model.viewer import ANONYMOUS, Viewer
from plan.limits import Limits
from plan.parts import Plan
from plan.plan import make_plan, plan_of
from plan.sql import render
from plan.statement import Statement
from plan.texts import Texts
from resolvers.question import Question, query_of
from tests.plan.questions import JANUARY, QUESTIONS, RESTAURANT, later
from tests.resolvers.curious import VALUES, Curious
from tests.resolvers.kiosk import KIOSK

SHAPES = 100
VARIANTS = 6


class Writer:
    """Writes, and counts how often."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, model: Model, plan: Plan) -> Statement:
        self.count += 1
        return render(model, plan)


def same(found: Statement, wanted: Statement) -> bool:
    """To Python 1, 1.0 and true are equal; to PostgreSQL they are not."""
    return found.text == wanted.text and list(map(repr, found.args)) == list(map(repr, wanted.args))


class Variants:
    """The same question with other values."""

    def __init__(self, dice: Random) -> None:
        self.dice = dice

    def of(self, query: Query) -> Query:
        dice = self.dice
        return replace(
            query,
            filters=self._tree(query.filters),
            having=self._having(query),
            interval=self._range(query.interval),
            compared_with=self._range(query.compared_with),
            limit=dice.choice([query.limit, 7, 50]),
            offset=dice.choice([query.offset, 0, 20]),
        )

    def _having(self, query: Query) -> Filter:
        names = [name for name in query.metrics if name in {"revenue", "sold", "faturamento", "qtd_vendas"}]
        if not names or self.dice.random() < 0.7:
            return query.having
        values: list[Value] = [3, Decimal("2.5"), 10**20]
        return Condition(
            self.dice.choice(names), self.dice.choice([Op.GT, Op.LTE]), (self.dice.choice(values),)
        )

    def _tree(self, tree: Filter) -> Filter:
        match tree:
            case Condition():
                return replace(tree, values=tuple(self._value(tree, each) for each in tree.values))
            case And(parts) | Or(parts):
                return type(tree)(tuple(map(self._tree, parts)))
            case Not(part):
                return Not(self._tree(part))

    def _value(self, condition: Condition, value: Value | None) -> Value | None:
        others = [each for each in VALUES.get(condition.name, []) if type(each) is type(value)]
        more = [value + 1, 2**70] if type(value) is int else []
        return self.dice.choice([value, *others, *more])

    def _range(self, interval: Interval | None) -> Interval | None:
        """Days later, or open at an end; sometimes within the two equal hours of an autumn."""
        if interval is None:
            return None
        by = timedelta(days=self.dice.choice([0, 1, 28, 365, -1500]), hours=self.dice.choice([0, 0, 1]))
        moved = replace(
            interval,
            start=interval.start and interval.start + by,
            end=interval.end and interval.end + by,
            first=interval.first and interval.first + by,
            last=interval.last and interval.last + by,
        )
        open_ended = [replace(moved, start=None, first=None), replace(moved, end=None, last=None)]
        return self.dice.choice(open_ended) if self.dice.random() < 0.1 else moved


def kiosk_plans(seed: int) -> Iterator[Plan]:
    """Everything that may be asked, again and again with other values, in any order."""
    dice = Random(seed)
    curious, variants = Curious(dice), Variants(dice)
    shapes = [curious.plan() for _ in range(SHAPES)]
    for plan in shapes * VARIANTS:
        viewer = dice.choice([ANONYMOUS, Viewer(tenant="acme"), Viewer(tenant="other")])
        yield plan_of(KIOSK, variants.of(plan.query), viewer)


@pytest.mark.parametrize("seed", range(2))
def test_whatever_is_asked_the_statement_is_the_one_that_would_be_written(seed: int) -> None:
    writer = Writer()
    texts = Texts(KIOSK, 10_000, writer)

    wrong = [plan.query for plan in kiosk_plans(seed) if not same(texts.statement(plan), render(KIOSK, plan))]

    assert wrong == []
    assert writer.count < SHAPES * VARIANTS / 2


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_question_with_other_values_is_not_written_again(name: str) -> None:
    writer, asked = Writer(), QUESTIONS[name]
    texts = Texts(RESTAURANT, write=writer)
    other = replace(
        asked,
        interval=later(asked.interval),
        compared_with=later(asked.compared_with),
        limit=asked.limit - 1,
    )

    for query in (asked, other):
        texts.statement(make_plan(RESTAURANT, query, ANONYMOUS, Limits()))

    assert writer.count == 1


def test_conditions_of_another_range_are_not_those_of_the_questions_own() -> None:
    texts, asked = Texts(RESTAURANT), replace(QUESTIONS["no_dimensions"], interval=JANUARY)
    since, until = replace(JANUARY, end=None, last=None), replace(JANUARY, start=None, first=None)
    always = replace(until, end=None, last=None)

    for own, other in ((JANUARY, always), (since, until)):
        plan = plan_of(RESTAURANT, replace(asked, interval=own, compared_with=other), ANONYMOUS)
        assert same(texts.statement(plan), render(RESTAURANT, plan))


def asked(having: Filter | None = None, filters: Filter | None = None) -> Plan:
    """By channel with a condition on groups, or of a product's lines with one on rows."""
    if having is not None:
        question = Question(("revenue", "sold"), ("channel",), having=having, group_count=True)
    else:
        question = Question(("units",), ("product",), filters=filters or And(()))
    query = query_of(question, KIOSK, datetime(2026, 3, 15, tzinfo=UTC), default_limit=9)
    return make_plan(KIOSK, query, ANONYMOUS, Limits())


def never(name: str) -> Filter:
    """Names nothing when it is written."""
    return Condition(name, Op.IN, ())


NEEDED = [asked(having=Condition(name, Op.NOT_IN, ())) for name in ("revenue", "ticket")]
JOINED = [
    asked(filters=And((never(one), Not(never(other))))) for one, other in permutations(("channel", "city"))
]


@pytest.mark.parametrize("plans", [NEEDED, NEEDED[::-1], JOINED, JOINED[::-1]])
def test_conditions_over_nothing_tell_questions_apart_as_well(plans: list[Plan]) -> None:
    texts = Texts(KIOSK)

    for plan in plans:
        assert same(texts.statement(plan), render(KIOSK, plan))


def test_no_more_texts_are_remembered_than_there_is_room_for() -> None:
    writer = Writer()
    texts = Texts(RESTAURANT, 1, writer)
    plans = [make_plan(RESTAURANT, QUESTIONS[name], ANONYMOUS, Limits()) for name in list(QUESTIONS)[:2]]

    for plan in (*plans, *plans):
        texts.statement(plan)

    assert writer.count == 4
