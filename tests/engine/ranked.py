"""Random questions for the best values of a dimension, alone or with the others gathered."""

from collections.abc import Sequence
from dataclasses import replace

from tests.engine.asking import Asking
from tests.engine.dimensions import is_grain, is_time
from tests.engine.measures import MEASURES
from tests.engine.names import TOGETHER, numbers_over
from tests.engine.question import Question, Top


def ranked(asking: Asking) -> Question:
    """The best of a dimension, perhaps within others."""
    question = asking.by_dimensions(asking.metrics_of(TOGETHER))
    are_moments = question.tables & {"balances"}
    things = [
        each for each in question.dimensions if not is_grain(each) and not (are_moments and is_time(each))
    ]
    if not things:
        return asking.finished(question)
    of = asking.dice.pick(things)
    others = [each for each in question.dimensions if each != of]
    question = replace(question, top=top_of(asking, question, of, others))
    return asking.finished(replace(question, date_range=asking.range(question)))


def top_of(asking: Asking, question: Question, of: str, others: Sequence[str]) -> Top:
    """The best values of a dimension, perhaps within some of the others."""
    dice = asking.dice
    by = dice.pick([name for name in numbers_over(question.tables) if MEASURES[name].exact])
    direction = "ASC" if dice.rarely() else "DESC"
    return Top(dice.number(1, 3), by, of, dice.evenly(), tuple(dice.some(others, 2)), direction)
