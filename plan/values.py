"""Values of filters get the type of their dimension, or a fault that names the value."""

import math
import sys
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from uuid import UUID

from model.faults import Fault, shown
from model.filters import Condition, Op
from model.value import Value, ValueType

TEXT_OPS = {Op.CONTAINS, Op.STARTS_WITH, Op.ENDS_WITH, Op.SEARCH}
NULLABLE_OPS = {Op.EQ, Op.NE, Op.IN, Op.NOT_IN}
UNORDERED = {ValueType.BOOLEAN, ValueType.UUID}
ORDER_OPS = {Op.GT, Op.GTE, Op.LT, Op.LTE}
LARGEST_INTEGER = 2**63 - 1
MOST_DIGITS = 1000
"""PostgreSQL's numeric holds more, but nobody filters by it."""


def typed(condition: Condition, kind: ValueType) -> Condition:
    """The same condition with values of type `kind`. Raises INVALID_FILTER."""
    op, name = condition.op, condition.name
    if op is Op.IS_NULL:
        return condition
    if op in TEXT_OPS and kind is not ValueType.STRING:
        raise _fault(condition, f"'{op}' needs text, and '{name}' is {kind}")
    if op in ORDER_OPS and kind in UNORDERED:
        raise _fault(condition, f"'{op}' has no meaning for '{name}', which is {kind}")
    values = tuple(_typed_value(condition, value, kind) for value in condition.values)
    return Condition(name, op, values, condition.path)


def _typed_value(condition: Condition, value: Value | None, kind: ValueType) -> Value | None:
    if value is None:
        if condition.op in NULLABLE_OPS:
            return None
        raise _fault(condition, f"'{condition.op}' needs a value, not null; ask for null with isNull")
    found = _converted(value, kind)
    if found is None:
        raise _fault(condition, f"'{shown(value)}' is not a value of '{condition.name}', which is {kind}")
    return found


def _converted(value: Value, kind: ValueType) -> Value | None:
    match kind:
        case ValueType.STRING:
            return _text(value)
        case ValueType.INTEGER | ValueType.DECIMAL | ValueType.FLOAT:
            return _number(value, most=sys.float_info.max if kind is ValueType.FLOAT else None)
        case ValueType.BOOLEAN:
            return value if isinstance(value, bool) else None
        case ValueType.UUID:
            return _uuid(value)
        case ValueType.DATE:
            return value if isinstance(value, date) and not isinstance(value, datetime) else None
        case ValueType.TIMESTAMP | ValueType.TIMESTAMPTZ:
            return _instant(value)


def _text(value: Value) -> str | None:
    """As it is, composed letters too; but PostgreSQL's text holds no NUL and no half of a surrogate pair."""
    if not isinstance(value, str) or "\0" in value or any("\ud800" <= mark <= "\udfff" for mark in value):
        return None
    return value


def _number(value: Value, most: float | None = None) -> int | Decimal | None:
    """A whole number as int, so that 2 and 2.0 are one question; others exactly as written."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal | str):
        return None
    if isinstance(value, float) and not math.isfinite(value):
        return None
    try:
        exact = Decimal(repr(value) if isinstance(value, float) else value)
    except InvalidOperation:
        return None
    if not exact.is_finite() or abs(exact.adjusted()) > MOST_DIGITS or (most and abs(exact) > most):
        return None
    return int(exact) if exact == exact.to_integral_value() else exact


def _uuid(value: Value) -> UUID | None:
    try:
        return value if isinstance(value, UUID) else UUID(str(value))
    except ValueError:
        return None


def _instant(value: Value) -> datetime | None:
    if not isinstance(value, datetime) or value.tzinfo is None:
        return None
    try:
        return value.astimezone(UTC)
    except OverflowError:  # it lies outside the years 1 to 9999
        return None


def _fault(condition: Condition, what: str) -> Fault:
    where = f" (at {condition.path})" if condition.path else ""
    return Fault("INVALID_FILTER", f"{what}{where}.", path=condition.path, dimension=condition.name)
