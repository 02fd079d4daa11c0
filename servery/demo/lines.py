"""What was ordered: the product lines of a run of sales, with their add-ons and exact totals."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.random import Generator

from servery.demo.draw import Ints, Urn, chance
from servery.demo.menu import CATEGORIES, Menu, item_weights

_LINES = Urn.of([28, 32, 21, 11, 5, 3])
_QUANTITIES = Urn.of([80, 15, 4, 1])
_ADD_ONS = Urn.of([72, 22, 6])
_ADD_ON_QUANTITIES = Urn.of([88, 12])
_ITEMS = Urn.of(item_weights())
_TOPPED = np.array([category.add_ons for category in CATEGORIES])

_PRICES_RISE_AFTER = 365
_EARLIER_PERCENT = 93
"""In the first of the two years prices are at this part of today's."""


@dataclass(frozen=True, slots=True)
class AddOns:
    """Add-ons in the order of their lines; `line` is a place among the lines. Money is in cents."""

    line: Ints
    item: Ints
    quantity: Ints
    price: Ints

    def __len__(self) -> int:
        return len(self.line)

    def totals(self, lines: int) -> Ints:
        """Return what the add-ons of each line cost together."""
        return _sums(self.line, self.quantity * self.price, lines)


@dataclass(frozen=True, slots=True)
class Lines:
    """Product lines in the order of their sales; `sale` is a place among the sales. Money is in cents.

    A line's total is its quantity times its base price, plus, for each of its add-ons, the
    add-on's own quantity times its price.
    """

    sale: Ints
    product: Ints
    quantity: Ints
    base_price: Ints
    total: Ints
    add_ons: AddOns

    @classmethod
    def of(cls, rng: Generator, menu: Menu, day: Ints, month: Ints, wanted: Urn) -> Self:
        """Draw the lines of the sales on those days; `wanted` has the products' weights by month."""
        sale = np.repeat(np.arange(len(day)), 1 + _LINES.draw_many(rng, len(day)))
        product = wanted.draw(rng, month[sale])
        quantity = 1 + _QUANTITIES.draw_many(rng, len(sale))
        base_price = _prices(menu.price[product], day[sale])
        add_ons = _add_ons(rng, menu, menu.category[product])
        total = quantity * base_price + add_ons.totals(len(sale))
        return cls(sale, product, quantity, base_price, total, add_ons)

    def __len__(self) -> int:
        return len(self.sale)

    def totals(self, sales: int) -> Ints:
        """Return what the lines of each sale cost together."""
        return _sums(self.sale, self.total, sales)


def _prices(today: Ints, day: Ints) -> Ints:
    earlier = today * _EARLIER_PERCENT // 100
    return np.where(day < _PRICES_RISE_AFTER, earlier, today)


def _add_ons(rng: Generator, menu: Menu, category: Ints) -> AddOns:
    (topped,) = np.nonzero(chance(rng, _TOPPED[category], len(category)))
    line = np.repeat(topped, 1 + _ADD_ONS.draw_many(rng, len(topped)))
    item = _ITEMS.draw(rng, category[line])
    quantity = 1 + _ADD_ON_QUANTITIES.draw_many(rng, len(line))
    return AddOns(line, item, quantity, menu.item_price[item])


def _sums(owner: Ints, cents: Ints, owners: int) -> Ints:
    """Return the cents of each owner, zero for those who own nothing; owners are in ascending order."""
    upto = np.concatenate([[0], np.cumsum(cents)])
    ends = np.searchsorted(owner, np.arange(owners + 1))
    totals: Ints = np.diff(upto[ends])
    return totals
