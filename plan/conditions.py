"""Values of filters, bound, so that a filter and its complement always make up the whole."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from model.filters import And, Condition, Filter, Not, Op, Or
from model.grain import Grain
from model.value import Value, ValueType
from plan.bound import Bound, Kind
from plan.bucket_range import bucket_range
from plan.instants import KINDS, Timed, compare_instant, within
from plan.statement import Mark, Parameters
from plan.values import LARGEST_INTEGER


@dataclass(frozen=True, slots=True)
class RawTime:
    """A time column, and how coarse its buckets are."""

    timed: Timed
    grain: Grain
    zone: ZoneInfo
    week_start: int


@dataclass(frozen=True, slots=True)
class Operand:
    """What a condition compares: the type that its values have.

    `raw` is the time column behind a bucket of it, with the bucket's grain: a range of buckets is one of it.
    """

    name: str
    type: ValueType
    zone: str | None = None
    raw: RawTime | None = None


MOST_RANGES = 50
"""So many buckets in a list are as many ranges of the column; more are looked up in the list."""

PATTERNS = {
    Op.CONTAINS: "%{}%",
    Op.STARTS_WITH: "{}%",
    Op.ENDS_WITH: "%{}",
    Op.SEARCH: "%{}%",
}


FALSE = Bound(Kind.OR)


def nothing_below(_name: str) -> int | None:
    """For filters over groups: a group has nothing further down."""
    return None


def no_semi_join(below: int, _tree: Filter) -> Bound:
    raise LookupError(f"nothing lies below, and yet the step {below} down was asked for")


@dataclass(frozen=True, slots=True)
class FilterBinder:
    """Binds the values of filter trees over the operands that are found by name.

    A name that `below` finds lies further down, where a row may meet many: `semi_join` asks there for
    some row that passes. Conditions that must hold together are asked of the same row.
    """

    operand: Callable[[str], Operand]
    parameters: Parameters
    below: Callable[[str], int | None] = nothing_below
    semi_join: Callable[[int, Filter], Bound] = no_semi_join

    def bound(self, tree: Filter) -> Bound:
        """True exactly where the filter holds; elsewhere false or null, which WHERE treats alike."""
        match tree:
            case Condition():
                return self._here_or_below(tree)
            case And(parts):
                return Bound(Kind.AND, parts=tuple(self._all_of(parts)))
            case Or(parts):
                return Bound(Kind.OR, parts=tuple(self.bound(part) for part in parts))
            case Not(part):
                return _is_not_true(self.bound(part))

    def _all_of(self, parts: tuple[Filter, ...]) -> list[Bound]:
        here: list[Bound] = []
        together: dict[int, list[Filter]] = {}
        for part in parts:
            below = self.below(part.name) if isinstance(part, Condition) else None
            if below is None or (isinstance(part, Condition) and (_opposite(part) or None in part.values)):
                here.append(self.bound(part))
            else:
                together.setdefault(below, []).append(part)
        return [*here, *(self.semi_join(below, And(tuple(found))) for below, found in together.items())]

    def _here_or_below(self, condition: Condition) -> Bound:
        below = self.below(condition.name)
        if below is None:
            return self._condition(condition)
        if None in condition.values:
            return self.bound(_with_null_apart(condition))
        opposite = _opposite(condition)
        if opposite:
            return _is_not_true(self.semi_join(below, opposite))
        return self.semi_join(below, condition)

    def _condition(self, condition: Condition) -> Bound:
        operand = self.operand(condition.name)
        value = condition.values[0] if condition.values else None
        match condition.op:
            case Op.IS_NULL:
                return _is_null(operand) if value else _not(_is_null(operand))
            case Op.NE:
                return self._not_equal(operand, value)
            case Op.IN:
                return self._any_of(operand, condition.values)
            case Op.NOT_IN:
                return _is_not_true(self._any_of(operand, condition.values))
            case Op.CONTAINS | Op.STARTS_WITH | Op.ENDS_WITH | Op.SEARCH:
                return self._like(operand, condition.op, str(value))
            case _:
                return self._comparison(operand, condition.op, value)

    def _like(self, operand: Operand, op: Op, part: str) -> Bound:
        pattern = self.parameters.bind(PATTERNS[op].format(_escaped(part)), "text")
        return Bound(Kind.ILIKE if op is Op.SEARCH else Kind.LIKE, operand.name, pattern)

    def _not_equal(self, operand: Operand, value: Value | None) -> Bound:
        """The exact complement of eq, so it keeps null."""
        if operand.raw or operand.type is ValueType.TIMESTAMP:
            return _is_not_true(self._comparison(operand, Op.EQ, value))
        return Bound(Kind.DIFFERS, operand.name, self._mark(value, operand))

    def _comparison(self, operand: Operand, op: Op, value: Value | None) -> Bound:
        if isinstance(value, datetime):
            timed = Timed(operand.name, operand.type, operand.zone)
            return compare_instant(timed, op, value, self.parameters)
        if operand.raw and isinstance(value, date):
            with suppress(
                OverflowError, ValueError
            ):  # at the end of the calendar the bucket itself is compared
                return self._within_buckets(operand.raw, op, value)
        if isinstance(value, bool) and op is Op.EQ:
            holds = Bound(Kind.HOLDS, operand.name)
            return holds if value else _not(holds)
        return Bound(KINDS[op], operand.name, self._mark(value, operand))

    def _within_buckets(self, raw: RawTime, op: Op, value: date) -> Bound:
        """On the raw column, which an index may serve: buckets are ranges of it."""
        interval = bucket_range(op, value, raw.grain, raw.zone, raw.week_start)
        if interval is None:
            return FALSE
        return Bound(Kind.AND, parts=tuple(within(raw.timed, interval, raw.zone, self.parameters)))

    def _any_of(self, operand: Operand, values: Sequence[Value | None]) -> Bound:
        """Null in the list means null rows too; an empty list matches nothing."""
        present = [value for value in values if value is not None]
        found: list[Bound] = []
        if operand.raw and len(present) <= MOST_RANGES:
            found += [self._comparison(operand, Op.EQ, value) for value in present]
        elif present:
            mark = self.parameters.bind_list(present, array_type(operand.type, present))
            found.append(Bound(Kind.ANY, operand.name, mark, as_instant=True))
        if len(present) < len(values):
            found.append(_is_null(operand))
        return Bound(Kind.OR, parts=tuple(found))

    def _mark(self, value: Value | None, operand: Operand) -> Mark:
        return self.parameters.bind(value, array_type(operand.type, [value]))


def _is_null(operand: Operand) -> Bound:
    return Bound(Kind.IS_NULL, operand.name)


def _not(part: Bound) -> Bound:
    return Bound(Kind.NOT, parts=(part,))


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


def _is_not_true(condition: Bound) -> Bound:
    """What does not hold, null included."""
    return Bound(Kind.NOT_TRUE, parts=(condition,))


def _escaped(text: str) -> str:
    """Percent, underscore and the backslash itself are letters here."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
