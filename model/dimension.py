"""Dimensions: what a question may group and filter by."""

from dataclasses import dataclass

from model.expression import Sql
from model.value import ValueType


@dataclass(frozen=True, slots=True)
class Dimension:
    """A column or expression of `table`. `zone` is the zone in which a `timestamp` is to be read."""

    name: str
    table: str
    sql: Sql
    type: ValueType
    zone: str | None = None
    title: str = ""
    description: str = ""
    format: str = ""
    values: tuple[str, ...] = ()
    deprecated: str = ""
