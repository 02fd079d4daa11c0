"""Where the group is: brands, cities, districts and stores."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Self

import numpy as np
from numpy.random import Generator

from servery.demo.draw import Floats, Ints
from servery.demo.shape import Days

BRANDS = ("Brasa Viva", "Cantina Aurora", "Quintal da Praça")
# Two for each brand, in the brands' order.
SUB_BRANDS = ("Brasa Grill", "Brasa Burger", "Cantina Aurora", "Aurora Pizza", "Quintal", "Quintal Express")

GROWING_STORE = 6
"""The id of the store whose sales grow much faster than the others'."""
LATE_STORE = 50
"""The id of the store that opens half-way through the two years."""
_GROWTH_FROM, _GROWTH_TO = 0.4, 3.6


@dataclass(frozen=True, slots=True)
class City:
    """A city and its districts; stores stand in the first `stores` of them."""

    name: str
    state: str
    latitude: float
    longitude: float
    stores: int
    districts: tuple[str, ...]


CITIES = (
    City("São Paulo", "SP", -23.5505, -46.6333, 14, (
        "Moema", "Pinheiros", "Vila Mariana", "Itaim Bibi", "Tatuapé", "Perdizes", "Santana", "Brooklin",
        "Vila Madalena", "Lapa", "Mooca", "Bela Vista", "Butantã", "Saúde", "Ipiranga", "Jardins",
    )),
    City("Rio de Janeiro", "RJ", -22.9068, -43.1729, 8, (
        "Copacabana", "Ipanema", "Leblon", "Botafogo", "Tijuca", "Flamengo", "Barra da Tijuca", "Méier",
        "Laranjeiras", "Recreio",
    )),
    City("Belo Horizonte", "MG", -19.9167, -43.9345, 5, (
        "Savassi", "Lourdes", "Funcionários", "Pampulha", "Buritis", "Sion", "Castelo",
    )),
    City("Curitiba", "PR", -25.4284, -49.2733, 4, (
        "Batel", "Água Verde", "Bigorrilho", "Cabral", "Portão", "Juvevê",
    )),
    City("Porto Alegre", "RS", -30.0346, -51.2177, 4, (
        "Moinhos de Vento", "Cidade Baixa", "Menino Deus", "Petrópolis", "Bom Fim", "Auxiliadora",
    )),
    City("Salvador", "BA", -12.9777, -38.5016, 3, (
        "Pituba", "Rio Vermelho", "Barra", "Graça", "Itaigara", "Brotas",
    )),
    City("Recife", "PE", -8.0476, -34.8770, 3, (
        "Boa Viagem", "Casa Forte", "Espinheiro", "Graças", "Madalena",
    )),
    City("Fortaleza", "CE", -3.7319, -38.5267, 3, (
        "Meireles", "Aldeota", "Varjota", "Cocó", "Benfica",
    )),
    City("Brasília", "DF", -15.7939, -47.8828, 3, (
        "Asa Sul", "Asa Norte", "Lago Sul", "Sudoeste", "Águas Claras",
    )),
    City("Campinas", "SP", -22.9056, -47.0608, 3, (
        "Cambuí", "Taquaral", "Barão Geraldo", "Guanabara", "Nova Campinas",
    )),
)  # fmt: skip
DISTRICTS = tuple(district for city in CITIES for district in city.districts)
"""Every district, city after city."""


@dataclass(frozen=True, slots=True)
class Stores:
    """The stores in the order of their ids; a store's id is its place plus one."""

    names: tuple[str, ...]
    districts: tuple[str, ...]
    opened: tuple[date, ...]
    city: Ints
    sub_brand: Ints
    latitude: Floats
    longitude: Floats

    @classmethod
    def of(cls, rng: Generator, days: Days) -> Self:
        """Place the stores: one in each of a city's first districts."""
        spots = [(place, name) for place, city in enumerate(CITIES) for name in city.districts[: city.stores]]
        city = np.array([place for place, _ in spots])
        # Steps of five walk through all six, so that each city has stores of several sub-brands.
        sub_brand = np.arange(len(spots)) * 5 % len(SUB_BRANDS)
        return cls(
            names=tuple(f"{SUB_BRANDS[s]} {name}" for s, (_, name) in zip(sub_brand, spots, strict=True)),
            districts=tuple(name for _, name in spots),
            opened=_opening_days(rng, days, len(spots)),
            city=city,
            sub_brand=sub_brand,
            latitude=_near(rng, np.array([c.latitude for c in CITIES])[city]),
            longitude=_near(rng, np.array([c.longitude for c in CITIES])[city]),
        )

    def __len__(self) -> int:
        return len(self.names)

    def weights(self, rng: Generator, days: Days) -> Floats:
        """Return how busy each store is on each day, one row for each day."""
        size = np.exp(0.35 * rng.standard_normal(len(self)))
        weights = np.tile(size, (len(days), 1))
        weights[:, GROWING_STORE - 1] = np.geomspace(_GROWTH_FROM, _GROWTH_TO, len(days))
        since = np.array([(opened - days.first).days for opened in self.opened])
        weights[np.arange(len(days))[:, None] < since] = 0.0
        return weights


def _opening_days(rng: Generator, days: Days, count: int) -> tuple[date, ...]:
    opened = [days.first - timedelta(days=int(n)) for n in rng.integers(200, 4000, count)]
    opened[LATE_STORE - 1] = days.first + timedelta(days=len(days) // 2)
    return tuple(opened)


def _near(rng: Generator, centre: Floats) -> Floats:
    return np.round(centre + rng.uniform(-0.05, 0.05, len(centre)), 6)
