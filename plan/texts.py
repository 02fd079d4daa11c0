"""The texts of statements, remembered: questions that differ in their values alone are one text.

What depends on values is written for each question; that gives its arguments, and is one part of what a text
is known by. The other part is all else that a statement is made of. So a text that is found is the one that
would be written; and most of the work of writing is not done.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from cachetools import LRUCache
from sqlglot import exp

from model.filters import EVERYTHING
from model.model import Model
from model.query import Query
from plan.parts import Leaf, Plan
from plan.sql import POSTGRES, render
from plan.statement import Parameters, Statement
from plan.steps import bound_in_steps

MOST = 200
"""As many as two connections keep prepared; a text is a few kilobytes."""

Write = Callable[[Model, Plan], Statement]


@dataclass(frozen=True, slots=True)
class _Known:
    """A text, and the shape of the plan that it was written of."""

    text: str
    shape: object


class Texts:
    """Of one model. Gives what `render` gives."""

    def __init__(self, model: Model, most: int = MOST, write: Write = render) -> None:
        self._model = model
        self._write = write
        self._known: LRUCache[tuple[Query, str], _Known] = LRUCache(most)

    def statement(self, plan: Plan) -> Statement:
        parameters = Parameters()
        bound = exp.Tuple(expressions=list(bound_in_steps(self._model, plan, parameters)))
        ident = _without_values(plan.query), POSTGRES.generate(bound, copy=False)
        shape = _shape(plan)
        known = self._known.get(ident)
        if known is not None and known.shape == shape:
            return Statement(known.text, tuple(parameters.values))
        written = self._write(self._model, plan)
        self._known[ident] = _Known(written.text, shape)
        return written


def _without_values(query: Query) -> Query:
    """That there are conditions is seen in what is bound, and that there is another range in the leaves."""
    return replace(
        query, filters=EVERYTHING, having=EVERYTHING, interval=None, compared_with=None, limit=0, offset=0
    )


def _shape(plan: Plan) -> object:
    """The leaves without their days, the order of their joins, and metrics that are needed and not shown.

    A condition over an empty list writes no name, so what it joined or needed is not seen in what is bound.
    """
    leaves = tuple(_without_days(plan))
    return leaves, [tuple(leaf.routes) for leaf in leaves], plan.behind


def _without_days(plan: Plan) -> Iterator[Leaf]:
    for leaf in plan.leaves:
        yield replace(leaf, period=replace(leaf.period, interval=None))
    if plan.ranking and plan.ranking.plan:
        yield from _without_days(plan.ranking.plan)
