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
from model.query import OTHERS, Query
from model.value import Value
from model.viewer import ANONYMOUS, Viewer
from plan.bound import BoundPlan
from plan.limits import Limits
from plan.parts import Plan
from plan.plan import make_plan
from plan.planner import Planner
from plan.sql import render, text_of
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

    def __call__(self, model: Model, plan: Plan, bound: BoundPlan) -> str:
        self.count += 1
        return text_of(model, plan, bound)


def same(found: Statement, wanted: Statement) -> bool:
    """To Python 1, 1.0 and true are equal; to PostgreSQL they are not."""
    return found.text == wanted.text and list(map(repr, found.args)) == list(map(repr, wanted.args))


def written(model: Model, query: Query, viewer: Viewer = ANONYMOUS) -> Statement:
    """With nothing remembered."""
    return render(model, make_plan(model, query, viewer, Limits()))


class Variants:
    """The same question with other values."""

    def __init__(self, dice: Random) -> None:
        self.dice = dice

    def of(self, query: Query) -> Query:
        dice = self.dice
        return replace(
            query,
            order_by=tuple(order for order in query.order_by if not order.name.endswith(OTHERS)),
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


def kiosk_questions(seed: int) -> Iterator[tuple[Query, Viewer]]:
    """Everything that may be asked, again and again with other values, in any order."""
    dice = Random(seed)
    curious, variants = Curious(dice), Variants(dice)
    shapes = [curious.plan() for _ in range(SHAPES)]
    for plan in shapes * VARIANTS:
        viewer = dice.choice([ANONYMOUS, Viewer(tenant="acme"), Viewer(tenant="other")])
        yield variants.of(plan.query), viewer


@pytest.mark.parametrize("seed", range(2))
def test_whatever_is_asked_the_statement_is_the_one_that_would_be_written(seed: int) -> None:
    writer, found = Writer(), set()
    texts, planner = Texts(KIOSK, 10_000, writer), Planner(KIOSK, Limits())

    for query, viewer in kiosk_questions(seed):
        wanted = written(KIOSK, query, viewer)
        found.add(wanted.text)
        assert same(texts.statement(planner.plan(query, viewer)), wanted)

    assert writer.count < 1.2 * len(found)


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_question_with_other_values_is_not_written_again(name: str) -> None:
    writer, asked, planner = Writer(), QUESTIONS[name], Planner(RESTAURANT, Limits())
    texts = Texts(RESTAURANT, write=writer)
    other = replace(
        asked,
        interval=later(asked.interval),
        compared_with=later(asked.compared_with),
        limit=asked.limit - 1,
    )

    for query in (asked, other):
        texts.statement(planner.plan(query, ANONYMOUS))

    assert writer.count == 1


def test_conditions_of_another_range_are_not_those_of_the_questions_own() -> None:
    texts, planner = Texts(RESTAURANT), Planner(RESTAURANT, Limits())
    asked = replace(QUESTIONS["no_dimensions"], interval=JANUARY)
    since, until = replace(JANUARY, end=None, last=None), replace(JANUARY, start=None, first=None)
    always = replace(until, end=None, last=None)

    for own, other in ((JANUARY, always), (since, until)):
        query = replace(asked, interval=own, compared_with=other)
        assert same(texts.statement(planner.plan(query, ANONYMOUS)), written(RESTAURANT, query))


def asked(having: Filter | None = None, filters: Filter | None = None) -> Query:
    """By channel with a condition on groups, or of a product's lines with one on rows."""
    if having is not None:
        question = Question(("revenue", "sold"), ("channel",), having=having, group_count=True)
    else:
        question = Question(("units",), ("product",), filters=filters or And(()))
    return query_of(question, KIOSK, datetime(2026, 3, 15, tzinfo=UTC), default_limit=9)


def never(name: str) -> Filter:
    """Names nothing when it is written."""
    return Condition(name, Op.IN, ())


NEEDED = [asked(having=Condition(name, Op.NOT_IN, ())) for name in ("revenue", "ticket")]
JOINED = [
    asked(filters=And((never(one), Not(never(other))))) for one, other in permutations(("channel", "city"))
]


@pytest.mark.parametrize("queries", [NEEDED, NEEDED[::-1], JOINED, JOINED[::-1]])
def test_conditions_over_nothing_tell_questions_apart_as_well(queries: list[Query]) -> None:
    texts, planner = Texts(KIOSK), Planner(KIOSK, Limits())

    for query in queries:
        assert same(texts.statement(planner.plan(query, ANONYMOUS)), written(KIOSK, query))


def test_no_more_texts_are_remembered_than_there_is_room_for() -> None:
    writer = Writer()
    texts = Texts(RESTAURANT, 1, writer)
    planner = Planner(RESTAURANT, Limits())
    plans = [planner.plan(QUESTIONS[name], ANONYMOUS) for name in list(QUESTIONS)[:2]]

    for plan in (*plans, *plans):
        texts.statement(plan)

    assert writer.count == 4
