"""Chance: everything random is drawn through here, so that hypothesis can make a failure small."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TypeVar

from hypothesis import strategies as st

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Dice:
    """Of several choices, the first is the simplest."""

    draw: st.DrawFn

    def number(self, least: int, most: int) -> int:
        return self.draw(_numbers(least, most))

    def pick(self, choices: Sequence[T]) -> T:
        return choices[self.number(0, len(choices) - 1)]

    def often(self) -> bool:
        return self.number(0, 3) > 0

    def rarely(self) -> bool:
        return self.number(0, 3) == 3

    def evenly(self) -> bool:
        return self.number(0, 1) == 1

    def some(self, choices: Sequence[T], most: int, least: int = 0) -> list[T]:
        """Different ones, in any order."""
        left = list(choices)
        count = self.number(least, min(most, len(left))) if left else 0
        return [left.pop(self.number(0, len(left) - 1)) for _ in range(count)]


@cache
def _numbers(least: int, most: int) -> st.SearchStrategy[int]:
    return st.integers(least, most)
