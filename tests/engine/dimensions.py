"""What the shop's questions group and filter by, as Python: each name's table, type and value."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from tests.engine.clock import DAY_GRAINS, DAY_PARTS, GRAINS, PARTS, Clock, Moment, instant_of
from tests.engine.joining import Joined
from tests.engine.shop import Row

SAO_PAULO = ZoneInfo("America/Sao_Paulo")
NEW_YORK = ZoneInfo("America/New_York")
TIMES = ("date", "timestamp", "timestamptz")


@dataclass(frozen=True, slots=True)
class Dimension:
    """`value` is what a row of `table` has; a row that is not there has none."""

    table: str
    type: str
    value: Callable[[Row, Clock], Any]


def _column(table: str, column: str, kind: str = "string") -> Dimension:
    return Dimension(table, kind, lambda row, _: row[column])


def _wall(table: str, column: str, zone: ZoneInfo) -> Dimension:
    """A wall time, as the instant that it is on the wall's zone."""
    return Dimension(
        table, "timestamp", lambda row, _: None if row[column] is None else instant_of(row[column], zone)
    )


def _size(row: Row, clock: Clock) -> str:
    return "large" if row["amount"] is not None and row["amount"] >= 100 else "small"


def _evening(row: Row, clock: Clock) -> bool | None:
    at = row["ordered_at"]
    return None if at is None else clock.part(at, "hour_of_day") >= 18


DIMENSIONS = {
    "country_name": _column("countries", "name"),
    "continent": _column("countries", "continent"),
    "customer_id": _column("customers", "id", "integer"),
    "customer": _column("customers", "name"),
    "region": _column("customers", "region"),
    "vip": _column("customers", "vip", "boolean"),
    "joined_on": _column("customers", "joined_on", "date"),
    "destination": _column("destinations", "continent"),
    "tier": _column("tiers", "tier"),
    "order_id": _column("orders", "id", "integer"),
    "ordered_at": _column("orders", "ordered_at", "timestamptz"),
    "due_on": _column("orders", "due_on", "date"),
    "packed_at": _wall("orders", "packed_at", SAO_PAULO),
    "status": _column("orders", "status"),
    "amount": _column("orders", "amount", "decimal"),
    "weight": _column("orders", "weight", "float"),
    "size": Dimension("orders", "string", _size),
    "evening": Dimension("orders", "boolean", _evening),
    "category": _column("items", "category"),
    "quantity": _column("items", "qty", "integer"),
    "opened_at": _wall("tickets", "opened_at", NEW_YORK),
    "minutes": _column("tickets", "minutes", "integer"),
    "tag": _column("tags", "label"),
    "day": _column("balances", "day", "date"),
    "acct": _column("balances", "acct"),
    "branch": _column("balances", "branch"),
}

OWN_TIME = {
    "orders": "ordered_at",
    "items": "ordered_at",
    "order_tags": "ordered_at",
    "tickets": "opened_at",
    "balances": "day",
}


def own_times(tables: Collection[str]) -> frozenset[str]:
    """The names of the times of the tables' metrics."""
    return frozenset({"time", *(OWN_TIME[table] for table in tables if table in OWN_TIME)})


def home_of(name: str) -> str:
    """The table that a dimension is one of: a role belongs to the table that plays it."""
    table = DIMENSIONS[name].table
    return "orders" if table == "destinations" else table


def base_of(asked: str) -> tuple[str, str]:
    """The dimension and the step of time in what was asked: ordered_at__month."""
    name, _, step = asked.partition("__")
    return name, step


def dimension_of(asked: str, table: str) -> Dimension:
    """The dimension behind a name; `time` is the own time of the metrics of `table`."""
    name, _ = base_of(asked)
    return DIMENSIONS[OWN_TIME[table] if name == "time" else name]


def type_of(asked: str) -> str:
    """The type of the values of what was asked."""
    name, step = base_of(asked)
    if step in PARTS:
        return "integer"
    if step:
        return "date" if step in DAY_GRAINS else "timestamptz"
    return DIMENSIONS[name].type


def steps_of(name: str) -> tuple[str, ...]:
    """The grains and parts that a dimension comes with."""
    kind = DIMENSIONS[name].type
    if kind not in TIMES:
        return ()
    return (*DAY_GRAINS, *DAY_PARTS) if kind == "date" else (*GRAINS, *PARTS)


def is_time(asked: str) -> bool:
    """Whether it is a time, a bucket of time, or a part of it."""
    return bool(base_of(asked)[1]) or type_of(asked) in TIMES


def is_grain(asked: str) -> bool:
    return base_of(asked)[1] in GRAINS


def value_of(asked: str, table: str, row: Joined, clock: Clock) -> Any:
    """The value of what was asked, for one row of `table` with the rows it is joined to."""
    dimension = dimension_of(asked, table)
    found = row.get(dimension.table)
    value = None if found is None else dimension.value(found, clock)
    step = base_of(asked)[1]
    return value if value is None or not step else stepped(value, step, clock)


def stepped(value: Moment, step: str, clock: Clock) -> Moment | int:
    return clock.part(value, step) if step in PARTS else clock.bucket(value, step)


def read(text: Any, kind: str) -> Any:
    """A value as it is written in a question."""
    if text is None:
        return None
    if kind == "float":
        return float(text)
    if kind in {"integer", "decimal"}:
        return Fraction(str(text))
    if kind == "date":
        return date.fromisoformat(text)
    if kind in {"timestamp", "timestamptz"}:
        return datetime.fromisoformat(text).astimezone(UTC)
    return text


def plain(value: Any) -> Any:
    """A value in which equal means equal: numbers as fractions, instants in UTC."""
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int | Decimal):
        return Fraction(value)
    return value.astimezone(UTC) if isinstance(value, datetime) else value
