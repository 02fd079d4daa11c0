"""The texts of statements, remembered: questions that differ in their values alone are one text.

The values of each question are bound; that gives its arguments, and all of them that a text knows. So a text
that is found for a shape is the one that would be written; and most of the work of writing is not done.
"""

from collections.abc import Callable

from cachetools import LRUCache

from model.model import Model
from plan.binding import bound_plan
from plan.bound import BoundPlan
from plan.parts import Plan, Shape
from plan.sql import text_of
from plan.statement import Statement

MOST = 200
"""As many as two connections keep prepared; a text is a few kilobytes."""

Write = Callable[[Model, Plan, BoundPlan], str]


class Texts:
    """Of one model. Gives what `render` gives."""

    def __init__(self, model: Model, most: int = MOST, write: Write = text_of) -> None:
        self._model = model
        self._write = write
        self._known: LRUCache[tuple[Shape, BoundPlan], str] = LRUCache(most)

    def statement(self, plan: Plan) -> Statement:
        bound, args = bound_plan(self._model, plan)
        ident = plan.shape, bound
        text = self._known.get(ident)
        if text is None:
            text = self._known[ident] = self._write(self._model, plan, bound)
        return Statement(text, args)
