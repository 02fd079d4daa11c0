from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tests.tpch.comparison import differences
from tests.tpch.queries import query

QUERY = query("q", "nation shipped_on__year revenue share day", "share")
ROW = {
    "nation": "PERU",
    "shipped_on__year": "1995-01-01",
    "revenue": "12.30",
    "share": "0.5",
    "day": "1995-01-02",
}
TOLD = ("PERU", 1995, Decimal("12.3"), 0.5, date(1995, 1, 2))


def test_the_same_is_no_difference() -> None:
    assert differences(QUERY, [ROW], [TOLD]) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("nation", "CHINA"),
        ("nation", None),
        ("shipped_on__year", "1996-01-01"),
        ("revenue", "12.3000000000000000000000001"),
        ("revenue", None),
        ("share", "0.500000001"),
        ("share", None),
        ("day", "1995-01-03"),
    ],
)
def test_another_value_is_seen(name: str, value: Any) -> None:
    (found,) = differences(QUERY, [{**ROW, name: value}], [TOLD])

    assert found.startswith(f"row 1: {name} is {value!r}")


def test_money_that_is_not_exact_is_seen() -> None:
    assert differences(QUERY, [{**ROW, "revenue": 12.3}], [TOLD])
    assert differences(QUERY, [ROW], [(*TOLD[:2], 12.3, *TOLD[3:])])


def test_a_missing_row_is_seen() -> None:
    assert differences(QUERY, [ROW], [TOLD, TOLD]) == ["1 rows instead of 2"]


def test_another_order_is_seen() -> None:
    other = {**ROW, "nation": "CHINA"}

    assert differences(QUERY, [other, ROW], [TOLD, ("CHINA", *TOLD[1:])])


def test_another_column_is_seen() -> None:
    assert differences(QUERY, [{**ROW, "revenue__share": "1"}], [TOLD])
