"""Random questions over the kiosk, each again and again with other values, and all that a filter may say."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random

from model.faults import Fault
from model.filters import And, Condition, Filter, Not, Op, Or
from model.value import Value
from model.viewer import ANONYMOUS
from plan.limits import Limits
from plan.plan import make_plan
from resolvers.question import Question, query_of
from tests.resolvers.curious import NOW, Curious
from tests.resolvers.kiosk import KIOSK

TEXT = [Op.CONTAINS, Op.STARTS_WITH, Op.ENDS_WITH, Op.SEARCH]
LISTS = [Op.IN, Op.NOT_IN]
NULLABLE = [Op.EQ, Op.NE, *LISTS]
ORDERED = [Op.GT, Op.GTE, Op.LT, Op.LTE]
AUTUMN = datetime(2025, 10, 26, tzinfo=UTC)
"""The day on which Lisbon's clocks go back."""

Draw = Callable[[Random], Value]


def _moment(dice: Random) -> datetime:
    return AUTUMN + timedelta(minutes=dice.choice([0, 15, 30, 60, 90, 40_000, -400_000]))


def _day(dice: Random) -> date:
    return date.fromordinal(dice.choice([1, 738_000, 739_252, 739_256, date.max.toordinal()]))


def _number(dice: Random) -> Value:
    numbers: list[Value] = [1, 0, Decimal("1.50"), 0.25, "2", 10**20]
    return dice.choice(numbers)


def _truth(dice: Random) -> bool:
    return dice.choice([True, False])


def _whole(dice: Random) -> int:
    return dice.choice([0, 1, 9, 10, 101, 2**63, -(2**70)])


def _text(dice: Random) -> str:
    return dice.choice(["recife", "app", "a", "ice", "100%", "a_b\\", ""])


FILTERED: dict[str, tuple[list[Op], Draw]] = {
    "city": ([*NULLABLE, *TEXT], _text),
    "origin_city": ([*NULLABLE, *ORDERED], _text),
    "channel": ([*NULLABLE, *TEXT], _text),
    "product": ([*NULLABLE, *TEXT], _text),
    "quantity": ([*NULLABLE, *ORDERED], _whole),
    "hour": ([*NULLABLE, *ORDERED], _whole),
    "rate": ([*NULLABLE, *ORDERED], _number),
    "gift": (NULLABLE, _truth),
    "dear": (NULLABLE, _truth),
    "sold_at": ([*NULLABLE, *ORDERED], _moment),
    "refunded_at": ([*NULLABLE, *ORDERED], _moment),
    "day": ([*NULLABLE, *ORDERED], _day),
    "sold_at__hour": ([*NULLABLE, *ORDERED], _moment),
    "refunded_at__minute_30": ([*NULLABLE, *ORDERED], _moment),
    "time__day": ([*NULLABLE, *ORDERED], _day),
    "time__week": ([*NULLABLE, *ORDERED], _day),
    "refunded_at__month": ([*NULLABLE, *ORDERED], _day),
    "time__day_of_week": ([*NULLABLE, *ORDERED], _whole),
}
MEASURED: dict[str, Draw] = {
    "revenue": _number,
    "sold": _whole,
    "late": _moment,
    "ticket": _number,
}


@dataclass(slots=True)
class Variety:
    """`questions` are shapes in turn, each with other values every time."""

    dice: Random
    curious: Curious = field(init=False)

    def __post_init__(self) -> None:
        self.curious = Curious(self.dice)

    def questions(self, shapes: int, times: int) -> Iterator[Question]:
        asked = [self._answered() for _ in range(shapes)]
        for _ in range(times):
            yield from map(self._again, asked)

    def _answered(self) -> Question:
        """Most shapes can be answered, with some values at least."""
        while True:
            shape = self._shape()
            try:
                make_plan(KIOSK, query_of(self._again(shape), KIOSK, NOW, 50), ANONYMOUS, Limits())
            except Fault:
                if self.dice.random() < 0.02:
                    return shape
            else:
                return shape

    def _shape(self) -> Question:
        dice, found = self.dice, self.curious.question()
        filters = (found.filters, *(self._filter(2) for _ in range(dice.choice([0, 0, 1, 2]))))
        having = [self._having() for _ in range(dice.choice([0, 0, 0, 1, 2]))] if found.metrics else []
        search = "ice" if dice.random() < 0.1 else None
        return replace(found, filters=And(filters), having=And(tuple(having)), search=search)

    def _filter(self, depth: int) -> Filter:
        dice = self.dice
        if depth and dice.random() < 0.3:
            parts = tuple(self._filter(depth - 1) for _ in range(dice.choice([0, 1, 2])))
            return And(parts) if dice.random() < 0.5 else Or(parts)
        if depth and dice.random() < 0.15:
            return Not(self._filter(depth - 1))
        name = dice.choice(list(FILTERED))
        return Condition(name, dice.choice([*FILTERED[name][0], Op.IS_NULL]), ())

    def _having(self) -> Filter:
        name = self.dice.choice(list(MEASURED))
        return Condition(name, self.dice.choice([*ORDERED, *NULLABLE, Op.IS_NULL]), ())

    def _again(self, question: Question) -> Question:
        """With other values."""
        dice = self.dice
        changed = replace(
            question,
            filters=self._valued(question.filters),
            having=self._valued(question.having),
            search=question.search and _text(dice),
            limit=dice.choice([question.limit, 1, 9, 100, None]),
            offset=dice.choice([0, 0, 1, 10]),
        )
        ranged = question.date_range and self.curious.range()
        return replace(changed, date_range=ranged) if dice.random() < 0.8 else changed

    def _valued(self, tree: Filter) -> Filter:
        match tree:
            case Condition():
                return replace(tree, values=self._values(tree))
            case And(parts) | Or(parts):
                return type(tree)(tuple(map(self._valued, parts)))
            case Not(part):
                return Not(self._valued(part))

    def _values(self, condition: Condition) -> tuple[Value | None, ...]:
        dice, name = self.dice, condition.name
        if condition.op is Op.IS_NULL:
            return (dice.choice([True, False]),)
        if name in MEASURED:
            draw = MEASURED[name]
        elif name in FILTERED:
            draw = FILTERED[name][1]
        else:
            return condition.values
        if condition.op in LISTS:
            return tuple(
                dice.choice([draw(dice), draw(dice), None]) for _ in range(dice.choice([0, 1, 2, 3]))
            )
        return (None if condition.op in NULLABLE and dice.random() < 0.15 else draw(dice),)
