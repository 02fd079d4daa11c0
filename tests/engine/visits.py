"""A visit to the shop: a data set, an instant, and random questions of one kind."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

from tests.engine.asking import Asking
from tests.engine.data import QUARTER, TURNS, Moments, shop_of
from tests.engine.dice import Dice
from tests.engine.question import Question
from tests.engine.shop import Shop

Kind = Callable[[Asking], Question]

QUESTIONS = 4
SCALE = int(os.environ.get("ENGINE_SCALE", "1"))
"""How many times the usual number of visits; above 1 they differ from run to run."""


@dataclass(frozen=True, slots=True)
class Visit:
    """`week_start` is the first day of the week, 1 for Monday."""

    now: datetime
    week_start: int
    shop: Shop
    questions: tuple[Question, ...]


@st.composite
def visits(draw: st.DrawFn, kind: Kind, count: int = QUESTIONS) -> Visit:
    dice = Dice(draw)
    moments = Moments(dice, dice.pick(TURNS))
    asking = Asking(moments, dice.pick([1, 6, 7]))
    questions = tuple(kind(asking) for _ in range(dice.number(1, count)))
    now = moments.turn + dice.number(-100, 300) * QUARTER
    return Visit(now, asking.week_start, shop_of(moments), questions)


def some(count: int) -> settings:
    """The same examples in every run, so that a change that breaks nothing fails nowhere."""
    return settings(
        max_examples=count * SCALE,
        derandomize=SCALE == 1,
        database=None,
        deadline=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
        print_blob=SCALE > 1,
    )
