"""Filters in SQL, so that a filter and its complement always make up the whole."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlglot import exp

from model.dimension import Dimension
from model.filters import And, Condition, Filter, Not, Op, Or
from model.value import Value, ValueType
from plan.statement import Parameters
from plan.time import COMPARISONS, compare_instant, instant
from plan.values import LARGEST_INTEGER

Column = Callable[[Dimension], exp.Expr]
"""A dimension's expression, over the alias under which its table was joined."""

PATTERNS = {Op.CONTAINS: "%{}%", Op.STARTS_WITH: "{}%", Op.ENDS_WITH: "%{}"}


@dataclass(frozen=True, slots=True)
class FilterWriter:
    """Writes filter trees over the dimensions that `lookup` finds by name."""

    lookup: Callable[[str], Dimension]
    column: Column
    parameters: Parameters

    def write(self, tree: Filter) -> exp.Expr:
        """True exactly where the filter holds; elsewhere false or null, which WHERE treats alike."""
        match tree:
            case Condition():
                return self._condition(tree)
            case And(parts):
                return _joined(exp.and_, [self.write(part) for part in parts], empty=True)
            case Or(parts):
                return _joined(exp.or_, [self.write(part) for part in parts], empty=False)
            case Not(part):
                return is_not_true(self.write(part))

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
