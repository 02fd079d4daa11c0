"""The metrics of another range beside those of the question's own."""

from typing import Any

from tests.engine.aggregates import difference, quotient
from tests.engine.grouping import Groups, of_nothing
from tests.engine.having import KINDS
from tests.engine.question import Question


def add_changes(groups: Groups, before: Groups, question: Question) -> None:
    """Adds what each metric was and by how much it changed, where a range is compared with."""
    if not question.compare:
        return
    nothing = of_nothing(question.needed)
    for key, values in groups.items():
        previous = before.get(key, nothing)
        for metric in question.metrics:
            values.update(_changes(metric, values[metric], previous[metric]))


def _changes(metric: str, now: Any, before: Any) -> dict[str, Any]:
    """Times and texts were something else, but changed by nothing that can be told."""
    change = None if metric in KINDS else difference(now, before)
    return {
        f"{metric}__previous": before,
        f"{metric}__change": change,
        f"{metric}__change_ratio": None if metric in KINDS else quotient(change, before),
    }
