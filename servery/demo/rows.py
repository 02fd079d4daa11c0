"""The five big tables: a run of sales as tuples of each."""

import numpy as np

from db.copy import Target
from servery.demo.bills import REASONS, STATUSES
from servery.demo.binary import Field, Labels, int4, int8, money, tuples
from servery.demo.deliveries import COURIERS
from servery.demo.draw import Ints
from servery.demo.lookups import SCHEMA
from servery.demo.places import CITIES, DISTRICTS
from servery.demo.restaurant import Restaurant, Run
from servery.demo.visits import GUEST

_STATUSES = Labels.of(STATUSES)
_REASONS = Labels.of(REASONS)
_DISTRICTS = Labels.of(DISTRICTS)
_COURIERS = Labels.of(COURIERS)
_CITIES = Labels.of([city.name for city in CITIES])
_STATES = Labels.of([city.state for city in CITIES])

SALES = Target(
    SCHEMA,
    "sales",
    (
        "id", "store_id", "sub_brand_id", "channel_id", "customer_id", "created_at", "status",
        "total_amount_items", "total_discount", "service_fee", "delivery_fee", "total_amount", "value_paid",
        "discount_reason", "production_seconds", "delivery_seconds", "people_quantity",
    ),
)  # fmt: skip
LINES = Target(
    SCHEMA, "product_sales", ("id", "sale_id", "product_id", "quantity", "base_price", "total_price")
)
ADD_ONS = Target(SCHEMA, "item_product_sales", ("id", "product_sale_id", "item_id", "quantity", "price"))
PAYMENTS = Target(SCHEMA, "payments", ("id", "sale_id", "payment_type_id", "value"))
DELIVERIES = Target(SCHEMA, "delivery_sales", ("sale_id", "neighborhood", "city", "state", "courier_type"))

TARGETS = (SALES, LINES, ADD_ONS, PAYMENTS, DELIVERIES)
"""The big tables; the largest loads come first."""


def encode(restaurant: Restaurant, run: Run) -> tuple[bytes, ...]:
    """Return the run's tuples for each of TARGETS, in their order."""
    return (
        _sales(restaurant, run),
        _lines(run),
        _add_ons(run),
        _payments(run),
        _deliveries(restaurant, run),
    )


def _sales(restaurant: Restaurant, run: Run) -> bytes:
    visits, bills = run.visits, run.bills
    total = money(bills.total)
    return tuples(
        int8(_numbers(run.first.sale, len(run))),
        int4(1 + visits.store),
        int4(1 + restaurant.stores.sub_brand[visits.store]),
        int4(1 + visits.channel),
        int4(1 + visits.customer, absent=visits.customer == GUEST),
        int8(visits.created),
        _STATUSES.at(bills.cancelled.astype(np.int64)),
        money(bills.items),
        money(bills.discount),
        money(bills.service),
        money(bills.delivery),
        total,
        total,
        _REASONS.at(bills.reason),
        int4(bills.kitchen_seconds, absent=bills.not_measured),
        _delivery_seconds(run),
        int4(bills.people, absent=visits.at_home),
    )


def _delivery_seconds(run: Run) -> Field:
    seconds = np.zeros(len(run), dtype=np.int64)
    seconds[run.deliveries.sale] = run.deliveries.seconds
    return int4(seconds, absent=~run.visits.at_home)


def _lines(run: Run) -> bytes:
    lines = run.lines
    return tuples(
        int8(_numbers(run.first.line, len(lines))),
        int8(run.first.sale + lines.sale),
        int4(1 + lines.product),
        int4(lines.quantity),
        money(lines.base_price),
        money(lines.total),
    )


def _add_ons(run: Run) -> bytes:
    add_ons = run.lines.add_ons
    return tuples(
        int8(_numbers(run.first.add_on, len(add_ons))),
        int8(run.first.line + add_ons.line),
        int4(1 + add_ons.item),
        int4(add_ons.quantity),
        money(add_ons.price),
    )


def _payments(run: Run) -> bytes:
    payments = run.payments
    return tuples(
        int8(_numbers(run.first.payment, len(payments))),
        int8(run.first.sale + payments.sale),
        int4(1 + payments.kind),
        money(payments.cents),
    )


def _deliveries(restaurant: Restaurant, run: Run) -> bytes:
    deliveries = run.deliveries
    city = restaurant.stores.city[run.visits.store[deliveries.sale]]
    return tuples(
        int8(run.first.sale + deliveries.sale),
        _DISTRICTS.at(deliveries.district),
        _CITIES.at(city),
        _STATES.at(city),
        _COURIERS.at(deliveries.courier),
    )


def _numbers(first: int, count: int) -> Ints:
    return np.arange(first, first + count)
