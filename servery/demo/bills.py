"""What a sale comes to: status, money in whole cents, discounts and minutes in the kitchen."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.random import Generator

from servery.demo.channels import by_channel, fee_table
from servery.demo.draw import Flags, Floats, Ints, Urn, chance, skewed
from servery.demo.shape import RUSH_HOURS
from servery.demo.visits import Visits

STATUSES = ("COMPLETED", "CANCELLED")
REASONS = ("Cupom de desconto", "Programa de fidelidade", "Primeira compra", "Promoção do dia", "Cortesia")
NO_REASON = -1

_DISCOUNTED, _DISCOUNTED_ON_PROMOTION = 0.17, 0.80
_PERCENT = np.array([5, 10, 15, 20, 30])
_PERCENTS = Urn.of([[30, 40, 20, 10, 0], [0, 0, 10, 40, 50]])
_REASONS = Urn.of([[46, 28, 16, 0, 10], [0, 0, 0, 1, 0]])
_TIPS, _TIP_PERCENT = 0.9, 10
_PEOPLE = Urn.of([22, 38, 15, 13, 6, 3, 2, 1])

_FEE_ROWS, _FEES = fee_table()
_FEE = Urn.of(_FEE_ROWS)
_FEE_CENTS = np.array(_FEES)

_KITCHEN_SKEW = 0.45
_RUSH = 1.3
_NOT_MEASURED = 0.02


@dataclass(frozen=True, slots=True)
class Bills:
    """One element for each sale; money is in cents, and `total` is items - discount + service + delivery."""

    cancelled: Flags
    items: Ints
    discount: Ints
    reason: Ints
    """A place in REASONS, NO_REASON where there is no discount."""
    service: Ints
    delivery: Ints
    total: Ints
    kitchen_seconds: Ints
    not_measured: Flags
    people: Ints

    @classmethod
    def of(cls, rng: Generator, visits: Visits, items: Ints, promotion: int) -> Self:
        """Write the bills for visits whose lines cost `items`; `promotion` is the promotion day."""
        discount, reason = _discounts(rng, items, visits.day == promotion)
        service = _services(rng, items - discount, visits.at_home)
        delivery = _FEE_CENTS[_FEE.draw(rng, visits.channel)]
        return cls(
            # A cancelled sale keeps its money: what was lost must be countable.
            cancelled=chance(rng, by_channel("cancelled")[visits.channel], len(visits)),
            items=items,
            discount=discount,
            reason=reason,
            service=service,
            delivery=delivery,
            total=items - discount + service + delivery,
            kitchen_seconds=skewed(rng, _kitchen(visits), _KITCHEN_SKEW),
            not_measured=chance(rng, _NOT_MEASURED, len(visits)),
            people=1 + _PEOPLE.draw_many(rng, len(visits)),
        )


def rush(visits: Visits) -> Floats:
    """Return by how much longer things take at the hour of each visit."""
    return np.where(np.isin(visits.hour, RUSH_HOURS), _RUSH, 1.0)


def _discounts(rng: Generator, items: Ints, promotion: Flags) -> tuple[Ints, Ints]:
    given = chance(rng, np.where(promotion, _DISCOUNTED_ON_PROMOTION, _DISCOUNTED), len(items))
    row = promotion.astype(np.int64)
    discount = items * _PERCENT[_PERCENTS.draw(rng, row)] // 100
    reason = _REASONS.draw(rng, row)
    return np.where(given, discount, 0), np.where(given, reason, NO_REASON)


def _services(rng: Generator, cents: Ints, at_home: Flags) -> Ints:
    asked = ~at_home & chance(rng, _TIPS, len(cents))
    return np.where(asked, cents * _TIP_PERCENT // 100, 0)


def _kitchen(visits: Visits) -> Floats:
    return 60 * by_channel("kitchen_minutes")[visits.channel] * rush(visits)
