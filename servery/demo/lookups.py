"""The small tables: what sales refer to, each as one chunk of tuples."""

from collections.abc import Sequence
from datetime import date

import numpy as np

from db.copy import Target
from servery.demo.binary import Field, Labels, float8, int4, int8, money, tuples
from servery.demo.channels import CHANNELS, PAYMENT_TYPES
from servery.demo.draw import Ints
from servery.demo.menu import CATEGORIES, ITEMS
from servery.demo.places import BRANDS, CITIES, SUB_BRANDS
from servery.demo.restaurant import Restaurant

SCHEMA = "restaurant"
_SUB_BRANDS_EACH = len(SUB_BRANDS) // len(BRANDS)


def lookup_tables(restaurant: Restaurant) -> tuple[tuple[Target, bytes], ...]:
    """Return every small table with its tuples."""
    menu = restaurant.menu
    return (
        _table("brands", name=_texts(BRANDS)),
        _table("sub_brands", brand_id=int4(brand_of(np.arange(len(SUB_BRANDS)))), name=_texts(SUB_BRANDS)),
        _table(
            "channels",
            name=_texts([channel.name for channel in CHANNELS]),
            type=_texts([channel.kind for channel in CHANNELS]),
        ),
        _stores(restaurant),
        _table("categories", name=_texts([category.name for category in CATEGORIES])),
        _table(
            "products", category_id=int4(1 + menu.category), name=_texts(menu.names), price=money(menu.price)
        ),
        _table("items", name=_texts(ITEMS), price=money(menu.item_price)),
        _customers(restaurant),
        _table("payment_types", name=_texts(PAYMENT_TYPES)),
    )


def brand_of(sub_brand: Ints) -> Ints:
    """Return the id of the brand of each sub-brand's place."""
    return 1 + sub_brand // _SUB_BRANDS_EACH


def _stores(restaurant: Restaurant) -> tuple[Target, bytes]:
    stores = restaurant.stores
    return _table(
        "stores",
        brand_id=int4(brand_of(stores.sub_brand)),
        sub_brand_id=int4(1 + stores.sub_brand),
        name=_texts(stores.names),
        city=Labels.of([city.name for city in CITIES]).at(stores.city),
        state=Labels.of([city.state for city in CITIES]).at(stores.city),
        district=_texts(stores.districts),
        latitude=float8(stores.latitude),
        longitude=float8(stores.longitude),
        opened_on=int4(np.array([(day - date(2000, 1, 1)).days for day in stores.opened])),
    )


def _customers(restaurant: Restaurant) -> tuple[Target, bytes]:
    customers = restaurant.customers
    return _table(
        "customers",
        name=_texts(customers.names),
        email=_texts(customers.emails),
        birth_date=int4(customers.birth_day, absent=customers.no_birth_date),
        created_at=int8(restaurant.signed_up),
    )


def _texts(texts: Sequence[str]) -> Field:
    return Labels.of(texts).each()


def _table(table: str, /, **fields: Field) -> tuple[Target, bytes]:
    """Number the rows from one, and put the number first."""
    rows = next(iter(fields.values())).rows
    numbers = int4(np.arange(1, rows + 1))
    return Target(SCHEMA, table, ("id", *fields)), tuples(numbers, *fields.values())
