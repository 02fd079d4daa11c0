from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.behaviour.comparison import ZONE, differences

TOLD = {
    "store": "Lapa",
    "sales": 3,
    "revenue": Decimal("12.30"),
    "ticket": Decimal("4.1234567"),
    "p90": 1.5,
    "month": date(2026, 1, 1),
    "last": datetime(2026, 1, 2, 12, tzinfo=ZoneInfo(ZONE)),
}
FOUND = {
    "store": "Lapa",
    "sales": 3,
    "revenue": "12.30",
    "ticket": "4.1234567",
    "p90": 1.5,
    "month": "2026-01-01",
    "last": "2026-01-02T12:00:00-03:00",
}


def test_the_same_is_no_difference() -> None:
    assert differences([FOUND], [TOLD]) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("store", None),
        ("sales", "3"),
        ("revenue", 12.3),
        ("revenue", "12.300000001"),
        ("ticket", "4.1234568"),
        ("p90", 1.50001),
        ("month", "2026-01-02"),
        ("last", "2026-01-02T12:00:01-03:00"),
    ],
)
def test_another_value_is_seen(name: str, value: Any) -> None:
    assert differences([{**FOUND, name: value}], [TOLD])


def test_a_missing_row_is_seen() -> None:
    assert differences([FOUND], [TOLD, TOLD]) == ["1 rows instead of 2"]


def test_another_column_is_seen() -> None:
    assert differences([{**FOUND, "more": 1}], [TOLD])
