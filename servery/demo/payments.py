"""How bills are paid: the parts add up to the bill, to the cent."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.random import Generator

from servery.demo.channels import PAID_WITH
from servery.demo.draw import Ints, Urn, chance

_IN_TWO_PARTS = 0.12
_KINDS = Urn.of(PAID_WITH)


@dataclass(frozen=True, slots=True)
class Payments:
    """Payments in the order of their sales; `sale` is a place among the sales. Money is in cents."""

    sale: Ints
    kind: Ints
    cents: Ints

    @classmethod
    def of(cls, rng: Generator, channel: Ints, total: Ints) -> Self:
        """Pay each total in one part or two."""
        split = chance(rng, _IN_TWO_PARTS, len(total))
        sale = np.repeat(np.arange(len(total)), 1 + split)
        second = np.concatenate([[False], sale[1:] == sale[:-1]])
        first_part = np.where(split, total * rng.integers(20, 81, len(total)) // 100, total)
        cents = np.where(second, (total - first_part)[sale], first_part[sale])
        return cls(sale, _KINDS.draw(rng, channel[sale]), cents)

    def __len__(self) -> int:
        return len(self.sale)
