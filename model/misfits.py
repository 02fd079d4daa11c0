"""What does not fit the shape of a model file, in words for the person who wrote it."""

import re
from typing import Any

from pydantic_core import ErrorDetails

from model.faults import did_you_mean, shown, similar
from model.file import (
    LONGEST_NAME,
    DimensionShape,
    JoinShape,
    MetricShape,
    ModelShape,
    SegmentShape,
    SnapshotShape,
    TableShape,
    ValidityShape,
)
from model.source import Path

Finding = tuple[Path, str, str]
"""Where, what is wrong, and a hint."""

NAMES = (
    "Names are snake_case: small letters, digits and single underscores, a letter first, "
    f"at most {LONGEST_NAME}."
)


def misfit(details: ErrorDetails) -> Finding:
    """One refusal of the shape, told with the key that a reader will look for."""
    path = tuple(step for step in details["loc"] if step != "[key]")
    name = str(next((step for step in reversed(path) if isinstance(step, str)), ""))
    match details["type"]:
        case "extra_forbidden":
            return path, f"There is no key '{name}' here.", _known_here(name, path)
        case "missing":
            return path[:-1], f"'{name}' is missing.", f"Add '{name}:'."
        case "string_pattern_mismatch" | "string_too_long":
            return path, f"'{shown(details['input'])}' cannot be a name.", NAMES
        case kind:
            return path, *_wrong_value(kind, name, details)


def _wrong_value(kind: str, name: str, details: ErrorDetails) -> tuple[str, str]:
    value = details["input"]
    what = f"'{name}'" if isinstance(details["loc"][-1], str) else f"An item of '{name}'"
    if value is None or kind in {"too_short", "string_too_short"}:
        return f"{what} is empty.", "Give it a value, or remove it."
    if kind in {"enum", "literal_error"}:
        return f"{what} cannot be '{shown(value)}'.", _one_of(str(value), details["ctx"])
    wanted, hint = WANTED.get(kind, ("something else", f"{details['msg']}."))
    return f"{what} is {wanted}, not '{shown(value)}'.", hint


_BETWEEN = ("a number between 0 and 1", "Write 0.95 for the 95th percentile.")
_SECONDS = ("a number of seconds from 1 to 86400", "Write it without a fraction, as in 'refresh_every: 30'.")
_MAPPING = ("a mapping", "Write 'key: value' lines under it.")

WANTED: dict[str, tuple[str, str]] = {
    "model_type": _MAPPING,
    "dict_type": _MAPPING,
    "list_type": ("a list", "Write it as [a, b]."),
    "string_type": ("text", "Put it in quotes."),
    "plain_type": ("a text, a number, true or false", "Or a list of these."),
    "greater_than": _BETWEEN,
    "less_than": _BETWEEN,
    "float_type": _BETWEEN,
    "float_parsing": _BETWEEN,
    "finite_number": _BETWEEN,
    "int_type": _SECONDS,
    "greater_than_equal": _SECONDS,
    "less_than_equal": _SECONDS,
}


def _one_of(value: str, context: dict[str, Any]) -> str:
    known = re.findall(r"'(\w+)'", context["expected"])
    return did_you_mean(similar(value, known)).strip() or f"It is one of {', '.join(known)}."


def _known_here(name: str, path: Path) -> str:
    known = _keys_at(path[:-1])
    return did_you_mean(similar(name, known)).strip() or f"Known here: {', '.join(known)}."


def _keys_at(path: Path) -> list[str]:
    """The keys that may stand in the mapping at `path`."""
    shape: Any = ModelShape
    match [step for step in path if isinstance(step, str)]:
        case ["tables", _]:
            shape = TableShape
        case ["tables", _, "joins", _]:
            shape = JoinShape
        case ["tables", _, "dimensions", _]:
            shape = DimensionShape
        case ["tables", _, "metrics", _] | ["metrics", _]:
            shape = MetricShape
        case ["tables", _, "segments", _]:
            shape = SegmentShape
        case [*_, "metrics", _, "last" | "first"]:
            shape = SnapshotShape
        case ["tables", _, "joins", _, "valid"]:
            shape = ValidityShape
    return [field.alias or name for name, field in shape.model_fields.items()]
