"""Who comes back: customers, how often they buy, when they join and when they are lost."""

from dataclasses import dataclass
from itertools import product
from typing import Self

import numpy as np
from numpy.random import Generator

from servery.demo.draw import Flags, Floats, Ints, Urn, chance
from servery.demo.places import CITIES
from servery.demo.shape import Days

SALES_FOR_EACH = 50
"""There is one customer for this many sales, guests' sales counted too."""
_FEWEST = 50
_KNOWN_BEFORE = 0.35
_LEAVES = 0.40
_STAYS_WEEKS = 22.0
_SKEW = 1.15
_NO_BIRTH_DATE = 0.3

_FIRST = (
    "Ana", "Bruno", "Camila", "Daniel", "Eduarda", "Felipe", "Gabriela", "Henrique", "Isabela", "João",
    "Larissa", "Marcos", "Natália", "Otávio", "Patrícia", "Rafael", "Sofia", "Thiago", "Vanessa", "Wesley",
)  # fmt: skip
_MIDDLE = ("Almeida", "Barbosa", "Cardoso", "Dias", "Esteves", "Farias", "Gomes", "Lima", "Moura", "Nunes")
_LAST = ("Silva", "Souza", "Oliveira", "Santos", "Pereira", "Costa", "Ferreira", "Ribeiro", "Rocha", "Teles")
_NAMES = tuple(" ".join(parts) for parts in product(_FIRST, _MIDDLE, _LAST))

_DAY = 86_400_000_000
_MINUTE = 60_000_000


@dataclass(frozen=True, slots=True)
class Customers:
    """The customers in the order of their ids, oldest first; an id is a place plus one."""

    names: tuple[str, ...]
    emails: tuple[str, ...]
    birth_day: Ints
    """Days since 2000-01-01."""
    no_birth_date: Flags
    city: Ints
    joined: Ints
    """The first week in which a customer buys; below zero for those known before."""
    left: Ints
    """The week from which a customer buys no more."""
    appetite: Floats

    @classmethod
    def of(cls, rng: Generator, days: Days, sales: int) -> Self:
        """Draw the customers that go with so many sales."""
        count = max(_FEWEST, sales // SALES_FOR_EACH)
        names = tuple(_NAMES[n] for n in rng.integers(0, len(_NAMES), count))
        joined, left = _lifetimes(rng, weeks(days), count)
        return cls(
            names=names,
            emails=tuple(_email(name, place) for place, name in enumerate(names, start=1)),
            birth_day=rng.integers(-16_000, 3_000, count),
            no_birth_date=chance(rng, _NO_BIRTH_DATE, count),
            city=_cities(rng, count),
            joined=joined,
            left=left,
            appetite=np.exp(_SKEW * rng.standard_normal(count)),
        )

    def __len__(self) -> int:
        return len(self.names)

    def pick(self, rng: Generator, city: Ints, week: Ints) -> Ints:
        """Return a customer of the city who buys in that week, for each pair."""
        chosen = np.empty(len(city), dtype=np.int64)
        every_week = np.arange(week.max(initial=0) + 1)[:, None]
        for place in range(len(CITIES)):
            (here,) = np.nonzero(self.city == place)
            buys = (self.joined[here] <= every_week) & (every_week < self.left[here])
            wanted = city == place
            chosen[wanted] = here[Urn.of(buys * self.appetite[here]).draw(rng, week[wanted])]
        return chosen

    def created(self, rng: Generator, days: Days, customer: Ints, bought: Ints) -> Ints:
        """Return when each customer signed up: before the first purchase, and new ones just before it.

        `bought` are the times of the purchases by `customer`, in ascending order.
        """
        signed: Ints = days.midnight[0] - rng.integers(0, 365 * _DAY, len(self))
        new = self.joined >= 0
        signed[new] = days.midnight[self.joined[new] * 7] + rng.integers(0, _DAY, int(new.sum()))
        buyers, first = np.unique(customer, return_index=True)
        before = bought[first] - rng.integers(_MINUTE, 20 * _MINUTE, len(first))
        signed[buyers] = np.where(new[buyers], before, signed[buyers])
        return signed


def weeks(days: Days) -> int:
    """Return how many weeks the days fill; the last may be short."""
    return -(-len(days) // 7)


def _lifetimes(rng: Generator, last: int, count: int) -> tuple[Ints, Ints]:
    known = chance(rng, _KNOWN_BEFORE, count)
    joined = np.sort(np.where(known, -1, rng.integers(0, last, count)))
    stays = 1 + rng.exponential(_STAYS_WEEKS, count).astype(np.int64)
    left = np.where(chance(rng, _LEAVES, count), np.maximum(joined, 0) + stays, last)
    # One customer of each city is there all the time, so that no week of a city has nobody to pick.
    joined[: len(CITIES)] = -1
    left[: len(CITIES)] = last
    return joined, left


def _cities(rng: Generator, count: int) -> Ints:
    city = Urn.of([city.stores for city in CITIES]).draw_many(rng, count)
    city[: len(CITIES)] = np.arange(len(CITIES))
    return city


_PLAIN = str.maketrans("áâãéêíóôõúç", "aaaeeiooouc")


def _email(name: str, place: int) -> str:
    first, *_, last = name.lower().translate(_PLAIN).split()
    return f"{first}.{last}{place}@example.com"
