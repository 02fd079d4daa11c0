"""Days and instants as text, and arguments that may be left out."""

import re
from datetime import date, datetime
from typing import Any

from strawberry import UNSET

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def is_given(value: Any) -> bool:
    """Whether an optional argument was given at all."""
    return value is not UNSET and value is not None


def day_of(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        return None


def instant_of(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else None
