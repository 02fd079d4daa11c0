"""Order and pages in SQL: nulls last both ways."""

from sqlglot import exp

from model.query import Direction
from plan.statement import Mark


def ordered(by: exp.Expr, direction: Direction) -> exp.Expr:
    return exp.Ordered(this=by, desc=direction is Direction.DESC, nulls_first=False)


def page(found: exp.Select, limit: Mark | None, offset: Mark | None) -> exp.Select:
    """Nothing is left out without a mark."""
    found = found.limit(limit.written(), copy=False) if limit else found
    return found.offset(offset.written(), copy=False) if offset else found
