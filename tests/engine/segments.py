"""The named conditions of the shop."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.engine.shop import Row


@dataclass(frozen=True, slots=True)
class Segment:
    table: str
    holds: Callable[[Row], bool]


SEGMENTS = {
    "northern": Segment("customers", lambda row: row["region"] == "north"),
    "large": Segment("orders", lambda row: row["amount"] is not None and row["amount"] >= 100),
    "unpaid": Segment("orders", lambda row: row["status"] is not None and row["status"] != "paid"),
}
