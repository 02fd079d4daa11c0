"""Dimensions: what a question may group and filter by."""

from dataclasses import dataclass

from model.expression import Sql
from model.value import ValueType

Place = tuple[str, tuple[str, ...]]
"""Where a dimension is found: on a table, and from there over the joins of these names."""


@dataclass(frozen=True, slots=True)
class Dimension:
    """A column or expression of `table`. `zone` is the zone in which a `timestamp` is to be read.

    One that plays a role is declared on `owner` and found over the joins `via`: the country of the billing
    address is not that of the delivery. Segments are dimensions, too: booleans under a name.
    """

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
    owner: str = ""
    via: tuple[str, ...] = ()

    @property
    def declared_on(self) -> str:
        """The table under which it stands in the model."""
        return self.owner or self.table

    @property
    def place(self) -> Place:
        """Dimensions of one place are read from one join."""
        return self.declared_on, self.via
