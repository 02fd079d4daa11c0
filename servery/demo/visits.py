"""Every sale in outline: when, where, through which channel and by whom."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.random import Generator

from servery.demo.channels import HOME, SHARE_STEPS, by_channel, share_rows
from servery.demo.draw import Flags, Floats, Ints, Urn, chance
from servery.demo.people import Customers
from servery.demo.places import Stores
from servery.demo.shape import Days, day_weights, hour_weights

GUEST = -1
_HOUR = 3_600_000_000
_FRIDAY, _SATURDAY = 4, 5


@dataclass(frozen=True, slots=True)
class Visits:
    """Outlines of sales in the order of their times; each array has one element for each sale."""

    day: Ints
    hour: Ints
    created: Ints
    """Microseconds since 2000-01-01 UTC."""
    store: Ints
    channel: Ints
    customer: Ints
    """The customer's place, GUEST for guests."""

    @classmethod
    def of(cls, rng: Generator, days: Days, stores: Stores, customers: Customers, count: int) -> Self:
        """Draw exactly `count` sales."""
        day, store = _crowds(rng, day_weights(days)[:, None] * stores.weights(rng, days), count)
        channel = Urn.of(share_rows()).draw(rng, day * SHARE_STEPS // len(days))
        hour = _hours(rng, days, day, channel)
        created = days.midnight[day] + hour * _HOUR + rng.integers(0, _HOUR, count)
        order = np.argsort(created)
        day, hour, store, channel = day[order], hour[order], store[order], channel[order]
        return cls(
            day=day,
            hour=hour,
            created=created[order],
            store=store,
            channel=channel,
            customer=_buyers(rng, customers, stores.city[store], day // 7, channel),
        )

    def __len__(self) -> int:
        return len(self.day)

    def part(self, start: int, stop: int) -> "Visits":
        """Return the sales from `start` up to, without, `stop`."""
        cut = slice(start, stop)
        return Visits(
            self.day[cut], self.hour[cut], self.created[cut],
            self.store[cut], self.channel[cut], self.customer[cut],
        )  # fmt: skip

    @property
    def at_home(self) -> Flags:
        """Which sales are deliveries."""
        return HOME[self.channel]


def _crowds(rng: Generator, weights: Floats, count: int) -> tuple[Ints, Ints]:
    """Return a day and a store for each sale, in the order of the days."""
    sales = rng.multinomial(count, (weights / weights.sum()).ravel())
    cell = np.repeat(np.arange(weights.size), sales)
    return np.divmod(cell, weights.shape[1])


def _hours(rng: Generator, days: Days, day: Ints, channel: Ints) -> Ints:
    weekday = days.weekday[day]
    late = (weekday == _FRIDAY) | (weekday == _SATURDAY)
    return Urn.of(hour_weights()).draw(rng, 2 * late + HOME[channel])


def _buyers(rng: Generator, customers: Customers, city: Ints, week: Ints, channel: Ints) -> Ints:
    known = ~chance(rng, by_channel("guests")[channel], len(city))
    buyers = np.full(len(city), GUEST)
    buyers[known] = customers.pick(rng, city[known], week[known])
    return buyers
