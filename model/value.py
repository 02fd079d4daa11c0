"""The types of values that dimensions hold and filters compare with."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

Value = str | int | float | bool | Decimal | date | datetime | UUID
"""A value in a filter. `None` stands beside it where null may be meant."""


class ValueType(StrEnum):
    """The type of a dimension's column, named as PostgreSQL names it where that is short."""

    STRING = "string"
    INTEGER = "integer"
    DECIMAL = "decimal"
    FLOAT = "float"
    BOOLEAN = "boolean"
    UUID = "uuid"
    DATE = "date"
    TIMESTAMP = "timestamp"
    TIMESTAMPTZ = "timestamptz"

    @property
    def is_time(self) -> bool:
        return self in {ValueType.DATE, ValueType.TIMESTAMP, ValueType.TIMESTAMPTZ}

    @property
    def is_number(self) -> bool:
        return self in {ValueType.INTEGER, ValueType.DECIMAL, ValueType.FLOAT}
