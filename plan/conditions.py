"""Filters in SQL, so that a filter and its complement always make up the whole."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlglot import exp

from model.dimension import Dimension
from model.filters import And, Condition, Filter, Not, Op, Or
from model.grain import Grain
from model.table import Join
from model.value import Value, ValueType
from plan.bucket_range import bucket_range
from plan.nodes import cast
from plan.parts import Below
from plan.statement import Parameters
from plan.time import COMPARISONS, compare_instant, instant, within
from plan.values import LARGEST_INTEGER


@dataclass(frozen=True, slots=True)
class Operand:
    """What a condition compares: an expression, and a dimension of the type that its values have.

    `raw` is the time column behind a bucket of it, with the bucket's grain: a range of buckets is one of it.
    """

    column: exp.Expr
    typed: Dimension
    raw: "RawTime | None" = None


@dataclass(frozen=True, slots=True)
class RawTime:
    """A time column, and how coarse its buckets are."""

    column: exp.Expr
    dimension: Dimension
    grain: Grain
    zone: ZoneInfo
    week_start: int


MOST_RANGES = 50
"""So many buckets in a list are as many ranges of the column; more are looked up in the list."""

PATTERNS = {
    Op.CONTAINS: "%{}%",
    Op.STARTS_WITH: "{}%",
    Op.ENDS_WITH: "%{}",
    Op.SEARCH: "%{}%",
}


def nothing_below(_name: str) -> Below | None:
    """For filters over groups: a group has nothing further down."""
    return None


def no_semi_join(below: Below, _tree: Filter) -> exp.Expr:
    raise LookupError(f"nothing lies below, and yet {below.step.target} was asked for")


@dataclass(frozen=True, slots=True)
class FilterWriter:
    """Writes filter trees over the operands that are found by name.

    A name that `below` finds lies further down, where a row may meet many: `semi_join` asks there for
    some row that passes. Conditions that must hold together are asked of the same row.
    """

    operand: Callable[[str], Operand]
    parameters: Parameters
    below: Callable[[str], Below | None] = nothing_below
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
        together: dict[Join, tuple[Below, list[Filter]]] = {}
        for part in parts:
            below = self.below(part.name) if isinstance(part, Condition) else None
            if below is None or (isinstance(part, Condition) and (_opposite(part) or None in part.values)):
                here.append(self.write(part))
            else:
                together.setdefault(below.step, (below, []))[1].append(part)
        return [*here, *(self.semi_join(below, And(tuple(found))) for below, found in together.values())]

    def _here_or_below(self, condition: Condition) -> exp.Expr:
        below = self.below(condition.name)
        if below is None:
            return self._condition(condition)
        if None in condition.values:
            return self.write(_with_null_apart(condition))
        opposite = _opposite(condition)
        if opposite:
            return is_not_true(self.semi_join(below, opposite))
        return self.semi_join(below, condition)

    def _condition(self, condition: Condition) -> exp.Expr:
        operand = self.operand(condition.name)
        value = condition.values[0] if condition.values else None
        match condition.op:
            case Op.IS_NULL:
                null = exp.Is(this=operand.column, expression=exp.null())
                return null if value else exp.Not(this=null)
            case Op.NE:
                return self._not_equal(operand, value)
            case Op.IN:
                return self._any_of(operand, condition.values)
            case Op.NOT_IN:
                return is_not_true(self._any_of(operand, condition.values))
            case Op.CONTAINS | Op.STARTS_WITH | Op.ENDS_WITH | Op.SEARCH:
                return self._like(operand, condition.op, str(value))
            case _:
                return self._comparison(operand, condition.op, value)

    def _like(self, operand: Operand, op: Op, part: str) -> exp.Expr:
        pattern = self.parameters.bind(PATTERNS[op].format(_escaped(part)), "text")
        # The cast is nothing for a text, and lets an enumerated type be searched.
        text = cast(operand.column, "text")
        return (exp.ILike if op is Op.SEARCH else exp.Like)(this=text, expression=pattern)

    def _not_equal(self, operand: Operand, value: Value | None) -> exp.Expr:
        """The exact complement of eq, so it keeps null."""
        if operand.raw or operand.typed.type is ValueType.TIMESTAMP:
            return is_not_true(self._comparison(operand, Op.EQ, value))
        return exp.NullSafeNEQ(this=operand.column, expression=self._bound(value, operand.typed))

    def _comparison(self, operand: Operand, op: Op, value: Value | None) -> exp.Expr:
        if isinstance(value, datetime):
            return compare_instant(operand.column, operand.typed, op, value, self.parameters)
        if operand.raw and isinstance(value, date):
            with suppress(
                OverflowError, ValueError
            ):  # at the end of the calendar the bucket itself is compared
                return self._within_buckets(operand.raw, op, value)
        if isinstance(value, bool) and op is Op.EQ:
            return operand.column if value else exp.Not(this=operand.column)
        return COMPARISONS[op](this=operand.column, expression=self._bound(value, operand.typed))

    def _within_buckets(self, raw: RawTime, op: Op, value: date) -> exp.Expr:
        """On the raw column, which an index may serve: buckets are ranges of it."""
        interval = bucket_range(op, value, raw.grain, raw.zone, raw.week_start)
        if interval is None:
            return exp.false()
        parts = within(raw.column, raw.dimension, interval, raw.zone, self.parameters)
        return exp.and_(*parts, copy=False)

    def _any_of(self, operand: Operand, values: Sequence[Value | None]) -> exp.Expr:
        """Null in the list means null rows too; an empty list matches nothing."""
        present = [value for value in values if value is not None]
        found: list[exp.Expr] = []
        if operand.raw and len(present) <= MOST_RANGES:
            found += [self._comparison(operand, Op.EQ, value) for value in present]
        elif present:
            column_read = instant(operand.column.copy(), operand.typed)
            bound = self.parameters.bind_list(present, array_type(operand.typed.type, present))
            found.append(exp.EQ(this=column_read, expression=exp.Any(this=exp.paren(bound, copy=False))))
        if len(present) < len(values):
            found.append(exp.Is(this=operand.column, expression=exp.null()))
        return _joined(exp.or_, found, empty=False)

    def _bound(self, value: Value | None, typed: Dimension) -> exp.Expr:
        return self.parameters.bind(value, array_type(typed.type, [value]))


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
