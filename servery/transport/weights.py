"""Headers that say what a client takes and how gladly: Accept and Accept-Encoding (RFC 9110, 12.4)."""

import re
from typing import Final

_WEIGHT: Final = re.compile(r"[01](?:\.\d{0,6})?|\.\d{1,6}")


def weights_of(header: bytes) -> dict[str, float]:
    """The names in small letters, each with its weight from 0 to 1. One that says nothing counts as 0."""
    found: dict[str, float] = {}
    for part in header.decode("latin-1").lower().split(","):
        name, *parameters = (each.strip() for each in part.split(";"))
        if name:
            found[name] = max(_weight(parameters), found.get(name, 0.0))
    return found


def _weight(parameters: list[str]) -> float:
    for parameter in parameters:
        name, _, text = parameter.partition("=")
        if name.strip() == "q":
            return min(1.0, float(text)) if _WEIGHT.fullmatch(text := text.strip()) else 0.0
    return 1.0
