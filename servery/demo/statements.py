"""The example's SQL files, as text and as the statements of one table."""

import re
from importlib.resources import files

_PACKAGE = "servery.demo"
# `restaurant.sales` in the first such place says whose statement it is.
_SUBJECT = re.compile(r"\b(?:table|view|on|from|analyze) restaurant\.(\w+)")
_COMMENT = re.compile(r"--[^\n]*")


def text(name: str) -> str:
    """Return the SQL file of that name."""
    return files(_PACKAGE).joinpath(name).read_text(encoding="utf-8")


def by_table(name: str) -> dict[str, tuple[str, ...]]:
    """Return the statements of a file, in order, by the table that each is about."""
    found: dict[str, list[str]] = {}
    for statement in _COMMENT.sub("", text(name)).split(";"):
        subject = _SUBJECT.search(statement)
        if subject:
            found.setdefault(subject[1], []).append(statement.strip())
    return {table: tuple(statements) for table, statements in found.items()}
