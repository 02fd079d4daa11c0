"""Filters in SQL, so that a filter and its complement always make up the whole."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlglot import exp

from model.descents import Descent
from model.dimension import Dimension
from model.filters import And, Condition, Filter, Not, Op, Or
from model.value import Value, ValueType
from plan.parts import Below
from plan.statement import Parameters
from plan.time import COMPARISONS, compare_instant, instant
from plan.values import LARGEST_INTEGER

Column = Callable[[Dimension], exp.Expr]
"""A dimension's expression, over the alias under which its table was joined."""

PATTERNS = {Op.CONTAINS: "%{}%", Op.STARTS_WITH: "{}%", Op.ENDS_WITH: "%{}"}


def nothing_below(_dimension: Dimension) -> Below | None:
    """For filters over groups: a group has nothing further down."""
    return None


def no_semi_join(below: Below, _tree: Filter) -> exp.Expr:
    raise LookupError(f"nothing lies below, and yet {below.descent.child} was asked for")


@dataclass(frozen=True, slots=True)
class FilterWriter:
    """Writes filter trees over the dimensions that `lookup` finds by name.

    A dimension that `below` finds lies further down, where a row may meet many: `semi_join` asks there for
    some row that passes. Conditions that must hold together are asked of the same row.
    """

    lookup: Callable[[str], Dimension]
    column: Column
    parameters: Parameters
    below: Callable[[Dimension], Below | None] = nothing_below
    semi_join: Callable[[Below, Filter], exp.Expr] = no_semi_join

    def write(self, tree: Filter) -> exp.Expr:
        """True exactly where the filter holds; elsewhere false or null, which WHERE treats alike."""
        match tree:
            case Condition():
                return self._here_or_below(tree)
            case And(parts):
                return _joined(exp.and_, self._all_of(parts), empty=True)
            case Or(parts):
                return _joined(exp.or_, [self.write(part) for part in parts], empty=False)
            case Not(part):
                return is_not_true(self.write(part))

    def _all_of(self, parts: tuple[Filter, ...]) -> list[exp.Expr]:
        here: list[exp.Expr] = []
        together: dict[Descent, tuple[Below, list[Filter]]] = {}
        for part in parts:
            below = self.below(self.lookup(part.name)) if isinstance(part, Condition) else None
            if below is None or (isinstance(part, Condition) and (_opposite(part) or None in part.values)):
                here.append(self.write(part))
            else:
                together.setdefault(below.descent, (below, []))[1].append(part)
        return [*here, *(self.semi_join(below, And(tuple(found))) for below, found in together.values())]

    def _here_or_below(self, condition: Condition) -> exp.Expr:
        below = self.below(self.lookup(condition.name))
        if below is None:
            return self._condition(condition)
        if None in condition.values:
            return self.write(_with_null_apart(condition))
        opposite = _opposite(condition)
        if opposite:
            return is_not_true(self.semi_join(below, opposite))
        return self.semi_join(below, condition)

    def _condition(self, condition: Condition) -> exp.Expr:
        dimension = self.lookup(condition.name)
        column = self.column(dimension)
        match condition.op:
            case Op.IS_NULL:
                null = exp.Is(this=column, expression=exp.null())
                return null if condition.values[0] else exp.Not(this=null)
            case Op.NE:
                return self._not_equal(column, dimension, condition.values[0])
            case Op.IN:
                return self._any_of(column, dimension, condition.values)
            case Op.NOT_IN:
                return is_not_true(self._any_of(column, dimension, condition.values))
            case Op.CONTAINS | Op.STARTS_WITH | Op.ENDS_WITH:
                pattern = PATTERNS[condition.op].format(_escaped(str(condition.values[0])))
                return exp.Like(this=column, expression=self.parameters.bind(pattern, "text"))
            case _:
                return self._comparison(column, dimension, condition.op, condition.values[0])

    def _not_equal(self, column: exp.Expr, dimension: Dimension, value: Value | None) -> exp.Expr:
        """The exact complement of eq, so it keeps null."""
        if dimension.type is ValueType.TIMESTAMP:
            return is_not_true(self._comparison(column, dimension, Op.EQ, value))
        return exp.NullSafeNEQ(this=column, expression=self._bound(value, dimension))

    def _comparison(
        self,
        column: exp.Expr,
        dimension: Dimension,
        op: Op,
        value: Value | None,
    ) -> exp.Expr:
        if isinstance(value, datetime):
            return compare_instant(column, dimension, op, value, self.parameters)
        return COMPARISONS[op](this=column, expression=self._bound(value, dimension))

    def _any_of(
        self,
        column: exp.Expr,
        dimension: Dimension,
        values: Sequence[Value | None],
    ) -> exp.Expr:
        """Null in the list means null rows too; an empty list matches nothing."""
        present = [value for value in values if value is not None]
        found: list[exp.Expr] = []
        if present:
            column_read = instant(column.copy(), dimension)
            bound = self.parameters.bind_list(present, array_type(dimension.type, present))
            found.append(exp.EQ(this=column_read, expression=exp.Any(this=exp.paren(bound, copy=False))))
        if len(present) < len(values):
            found.append(exp.Is(this=column, expression=exp.null()))
        return _joined(exp.or_, found, empty=False)

    def _bound(self, value: Value | None, dimension: Dimension) -> exp.Expr:
        return self.parameters.bind(value, array_type(dimension.type, [value]))


def _opposite(condition: Condition) -> Condition | None:
    """What a complement is the complement of: `ne` of a row's many is "none is equal"."""
    match condition.op:
        case Op.NE:
            return replace(condition, op=Op.EQ)
        case Op.NOT_IN:
            return replace(condition, op=Op.IN)
        case Op.IS_NULL if condition.values[0]:
            return replace(condition, values=(False,))
        case _:
            return None


def _with_null_apart(condition: Condition) -> Filter:
    """Of rows below, null in a list means that none has a value: a longer list matches more, not less."""
    rest = tuple(value for value in condition.values if value is not None)
    nothing = replace(condition, op=Op.IS_NULL, values=(True,))
    either = Or((nothing, replace(condition, op=Op.IN, values=rest))) if rest else nothing
    return Not(either) if condition.op in {Op.NE, Op.NOT_IN} else either


def array_type(kind: ValueType, values: Sequence[Value | None]) -> str | None:
    """The SQL type that values of a dimension are bound as; none where the column's own type is to decide.

    Whole numbers are compared as bigint, which an index on any integer column serves.
    """
    match kind:
        case ValueType.INTEGER if all(isinstance(v, int) and abs(v) <= LARGEST_INTEGER for v in values):
            return "bigint"
        case ValueType.INTEGER | ValueType.DECIMAL:
            return "numeric"
        case ValueType.FLOAT:
            return "double precision"
        case ValueType.DATE:
            return "date"
        case ValueType.TIMESTAMP | ValueType.TIMESTAMPTZ:
            return "timestamptz"
        case ValueType.STRING | ValueType.BOOLEAN | ValueType.UUID:
            return None


def is_not_true(condition: exp.Expr) -> exp.Expr:
    """What does not hold, null included."""
    return exp.Not(this=exp.Is(this=exp.paren(condition, copy=False), expression=exp.true()))


def _joined(
    join: Callable[..., exp.Expr],
    parts: list[exp.Expr],
    *,
    empty: bool,
) -> exp.Expr:
    if not parts:
        return exp.true() if empty else exp.false()
    return join(*parts, copy=False)


def _escaped(text: str) -> str:
    """Percent, underscore and the backslash itself are letters here."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
