"""The SQL files of this folder, as text."""

from functools import cache
from importlib.resources import files


@cache
def text(name: str) -> str:
    """The SQL file of that name."""
    return files(__package__ or "").joinpath(f"{name}.sql").read_text(encoding="utf-8")
