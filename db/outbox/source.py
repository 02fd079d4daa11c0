"""What a model reads, as far as change events must know: names, times and zones; no other room's types."""

from dataclasses import dataclass
from enum import StrEnum


class TimeType(StrEnum):
    """Types of PostgreSQL whose values lie in a month."""

    TIMESTAMPTZ = "timestamptz"
    TIMESTAMP = "timestamp"
    DATE = "date"


@dataclass(frozen=True, slots=True)
class Axis:
    """The column by which rows belong to months, which are those of `months_in` (of a date: its own).

    A `timestamp` is read in the zone `read_in`.
    """

    column: str
    type: TimeType
    months_in: str
    read_in: str | None = None

    @property
    def text(self) -> str:
        """Equal for axes that tell the same months. For people, too."""
        match self.type:
            case TimeType.TIMESTAMPTZ:
                return f"{self.column} in {self.months_in}"
            case TimeType.TIMESTAMP:
                return f"{self.column} from {self.read_in} in {self.months_in}"
            case TimeType.DATE:
                return self.column


@dataclass(frozen=True, slots=True)
class Source:
    """A table of a model, and where it says that it is: `schema` is empty where the search path decides.

    `polled` tells that a query of its own finds out about changes, so that it needs no trigger.
    """

    name: str
    schema: str
    table: str
    axis: Axis | None = None
    polled: bool = False
