"""Random questions of which most cannot be answered: names and values that do not go together."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from tests.engine.asking import Asking
from tests.engine.clock import GRAINS, PARTS
from tests.engine.combined import combined
from tests.engine.dice import Dice
from tests.engine.dimensions import DIMENSIONS, steps_of
from tests.engine.filters import Conditions
from tests.engine.measures import MEASURES
from tests.engine.question import Question, Share, Top, Window
from tests.engine.segments import SEGMENTS

Change = Callable[[Asking, Question], Question]

RANGES: Sequence[Any] = (
    {},
    {"startDate": "2024-03-02", "endDate": "2024-03-01"},
    {"start": "2024-03-02T00:00:00Z", "end": "2024-03-01T00:00:00Z"},
    {"startDate": "0001-01-01", "endDate": "9999-12-31"},
    {"startDate": "2024-03-01", "end": "2024-03-02T00:00:00Z"},
    {"last": {"n": 0, "unit": "DAY"}},
    {"last": {"n": 2000000000, "unit": "YEAR"}},
    {"toDate": "HOUR"},
    {"current": "MONTH", "toDate": "MONTH"},
    {"offset": -1},
    {"includeCurrent": True},
    {"current": "YEAR", "offset": 2000000000},
    {"startDate": "2024-03-01"},
    {"start": "2024-03-01T00:00:00Z"},
)
ODD_VALUES: Sequence[Any] = (
    "", "x", "2024-02-30", "NaN", "Infinity", "1e400", 10**30, -1.5, True, [], [None], {}, "\0", "é" * 300,
)  # fmt: skip
ZONES = ("Mars/Olympus", "", "CET", "utc+3", "Pacific/Apia", "Atlantic/Azores")


def wild(asking: Asking) -> Question:
    """A question that was right before something happened to it."""
    question = asking.dice.pick([Asking.question, combined])(asking)
    for _ in range(asking.dice.number(1, 2)):
        question = asking.dice.pick(CHANGES)(asking, question)
    return question


def _dimensions(asking: Asking, question: Question) -> Question:
    names = [*DIMENSIONS, *(f"{name}__{step}" for name in DIMENSIONS for step in steps_of(name))]
    names += [f"time__{step}" for step in (*GRAINS, *PARTS)]
    return replace(question, dimensions=tuple(asking.dice.some(names, 3)))


def _metrics(asking: Asking, question: Question) -> Question:
    return replace(question, metrics=tuple(asking.dice.some(list(MEASURES), 4)))


def _filters(asking: Asking, question: Question) -> Question:
    fields = {name: found.type for name, found in DIMENSIONS.items()}
    return replace(question, filters=Conditions(asking.moments, list(SEGMENTS)).tree(fields))


def _odd_filter(asking: Asking, question: Question) -> Question:
    dice = asking.dice
    name, op = dice.pick(list(DIMENSIONS)), dice.pick(["eq", "in", "gt", "contains", "isNull", "notIn"])
    return replace(question, filters={name: {op: dice.pick(ODD_VALUES)}})


def _odd_having(asking: Asking, question: Question) -> Question:
    dice = asking.dice
    told = {dice.pick(list(MEASURES)): {dice.pick(["eq", "in", "lte"]): dice.pick(ODD_VALUES)}}
    return replace(question, having=told)


def _range(asking: Asking, question: Question) -> Question:
    return replace(question, date_range=asking.dice.pick(RANGES))


def _compare(asking: Asking, question: Question) -> Question:
    told: Sequence[Any] = (
        {"to": "PREVIOUS_YEAR"},
        {},
        {"to": "PREVIOUS_PERIOD", "dateRange": {"current": "DAY"}},
    )
    ranges = [{"dateRange": each} for each in RANGES]
    return replace(question, compare=asking.dice.pick([*told, *ranges]))


def _page(asking: Asking, question: Question) -> Question:
    numbers = (-1, 0, 1, 10_001, 2**31 - 1, 2**40)
    return replace(question, limit=asking.dice.pick(numbers), offset=asking.dice.pick(numbers))


def _top(asking: Asking, question: Question) -> Question:
    dice = asking.dice
    of = dice.pick([*question.dimensions, "category"])
    within = tuple(dice.some([*question.dimensions, "tag"], 2))
    top = Top(dice.pick([-1, 0, 1, 10_000]), dice.pick(list(MEASURES)), of, dice.evenly(), within)
    return replace(question, top=top)


def _windows(asking: Asking, question: Question) -> Question:
    dice = asking.dice
    metric = dice.pick(list(MEASURES))
    odd = (
        Window(metric),
        Window(metric, rolling=1),
        Window(metric, rolling=-2),
        Window(metric, rolling=100_000),
        Window(metric, running=True, rolling=3),
        Window(metric, to_date="HOUR"),
        Window(metric, to_date="YEAR"),
        Window(metric, running=True, mean=True),
    )
    return replace(question, windows=(dice.pick(odd),))


def _fill(asking: Asking, question: Question) -> Question:
    return replace(question, fill=True, date_range=asking.dice.pick([question.date_range, *RANGES]))


def _shares(asking: Asking, question: Question) -> Question:
    share = Share(asking.dice.pick(list(MEASURES)), tuple(asking.dice.some([*question.dimensions, "tag"], 3)))
    return replace(question, shares=(share, share))


def _subtotals(asking: Asking, question: Question) -> Question:
    names = [*question.dimensions, "acct"]
    return replace(question, subtotals=(tuple(asking.dice.some(names, 3)), question.dimensions))


def _order(asking: Asking, question: Question) -> Question:
    names = [*DIMENSIONS, *MEASURES, *(f"{name}__share" for name in MEASURES), "revenue__change", "nothing"]
    return replace(question, order_by=((asking.dice.pick(names), "ASC"),))


def _zone(asking: Asking, question: Question) -> Question:
    return replace(question, timezone=asking.dice.pick(ZONES))


def _search(asking: Asking, question: Question) -> Question:
    return replace(question, search=asking.dice.pick(["", "a", "\0", "%" * 5000]))


def _fanout(_: Asking, question: Question) -> Question:
    return replace(question, fanout="DEDUPLICATE")


def _unnamed(dice: Dice) -> str:
    return dice.pick(["revenu", "time__decade", "__typename", "x" * 300])


def _unknown(asking: Asking, question: Question) -> Question:
    if asking.dice.evenly():
        return replace(question, metrics=(_unnamed(asking.dice),))
    return replace(question, dimensions=(_unnamed(asking.dice),))


CHANGES: Sequence[Change] = (
    _dimensions,
    _metrics,
    _filters,
    _odd_filter,
    _odd_having,
    _range,
    _compare,
    _page,
    _top,
    _windows,
    _fill,
    _shares,
    _subtotals,
    _order,
    _zone,
    _search,
    _fanout,
    _unknown,
)
