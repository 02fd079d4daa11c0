"""What the group sells: categories, products and add-on items, with prices in cents and seasons."""

from dataclasses import dataclass
from itertools import islice, product
from typing import Self

import numpy as np
from numpy.random import Generator

from servery.demo.draw import Floats, Ints

_SUMMER = (11, 0, 1)
_WINTER = (5, 6, 7)
SEASON = 4.0
"""In its season, a seasonal category sells this many times as much."""


@dataclass(frozen=True, slots=True)
class Category:
    """How the products of a category are named, priced, wanted and topped."""

    name: str
    products: int
    kinds: tuple[str, ...]
    flavours: tuple[str, ...]
    styles: tuple[str, ...]
    cheapest: int
    dearest: int
    share: float
    add_ons: float
    season: tuple[int, ...] = ()


CATEGORIES = (
    Category(
        "Hambúrgueres", 100, ("X-Burger", "Smash", "Sanduíche", "Wrap"),
        ("Picanha", "Costela", "Frango", "Bacon", "Cheddar", "Gorgonzola", "Veggie", "Fraldinha",
         "Calabresa"),
        ("da Casa", "Duplo", "Artesanal", "Kids"), 1890, 5290, 0.27, 0.42,
    ),
    Category(
        "Pizzas", 100, ("Pizza", "Calzone", "Brotinho"),
        ("Margherita", "Calabresa", "Portuguesa", "Quatro Queijos", "Frango com Catupiry", "Napolitana",
         "Pepperoni", "Palmito", "Rúcula"),
        ("Tradicional", "Especial", "Integral", "Família"), 2990, 9490, 0.18, 0.30,
    ),
    Category(
        "Pratos", 110, ("Filé", "Risoto", "Strogonoff", "Feijoada", "Moqueca", "Parmegiana", "Escondidinho"),
        ("de Carne", "de Frango", "de Camarão", "de Cogumelos"),
        ("Individual", "para Dois", "Executivo", "Light"), 2790, 11990, 0.20, 0.17,
    ),
    Category(
        "Bebidas", 80, ("Suco", "Refrigerante", "Chá Gelado", "Limonada"),
        ("de Laranja", "de Guaraná", "de Maracujá", "de Abacaxi", "de Limão", "de Acerola"),
        ("300 ml", "500 ml", "700 ml", "1 litro"), 590, 2290, 0.24, 0.02,
    ),
    Category(
        "Sorvetes", 60, ("Sorvete", "Picolé", "Sundae"),
        ("de Chocolate", "de Creme", "de Morango", "de Açaí", "de Coco"),
        ("Pequeno", "Médio", "Grande", "com Calda"), 990, 3490, 0.07, 0.40, _SUMMER,
    ),
    Category(
        "Sopas", 50, ("Sopa", "Caldo", "Creme"),
        ("de Feijão", "de Mandioquinha", "Verde", "de Legumes", "de Abóbora"),
        ("Pequeno", "Médio", "Grande", "com Torradas"), 1690, 3990, 0.04, 0.25, _WINTER,
    ),
)  # fmt: skip

_SAVOURY = (
    "Bacon", "Cheddar", "Catupiry", "Ovo", "Cebola Caramelizada", "Picles", "Alface", "Tomate", "Azeitona",
    "Milho", "Batata Palha", "Cogumelos", "Molho Barbecue", "Maionese Verde",
)  # fmt: skip
_SWEET = ("Calda de Chocolate", "Granulado", "Leite Condensado", "Castanhas", "Chantilly", "Morangos")
_HELPINGS = ("{}", "{} Extra", "Porção de {}")
ITEMS = tuple(helping.format(name) for name in (*_SAVOURY, *_SWEET) for helping in _HELPINGS)
"""The add-ons; those of the savoury dishes come first."""
_SAVOURY_ITEMS = len(_SAVOURY) * len(_HELPINGS)


@dataclass(frozen=True, slots=True)
class Menu:
    """Products and items in the order of their ids; an id is a place plus one."""

    names: tuple[str, ...]
    category: Ints
    price: Ints
    popularity: Floats
    item_price: Ints

    @classmethod
    def of(cls, rng: Generator) -> Self:
        """Write the menu: names are combinations of parts, prices end in 90 cents."""
        category = np.repeat(np.arange(len(CATEGORIES)), [c.products for c in CATEGORIES])
        low, high = (np.array([(c.cheapest, c.dearest) for c in CATEGORIES])[category]).T
        return cls(
            names=tuple(name for c in CATEGORIES for name in _names(c)),
            category=category,
            price=rng.integers(low, high, len(category)) // 100 * 100 + 90,
            popularity=_popularity(rng, category),
            item_price=rng.integers(2, 9, len(ITEMS)) * 100 + 50,
        )

    def weights(self) -> Floats:
        """Return how wanted each product is, one row for each month of the year."""
        rows = np.tile(self.popularity, (12, 1))
        for place, category in enumerate(CATEGORIES):
            rows[np.ix_(category.season, self.category == place)] *= SEASON
        return rows


def item_weights() -> Floats:
    """Return which add-ons go with each category: sweet ones with ice cream only."""
    sweet = np.arange(len(ITEMS)) >= _SAVOURY_ITEMS
    rows = [sweet if category.name == "Sorvetes" else ~sweet for category in CATEGORIES]
    # The first helpings of the list are the popular ones.
    return np.array(rows) / (10.0 + np.arange(len(ITEMS)) % _SAVOURY_ITEMS)


def _names(category: Category) -> list[str]:
    parts = product(category.styles, category.flavours, category.kinds)
    return [f"{kind} {flavour} {style}" for style, flavour, kind in islice(parts, category.products)]


def _popularity(rng: Generator, category: Ints) -> Floats:
    """Within its category a product's rank decides; the categories keep their shares."""
    weights = np.empty(len(category))
    for place, each in enumerate(CATEGORIES):
        ranks = rng.permutation(each.products) + 4.0
        weights[category == place] = each.share * (1 / ranks) / (1 / ranks).sum()
    return weights
