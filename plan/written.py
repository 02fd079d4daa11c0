"""Conditions in SQL, whose values are bound."""

from collections.abc import Callable

from sqlglot import exp

from plan.bound import Bound, Kind
from plan.nodes import cast

Read = Callable[[Bound], exp.Expr]
"""The expression that a condition speaks of, made anew each time."""

SemiJoin = Callable[[int, Bound], exp.Expr]

COMPARISONS: dict[Kind, Callable[..., exp.Expr]] = {
    Kind.EQ: exp.EQ,
    Kind.GT: exp.GT,
    Kind.GTE: exp.GTE,
    Kind.LT: exp.LT,
    Kind.LTE: exp.LTE,
    Kind.DIFFERS: exp.NullSafeNEQ,
}


def written(bound: Bound, read: Read, semi_join: SemiJoin) -> exp.Expr:
    """The condition, over what `read` and `semi_join` write."""
    match bound.kind:
        case Kind.AND | Kind.OR | Kind.NOT | Kind.NOT_TRUE:
            return _joined(bound.kind, [written(part, read, semi_join) for part in bound.parts])
        case Kind.SEMI_JOIN:
            return semi_join(bound.below, *bound.parts)
        case Kind.IS_NULL:
            return exp.Is(this=read(bound), expression=exp.null())
        case Kind.HOLDS:
            return read(bound)
        case _:
            return _compared(bound, read(bound))


def _joined(kind: Kind, parts: list[exp.Expr]) -> exp.Expr:
    match kind:
        case Kind.NOT:
            return exp.Not(this=parts[0])
        case Kind.NOT_TRUE:
            return is_not_true(parts[0])
        case Kind.AND:
            return exp.and_(*parts, copy=False) if parts else exp.true()
        case _:
            return exp.or_(*parts, copy=False) if parts else exp.false()


def is_not_true(condition: exp.Expr) -> exp.Expr:
    """What does not hold, null included."""
    return exp.Not(this=exp.Is(this=exp.paren(condition, copy=False), expression=exp.true()))


def _compared(bound: Bound, column: exp.Expr) -> exp.Expr:
    assert bound.mark is not None  # noqa: S101  whatever is compared has one
    mark = bound.mark.written()
    match bound.kind:
        case Kind.LIKE | Kind.ILIKE:
            # The cast is nothing for a text, and lets an enumerated type be searched.
            like = exp.ILike if bound.kind is Kind.ILIKE else exp.Like
            return like(this=cast(column, "text"), expression=mark)
        case Kind.ANY:
            return exp.EQ(this=column, expression=exp.Any(this=exp.paren(mark, copy=False)))
        case _:
            return COMPARISONS[bound.kind](this=column, expression=mark)
