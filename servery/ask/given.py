"""What is given on the command line: a question in place, in a file or as input, and its variables."""

import json
import sys
from pathlib import Path
from typing import Any

import typer

ENDINGS = {".graphql", ".gql"}


def question_text(given: str) -> str:
    """The question itself. Raises OSError for a file that cannot be read."""
    if given == "-":
        return sys.stdin.read()
    return Path(given).read_text("utf-8") if Path(given).suffix in ENDINGS else given


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
