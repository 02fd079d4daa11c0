"""YAML as plain data, with lines."""

import pytest

from model.source import read_source

TEXT = """\
tables:
  sales:
    joins:
      stores: {on: {store_id: id}}
    metrics:
      orders:
        type: count
"""


def test_every_key_has_its_line() -> None:
    source = read_source(TEXT, "model.yml")

    assert source.line(("tables", "sales")) == 2
    assert source.line(("tables", "sales", "joins", "stores", "on", "store_id")) == 4
    assert source.line(("tables", "sales", "metrics", "orders", "type")) == 7


def test_what_was_not_written_is_where_the_thing_around_it_is() -> None:
    source = read_source(TEXT, "model.yml")

    assert source.line(("tables", "sales", "metrics", "orders", "sql")) == 6
    assert source.line(("timezone",)) == 1


def test_items_of_a_list_have_their_lines() -> None:
    source = read_source("key:\n  - shop\n  - number\n", "model.yml")

    assert source.line(("key", 1)) == 3


@pytest.mark.parametrize(
    "word",
    ["on", "off", "yes", "No", "True", "2024-01-01", "12:30", "010", "1_000", "0x1f", "1e3", ".inf", "="],
)
def test_words_that_old_yaml_takes_for_something_else_stay_words(word: str) -> None:
    source = read_source(f"{word}: {word}", "model.yml")

    assert source.tree == {word: word}
    assert not source.faults


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("5", 5),
        ("-5", -5),
        ("0.95", 0.95),
        (".5", 0.5),
        ("true", True),
        ("false", False),
        ("null", None),
        ("~", None),
        ("'5'", "5"),
        ("!!str 5", "5"),
        ("9" * 40, "9" * 40),
    ],
)
def test_numbers_booleans_and_null_are_what_they_are(text: str, value: object) -> None:
    source = read_source(f"key: {text}", "model.yml")

    assert source.tree == {"key": value}
    assert type((source.tree or {})["key"]) is type(value)


def test_a_key_is_the_text_that_was_written() -> None:
    source = read_source("null: 1\ntrue: 2\n7: 3\n", "model.yml")

    assert source.tree == {"null": 1, "true": 2, "7": 3}


def test_an_anchor_stands_for_what_it_names() -> None:
    source = read_source("a: &x {b: [1, 2]}\nc: *x\n", "model.yml")

    assert source.tree == {"a": {"b": [1, 2]}, "c": {"b": [1, 2]}}


def test_a_byte_order_mark_is_no_part_of_the_text() -> None:
    assert read_source("\ufefftitle: a", "model.yml").tree == {"title": "a"}


def test_nothing_is_an_empty_model() -> None:
    assert read_source("# nothing yet\n", "model.yml").tree == {}
