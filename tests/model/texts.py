"""Model texts for tests, and the faults that a text has."""

from textwrap import dedent, indent

import pytest

from model.faults import ModelInvalid
from model.load import model_of_text
from model.model import Model

HEAD = """\
tables:
  sales:
    key: id
"""
TAIL = """\
  stores:
    key: id
    dimensions: {store: {column: name}, region: {values: [north, south]}, opened: {type: date}}
    metrics: {shops: {type: count}}
"""


def with_sales(lines: str) -> str:
    """A model in which the table `sales` has these lines, from line 4 on, and there is a table `stores`."""
    return HEAD + indent(dedent(lines).strip("\n"), "    ") + "\n" + TAIL


def faults_of(text: str, file: str = "model.yml") -> list[str]:
    """Every fault as a person reads it; none when the model is fine."""
    try:
        model_of_text(text, file)
    except ModelInvalid as invalid:
        return [str(fault) for fault in invalid.faults]
    return []


def model_with_sales(lines: str) -> Model:
    return model_of_text(with_sales(lines))


def only_fault(text: str) -> str:
    faults = faults_of(text)
    if len(faults) != 1:
        pytest.fail(f"one fault was to be found, not {faults}")
    return faults[0]
