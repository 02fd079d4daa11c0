"""Order and pages in SQL: nulls last both ways."""

from sqlglot import exp

from model.query import Direction, Query
from plan.statement import Parameters


def ordered(by: exp.Expr, direction: Direction) -> exp.Expr:
    return exp.Ordered(this=by, desc=direction is Direction.DESC, nulls_first=False)


def page(found: exp.Select, query: Query, parameters: Parameters) -> exp.Select:
    """One row beyond the limit tells that there are more."""
    found = found.limit(parameters.bind(query.limit + 1, "bigint"), copy=False)
    return found.offset(parameters.bind(query.offset, "bigint"), copy=False) if query.offset else found
