"""Tags: short texts for what an answer depends on, which whoever changes data names to outdate it.

Both sides write them here: answers carry what `resolvers.depends` finds, and a change sets what
`resolvers.invalidation` makes of it.
"""

from datetime import date
from decimal import Decimal
from typing import Final

from model.value import Value, ValueType

ANY: Final = "*"
"""Stands for every value, month or year: an answer that is held to none depends on all of them."""

LONGEST_TAG: Final = 200
"""In letters. A longer one can be set by nobody, so no answer carries one."""


def table_tag(table: str) -> str:
    """Any row of the table."""
    return f"table:{table}"


def rows_tag(table: str, piece: str) -> str:
    """Rows of a month or year by the table's own time, or of `ANY`."""
    return f"table:{table}@{piece}"


def date_tag(piece: str) -> str:
    return f"date:{piece}"


def tenant_tag(tenant: str) -> str:
    return f"tenant:{tenant}"


def value_tag(dimension: str, text: str) -> str:
    return f"{dimension}:{text}"


def month_of(day: date) -> str:
    return day.isoformat()[:7]


def year_of(day: date) -> str:
    return day.isoformat()[:4]


def text_of(value: Value, kind: ValueType) -> str:
    """One text for all values that are equal in a column of this type; of `plan.values.typed` values."""
    match value:
        case bool():
            return "true" if value else "false"
        case int() | Decimal() if kind is ValueType.FLOAT:
            return _plain(Decimal(repr(float(value))))
        case Decimal():
            return _plain(value)
        case _:
            return str(value)


def _plain(number: Decimal) -> str:
    """Without an exponent, and without zeros that say nothing."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
