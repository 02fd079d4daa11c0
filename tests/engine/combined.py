"""Random questions in which several of the features meet."""

from dataclasses import replace

from tests.engine.asking import Asking
from tests.engine.dimensions import is_time
from tests.engine.question import Question
from tests.engine.ranked import top_of
from tests.engine.timely import compared, filled, windowed


def combined(asking: Asking) -> Question:
    """The best of a thing, or a thing of which a row has several, along an axis of time."""
    question = asking.dice.pick([filled, windowed, compared])(asking)
    if question.tables == {"orders"} and asking.dice.evenly():
        question = _fanned(asking, question)
    things = [each for each in question.dimensions if not is_time(each)]
    if not things or asking.dice.rarely():
        return question
    of = asking.dice.pick(things)
    top = top_of(asking, question, of, [each for each in things if each != of])
    if any(of in share.within for share in question.shares):
        question = replace(question, shares=(), order_by=())
    return replace(question, top=top)


def _fanned(asking: Asking, question: Question) -> Question:
    plain = replace(question, search=None, shares=(), subtotals=(), order_by=())
    below = asking.dice.pick(["tag", "category", "quantity"])
    return replace(plain, dimensions=(below, *question.dimensions[-1:]), fanout="DEDUPLICATE")
