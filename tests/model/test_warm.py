"""The questions that a model lists to be kept in the cache."""

import pytest

from model.load import model_of_text
from tests.model.texts import faults_of, with_sales

SALES = with_sales("metrics: {orders: {type: count}}")
LISTED = """
warm:
  - "metrics: [orders], dateRange: {last: {n: 30, unit: DAY}}"
  - >-
    metrics: [orders],
    limit: 5
"""


def test_they_are_texts_in_their_order() -> None:
    found = model_of_text(SALES + LISTED).warm

    assert found == (
        "metrics: [orders], dateRange: {last: {n: 30, unit: DAY}}",
        "metrics: [orders], limit: 5",
    )


def test_a_model_needs_none() -> None:
    assert model_of_text(SALES).warm == ()


def test_they_outdate_no_answer() -> None:
    with_list, without = model_of_text(SALES + LISTED), model_of_text(SALES)

    assert with_list.fingerprint(["orders"], [], ["sales"]) == without.fingerprint(["orders"], [], ["sales"])


@pytest.mark.parametrize(
    ("listed", "told"),
    [
        ("warm: ['']", "An item of 'warm' is empty."),
        ("warm: [~]", "An item of 'warm' is empty."),
        ("warm:", "'warm' is empty."),
        ("warm: {orders: 1}", "'warm' is a list"),
        ("warm:\n  - metrics: [orders]", "An item of 'warm' is text"),
    ],
    ids=["empty", "null", "nothing", "mapping", "without quotes"],
)
def test_what_is_no_text_is_refused(listed: str, told: str) -> None:
    (fault,) = faults_of(f"{SALES}\n{listed}\n")

    assert told in fault
