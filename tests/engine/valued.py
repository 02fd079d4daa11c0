"""Random questions for values that go together, without any metric."""

from dataclasses import replace

from tests.engine.asking import ZONES, Asking
from tests.engine.dimensions import DIMENSIONS, home_of
from tests.engine.filters import Conditions
from tests.engine.names import dimensions_over, fields_over, segments_over, steps_over
from tests.engine.question import Question


def valued(asking: Asking) -> Question:
    """Values of a table and of what it looks up."""
    dice = asking.dice
    first = dice.pick(list(DIMENSIONS))
    tables = frozenset({home_of(first)})
    steps = [each for each in steps_over(tables) if not each.startswith("time__")]
    more = dice.some([*dimensions_over(tables), *steps], 2)
    question = Question(dimensions=tuple(dict.fromkeys([first, *more])), timezone=dice.pick(ZONES))
    if dice.evenly():
        conditions = Conditions(asking.moments, segments_over(tables))
        question = replace(question, filters=conditions.tree(fields_over(tables)))
    orders = tuple((name, dice.pick(["ASC", "DESC"])) for name in dice.some(question.dimensions, 2))
    question = replace(question, search=asking.search(question), order_by=orders)
    return asking.paged(replace(question, group_count=dice.rarely()))
