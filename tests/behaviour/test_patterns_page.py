"""What docs/patterns.md shows is true: pieces of the example's model, its SQL, and answers over small.sql."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from db.copy import fetch_value, run_script
from model.source import read_source
from servery.demo.statements import text
from tests.service import Service

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "patterns.md").read_text(encoding="utf-8")
MODEL = read_source((ROOT / "examples/restaurant/model.yml").read_text(encoding="utf-8"), "model.yml").tree
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
ANSWERED = re.compile(r"^```graphql\n([^`]*)^```\n\n```json\n([^`]*)^```", re.MULTILINE)

PIECES = [found for language, found in BLOCK.findall(PAGE) if language == "yaml"]
SQL = [found for language, found in BLOCK.findall(PAGE) if language == "sql"]
ANSWERS = ANSWERED.findall(PAGE)


def is_part(piece: Any, whole: Any) -> bool:
    if isinstance(piece, dict) and isinstance(whole, dict):
        return all(key in whole and is_part(value, whole[key]) for key, value in piece.items())
    return bool(piece == whole)


def test_each_pattern_has_a_piece_of_the_model_and_an_answer() -> None:
    assert (len(PIECES), len(ANSWERS)) == (3, 7)


def test_every_answer_that_is_shown_has_its_question_above() -> None:
    assert PAGE.count("```json\n") == len(ANSWERS)


@pytest.mark.parametrize("piece", PIECES)
def test_the_pieces_are_those_of_the_example(piece: str) -> None:
    assert is_part(read_source(piece, "patterns.md").tree, MODEL)


@pytest.mark.parametrize("statements", [sql for sql in SQL if sql.startswith("create")])
def test_what_it_creates_is_what_the_example_has(statements: str) -> None:
    assert statements in text("schema.sql")


@pytest.mark.anyio
@pytest.mark.integration
@pytest.mark.parametrize(("question", "answer"), ANSWERS)
async def test_the_answers_are_those_of_the_small_restaurant(
    question: str, answer: str, small: Service
) -> None:
    assert await small.ask(question) == json.loads(answer)


@pytest.mark.anyio
@pytest.mark.integration
async def test_what_is_to_be_run_after_a_load_numbers_the_visits_of_new_sales(small_url: str) -> None:
    (refresh,) = [sql for sql in SQL if sql.startswith("refresh")]
    await run_script(small_url, "update restaurant.sales set customer_id = 5 where id = 12")

    await run_script(small_url, refresh)

    visit = "select visit from restaurant.customer_visits where sale_id = 16"
    assert await fetch_value(small_url, visit) == 2
