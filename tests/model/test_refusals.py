"""Every fault of `refusals.yml` is told with its file, line and hint, word for word."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.model.texts import faults_of, with_sales

CASES: list[dict[str, Any]] = yaml.safe_load(
    Path(__file__).with_name("refusals.yml").read_text(encoding="utf-8")
)


def _text(case: dict[str, Any]) -> str:
    return str(case["model"]) if "model" in case else with_sales(case["sales"])


@pytest.mark.parametrize("case", CASES, ids=[ascii(_text(case))[:60] for case in CASES])
def test_a_fault_is_told_with_its_place_and_what_to_do(case: dict[str, Any]) -> None:
    assert faults_of(_text(case)) == case["faults"]


def test_the_tables_around_the_cases_have_no_fault_of_their_own() -> None:
    assert faults_of(with_sales("dimensions: {status: {}}")) == []


def test_deep_nesting_is_a_fault() -> None:
    text = "tables: " + "[" * 5000

    assert faults_of(text) == ["model.yml:1: This is not YAML: the nesting is too deep."]


def test_anchors_that_multiply_are_a_fault() -> None:
    lines = [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 10)]
    text = "\n".join(["a0: &a0 [x]", *lines])

    assert faults_of(text) == ["model.yml:1: This is not YAML: its anchors make it grow without end."]


def test_a_very_long_value_is_shown_short() -> None:
    (fault,) = faults_of(with_sales(f"time: {{a: {'b' * 1000}}}"))

    assert len(fault) < 150


def test_the_joined_table_is_not_blamed_for_the_table_that_is_missing() -> None:
    (fault,) = faults_of(with_sales("joins:\n  stores: {on: {store_id: id}}\n  shop: {on: {a: b}}"))

    assert fault.startswith("model.yml:6: There is no table 'shop' to join.")
