"""Random questions by dimensions of which one row has several."""

from dataclasses import replace

from tests.engine.asking import Asking
from tests.engine.dimensions import DIMENSIONS, steps_of
from tests.engine.names import reached
from tests.engine.question import Question

ABOVE = ({"orders"}, {"customers"}, {"countries"}, {"tags"}, {"orders", "customers"})


def fanned(asking: Asking) -> Question:
    """Each row counts once for each of its groups."""
    dice = asking.dice
    question = asking.metrics_of(ABOVE)
    tables = reached(question.tables)
    names = [name for name, found in DIMENSIONS.items() if found.table in tables]
    steps = [f"{name}__{step}" for name in names for step in steps_of(name)]
    chosen = [*dice.some(names, 2, 1), *(dice.some(steps, 1) if dice.rarely() else [])]
    question = replace(question, dimensions=tuple(chosen), fanout="DEDUPLICATE")
    return asking.finished(replace(question, date_range=asking.range(question)))
