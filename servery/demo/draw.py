"""Weighted draws, many at once."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.random import Generator
from numpy.typing import ArrayLike, NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Urn:
    """Rows of weighted choices. All rows lie on one line, so that one search draws from any of them."""

    edges: Floats
    choices: int

    @classmethod
    def of(cls, weights: ArrayLike) -> Self:
        """Take one row of weights, or one row for each case; no row may be all zero."""
        rows = np.atleast_2d(np.asarray(weights, dtype=np.float64))
        cumulative = rows.cumsum(axis=1)
        cumulative /= cumulative[:, -1:]
        cumulative += np.arange(len(rows))[:, None]
        return cls(cumulative.ravel(), rows.shape[1])

    def draw(self, rng: Generator, row: Ints) -> Ints:
        """Return one choice for each element of `row`, by the weights of that row."""
        found = np.searchsorted(self.edges, row + rng.random(len(row)), side="right")
        # The sum of a high row and a number just below one may round up into the next row.
        choice: Ints = np.minimum(found - row * self.choices, self.choices - 1)
        return choice

    def draw_many(self, rng: Generator, count: int) -> Ints:
        """Return `count` choices from the first row."""
        return self.draw(rng, np.zeros(count, dtype=np.int64))


def chance(rng: Generator, probability: ArrayLike, count: int) -> Flags:
    """Return true with the given probability, one for all or one for each."""
    return rng.random(count) < np.asarray(probability)


def skewed(rng: Generator, median: Floats, sigma: float) -> Ints:
    """Return whole numbers around `median` with a long right tail, never below one."""
    drawn = median * np.exp(sigma * rng.standard_normal(len(median)))
    return np.maximum(drawn, 1).astype(np.int64)
