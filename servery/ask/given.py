"""What is given on the command line: a question in place, in a file or as input, and its variables."""

import json
import sys
from pathlib import Path
from typing import Any

import typer

ENDINGS = {".graphql", ".gql"}


def question_text(given: str) -> str:
    """The question itself. Raises BadParameter for a file that is not there."""
    if given == "-":
        return sys.stdin.read()
    if Path(given).suffix not in ENDINGS:
        return given
    if not Path(given).is_file():
        raise typer.BadParameter(f"There is no file '{given}'.", param_hint="question")
    return Path(given).read_text("utf-8")


def variables_of(given: str) -> dict[str, Any]:
    """Raises BadParameter for anything but a JSON object."""
    try:
        found = json.loads(given)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise typer.BadParameter(
            f"'{given}' is not a JSON object such as '{{\"n\": 5}}'.", param_hint="--variables"
        )
    return found
