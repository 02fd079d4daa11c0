"""What `docs/model.md` shows is true."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from model.expression import LONGEST, parse_expression
from model.file import LONGEST_NAME
from model.grammar import ExpressionRefused
from model.load import model_of_text
from model.source import read_source
from model.value import ValueType
from tests.model.texts import faults_of

TEXT = (Path(__file__).parents[2] / "docs" / "model.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL)
REFUSED = re.findall(r"^\| `(.+?)` \|", TEXT.split("## What is refused")[1], re.MULTILINE)


def _added(tree: Any, piece: Any) -> Any:
    """The mapping with what the piece adds to it; a piece says nothing anew."""
    if not isinstance(tree, dict) or not isinstance(piece, dict):
        raise TypeError(f"{piece} is already {tree}")
    both = {key: _added(tree[key], piece[key]) for key in piece.keys() & tree.keys()}
    return {**tree, **piece, **both}


def _model_of_pieces(count: int) -> str:
    """The first `count` pieces, added to one another as the page says. JSON is YAML, too."""
    trees = [read_source(block, "model.md").tree for block in BLOCKS[:count]]
    whole = trees[0]
    for tree in trees[1:]:
        whole = _added(whole, tree)
    return json.dumps(whole)


def test_the_first_model_is_complete() -> None:
    assert faults_of(BLOCKS[0]) == []


@pytest.mark.parametrize("count", range(1, len(BLOCKS) + 1))
def test_each_piece_adds_to_the_model_above_it(count: int) -> None:
    assert faults_of(_model_of_pieces(count)) == []


def test_the_faults_that_it_shows_are_told_so() -> None:
    broken = BLOCKS[0].replace("type: timestamptz", "tpye: timestamptz").replace("type: sum", "type: summ")

    assert re.findall(r"  (model\.yml:\d+: .*)", TEXT) == faults_of(broken)


def test_what_it_calls_reachable_is() -> None:
    model = model_of_text(_model_of_pieces(len(BLOCKS)))

    assert model.dimension("country").table == "addresses"
    assert {"due_on__week", "packed_at__hour", "sold_at__hour_of_day", "time__month"} <= set(
        model.dimension_names
    )


@pytest.mark.parametrize("text", REFUSED)
def test_what_it_calls_refused_is(text: str) -> None:
    with pytest.raises(ExpressionRefused):
        parse_expression(text, table="sales")


def test_the_table_of_what_is_refused_was_found() -> None:
    assert len(REFUSED) == 12


def test_every_type_is_named() -> None:
    assert [kind for kind in ValueType if f"`{kind}`" not in TEXT] == []


def test_limits_are_those_of_the_code() -> None:
    assert f"at most {LONGEST} characters" in TEXT
    assert f"single underscores, at most {LONGEST_NAME}." in TEXT
