"""The whole example before it becomes rows: fixed parts at once, sales in runs that fit in memory."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Self

import numpy as np
from numpy.random import Generator

from servery.demo.bills import Bills
from servery.demo.deliveries import Deliveries
from servery.demo.draw import Ints, Urn
from servery.demo.lines import Lines
from servery.demo.menu import Menu
from servery.demo.payments import Payments
from servery.demo.people import Customers
from servery.demo.places import Stores
from servery.demo.shape import Days
from servery.demo.visits import GUEST, Visits

RUN = 20_000
"""So many sales are drawn, encoded and sent at a time."""


@dataclass(frozen=True, slots=True)
class Numbers:
    """The ids that the first row of each table gets in a run."""

    sale: int = 1
    line: int = 1
    add_on: int = 1
    payment: int = 1


@dataclass(frozen=True, slots=True)
class Run:
    """Some sales in full."""

    first: Numbers
    visits: Visits
    lines: Lines
    bills: Bills
    payments: Payments
    deliveries: Deliveries

    def __len__(self) -> int:
        return len(self.visits)

    @property
    def next(self) -> Numbers:
        """Return the numbers of the run that follows."""
        return Numbers(
            sale=self.first.sale + len(self.visits),
            line=self.first.line + len(self.lines),
            add_on=self.first.add_on + len(self.lines.add_ons),
            payment=self.first.payment + len(self.payments),
        )


@dataclass(frozen=True, slots=True)
class Restaurant:
    """The group: places, menu, people, and the outline of every sale."""

    seed: int
    days: Days
    stores: Stores
    menu: Menu
    customers: Customers
    visits: Visits
    signed_up: Ints
    """When each customer signed up, in microseconds since 2000-01-01 UTC."""

    @classmethod
    def of(cls, until: date, seed: int, sales: int) -> Self:
        """Draw the group and `sales` outlines; the same arguments give the same group."""
        if sales < 1:
            raise ValueError(f"An example of {sales} sales has nothing to show. Ask for one sale at least.")
        rng = np.random.default_rng(seed)
        days = Days.until(until)
        stores, menu = Stores.of(rng, days), Menu.of(rng)
        customers = Customers.of(rng, days, sales)
        visits = Visits.of(rng, days, stores, customers, sales)
        signed_up = _sign_ups(rng, days, customers, visits)
        return cls(seed, days, stores, menu, customers, visits, signed_up)

    def runs(self) -> Iterator[Run]:
        """Yield all sales in order, RUN at a time."""
        first = Numbers()
        wanted = Urn.of(self.menu.weights())
        for place, start in enumerate(range(0, len(self.visits), RUN)):
            rng = np.random.default_rng((self.seed, place))
            run = self._run(rng, self.visits.part(start, start + RUN), wanted, first)
            yield run
            first = run.next

    def _run(self, rng: Generator, visits: Visits, wanted: Urn, first: Numbers) -> Run:
        lines = Lines.of(rng, self.menu, visits.day, self.days.month[visits.day], wanted)
        bills = Bills.of(rng, visits, lines.totals(len(visits)), self.days.promotion)
        return Run(
            first=first,
            visits=visits,
            lines=lines,
            bills=bills,
            payments=Payments.of(rng, visits.channel, bills.total),
            deliveries=Deliveries.of(rng, visits, self.stores.city[visits.store]),
        )


def _sign_ups(rng: Generator, days: Days, customers: Customers, visits: Visits) -> Ints:
    known = visits.customer != GUEST
    return customers.created(rng, days, visits.customer[known], visits.created[known])
