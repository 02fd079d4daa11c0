"""The published JSON Schema is current, and agrees with the loader."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from model.editor_schema import editor_schema
from model.source import read_source
from tests.model.texts import with_sales

ROOT = Path(__file__).parents[2]
PUBLISHED = ROOT / "docs" / "model.schema.json"
VALIDATOR = Draft202012Validator(json.loads(editor_schema()))


def _errors(text: str) -> list[str]:
    tree: Any = read_source(text, "model.yml").tree
    return [error.message for error in VALIDATOR.iter_errors(tree)]


def test_the_published_schema_is_current() -> None:
    renew = "renew it: python -m model.editor_schema > docs/model.schema.json"

    assert PUBLISHED.read_text(encoding="utf-8") == editor_schema(), renew


def test_it_is_a_json_schema_with_a_title() -> None:
    schema = json.loads(editor_schema())

    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["title"]


def test_the_restaurant_example_is_valid() -> None:
    text = (ROOT / "examples" / "restaurant" / "model.yml").read_text(encoding="utf-8")

    assert _errors(text) == []


@pytest.mark.parametrize(
    "lines",
    [
        "dimensions: {status: {tpye: string}}",
        "dimensions: {Status: {}}",
        "dimensions: {status: {type: text}}",
        "dimensions: {status: {sql: }}",
        "metrics: {orders: {type: count, only: {status: []}}}",
        "metrics: {slow: {type: percentile, sql: seconds, p: 95}}",
        "metrics: {orders: {}}",
        "joins: {stores: {on: {}}}",
    ],
)
def test_an_editor_marks_what_the_loader_refuses(lines: str) -> None:
    assert _errors(with_sales(lines))


@pytest.mark.parametrize(
    "lines",
    [
        "metrics: {orders: {type: count, only: {region: [north, south]}}}",
        "metrics: {orders: {type: count, only: {region: north}}}",
        "joins: {stores: {on: {store_id: id}, kind: one_to_many}}",
    ],
)
def test_an_editor_takes_one_value_or_several(lines: str) -> None:
    assert _errors(with_sales(lines)) == []


def test_an_editor_takes_a_key_of_one_column_or_of_several() -> None:
    assert _errors("tables: {sales: {key: id}}") == []
    assert _errors("tables: {sales: {key: [shop, number]}}") == []
    assert _errors("tables: {sales: {key: []}}")
