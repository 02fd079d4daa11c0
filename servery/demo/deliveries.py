"""How deliveries go: where to, by whom, and how long they take."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.random import Generator

from servery.demo.bills import rush
from servery.demo.channels import by_channel
from servery.demo.draw import Floats, Ints, Urn, chance, skewed
from servery.demo.places import CITIES, DISTRICTS
from servery.demo.visits import Visits

COURIERS = ("Marketplace", "Própria", "Terceirizada")
NO_DISTRICT = -1
_COURIERS = Urn.of([[1, 0, 0], [85, 15, 0], [80, 10, 10], [90, 0, 10], [0, 70, 30], [0, 55, 45]])
_DISTRICT_UNKNOWN = 0.04
_ROAD_SKEW = 0.42
_NEAR, _FAR = 0.7, 1.5

_FIRST_DISTRICT = np.cumsum([0, *(len(city.districts) for city in CITIES[:-1])])
_MOST = max(len(city.districts) for city in CITIES)


@dataclass(frozen=True, slots=True)
class Deliveries:
    """One element for each delivery; `sale` is a place among the sales, in ascending order."""

    sale: Ints
    district: Ints
    """A place in DISTRICTS, NO_DISTRICT where nobody noted it."""
    courier: Ints
    seconds: Ints

    @classmethod
    def of(cls, rng: Generator, visits: Visits, city: Ints) -> Self:
        """Deliver each visit through a delivery channel; `city` is where each visit's store is."""
        (sale,) = np.nonzero(visits.at_home)
        district = _FIRST_DISTRICT[city[sale]] + _DISTRICTS.draw(rng, city[sale])
        minutes = by_channel("road_minutes")[visits.channel[sale]] * _DISTANCE[district]
        unknown = chance(rng, _DISTRICT_UNKNOWN, len(sale))
        return cls(
            sale=sale,
            district=np.where(unknown, NO_DISTRICT, district),
            courier=_COURIERS.draw(rng, visits.channel[sale]),
            seconds=skewed(rng, 60 * minutes * rush(visits)[sale], _ROAD_SKEW),
        )

    def __len__(self) -> int:
        return len(self.sale)


def _district_weights() -> Floats:
    """Return one row for each city, as wide as the city with the most districts."""
    place = np.arange(_MOST)
    inside = place < np.array([len(city.districts) for city in CITIES])[:, None]
    return inside / (3.0 + place)


def _distances() -> Floats:
    """Return how far each district is, as a factor of time; neighbours in the list differ clearly."""
    scattered = np.arange(len(DISTRICTS), dtype=np.float64) * 0.618 % 1.0
    return np.asarray(_NEAR + (_FAR - _NEAR) * scattered, dtype=np.float64)


_DISTRICTS = Urn.of(_district_weights())
_DISTANCE = _distances()
