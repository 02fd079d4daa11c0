"""The shop's metrics as Python: which rows each aggregates, what it makes of them, and the formulas."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.engine import aggregates as make
from tests.engine.clock import Clock, instant_of
from tests.engine.dimensions import DIMENSIONS, NEW_YORK
from tests.engine.joining import Joined
from tests.engine.shop import Row

Computed = Mapping[str, Any]
Value = Callable[[Row], Any]
Condition = Callable[[Joined, Clock], bool]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Only the rows of the last (or first) `over` of each `per` count, inside each bucket of time."""

    over: str
    per: tuple[str, ...] = ()
    first: bool = False


@dataclass(frozen=True, slots=True)
class Aggregate:
    """`make` gets of each row that `counts` what `value` says; `exact` tells how close an answer must be."""

    table: str
    make: Callable[[make.Values], Any]
    value: Value = lambda _: 1
    counts: Condition = lambda _row, _clock: True
    snapshot: Snapshot | None = None
    exact: bool = True


@dataclass(frozen=True, slots=True)
class Formula:
    """`is_whole` where it has shares: a ratio has none."""

    inputs: tuple[str, ...]
    make: Callable[[Computed], make.Number | None]
    exact: bool = False
    is_ratio: bool = False


Measure = Aggregate | Formula


def _of(name: str) -> Value:
    return lambda row: row[name]


def _times(left: str, right: str) -> Value:
    return lambda row: None if None in {row[left], row[right]} else row[left] * row[right]


def _wall(row: Row) -> Any:
    return None if row["opened_at"] is None else instant_of(row["opened_at"], NEW_YORK)


def _has(table: str, column: str, *values: object) -> Condition:
    def holds(row: Joined, clock: Clock) -> bool:
        found = row.get(table)
        return found is not None and found[column] in values

    return holds


def _paid_overseas(row: Joined, clock: Clock) -> bool:
    return PAID(row, clock) and _has("countries", "continent", "Asia", "Europe")(row, clock)


def _in_the_evening(row: Joined, clock: Clock) -> bool:
    own = row["orders"]
    return own is not None and DIMENSIONS["evening"].value(own, clock) is True


def _is_dear(row: Joined, clock: Clock) -> bool:
    own = row["items"]
    return own is not None and own["price"] is not None and own["price"] > 10


def _ratio(above: str, below: str) -> Formula:
    return Formula((above, below), lambda found: make.quotient(found[above], found[below]), is_ratio=True)


def _net(found: Computed) -> make.Number | None:
    return make.difference(found["revenue"], found["shipping_paid"])


def _effort(found: Computed) -> make.Number | None:
    minutes = found["minutes_spent"]
    return None if minutes is None else make.difference(minutes * 2, found["revenue"])


PAID = _has("orders", "status", "paid")
PER_ACCOUNT = Snapshot("day", ("acct",))

MEASURES: Mapping[str, Measure] = {
    "countries_known": Aggregate("countries", make.count),
    "customers_known": Aggregate("customers", make.count),
    "vips": Aggregate("customers", make.count, counts=_has("customers", "vip", True)),
    "orders_made": Aggregate("orders", make.count),
    "amounts_noted": Aggregate("orders", make.count, _of("amount")),
    "revenue": Aggregate("orders", make.total, _of("amount")),
    "shipping_paid": Aggregate("orders", make.total, _of("shipping")),
    "paid_revenue": Aggregate("orders", make.total, _of("amount"), PAID),
    "paid_orders": Aggregate("orders", make.count, counts=PAID),
    "vip_revenue": Aggregate("orders", make.total, _of("amount"), _has("customers", "vip", True)),
    "overseas_orders": Aggregate("orders", make.count, counts=_paid_overseas),
    "evening_orders": Aggregate("orders", make.count, counts=_in_the_evening),
    "buyers": Aggregate("orders", make.distinct, _of("customer_id")),
    "mean_amount": Aggregate("orders", make.average, _of("amount"), exact=False),
    "smallest_amount": Aggregate("orders", make.smallest, _of("amount")),
    "largest_amount": Aggregate("orders", make.largest, _of("amount")),
    "usual_amount": Aggregate("orders", make.percentile(0.5), _of("amount"), exact=False),
    "high_amount": Aggregate("orders", make.percentile(0.9), _of("amount"), exact=False),
    "total_weight": Aggregate("orders", make.total, _of("weight"), exact=False),
    "first_order": Aggregate("orders", make.smallest, _of("ordered_at")),
    "last_due": Aggregate("orders", make.largest, _of("due_on")),
    "last_status": Aggregate("orders", make.largest, _of("status")),
    "paid_rate": _ratio("paid_orders", "orders_made"),
    "net_revenue": Formula(("revenue", "shipping_paid"), _net, exact=True),
    "net_per_order": Formula(
        ("revenue", "shipping_paid", "orders_made"),
        lambda found: make.quotient(_net(found), found["orders_made"]),
    ),
    "lines_sold": Aggregate("items", make.count),
    "quantity_sold": Aggregate("items", make.total, _of("qty")),
    "sales": Aggregate("items", make.total, _times("qty", "price")),
    "dear_lines": Aggregate("items", make.count, counts=_is_dear),
    "orders_with_lines": Aggregate("items", make.distinct, _of("order_id")),
    "mean_quantity": Aggregate("items", make.average, _of("qty"), exact=False),
    "median_quantity": Aggregate("items", make.percentile(0.5), _of("qty"), exact=False),
    "mean_price": _ratio("sales", "quantity_sold"),
    "tickets_opened": Aggregate("tickets", make.count),
    "minutes_spent": Aggregate("tickets", make.total, _of("minutes")),
    "longest_ticket": Aggregate("tickets", make.largest, _of("minutes")),
    "last_ticket": Aggregate("tickets", make.largest, _wall),
    "tags_known": Aggregate("tags", make.count),
    "taggings": Aggregate("order_tags", make.count),
    "orders_tagged": Aggregate("order_tags", make.distinct, _of("order_id")),
    "tiers_known": Aggregate("tiers", make.count),
    "balance_rows": Aggregate("balances", make.count),
    "balance_sum": Aggregate("balances", make.total, _of("amount")),
    "closing": Aggregate("balances", make.total, _of("amount"), snapshot=PER_ACCOUNT),
    "opening": Aggregate(
        "balances", make.total, _of("amount"), snapshot=Snapshot("day", ("acct",), first=True)
    ),
    "closing_day": Aggregate("balances", make.total, _of("amount"), snapshot=Snapshot("day")),
    "mean_closing": Aggregate("balances", make.average, _of("amount"), snapshot=PER_ACCOUNT, exact=False),
    "tickets_per_order": _ratio("tickets_opened", "orders_made"),
    "lines_per_order": _ratio("lines_sold", "orders_made"),
    "effort": Formula(("minutes_spent", "revenue"), _effort, exact=True),
}


def aggregates_of(name: str) -> dict[str, Aggregate]:
    """The aggregates that a metric is, or is computed from."""
    measure = MEASURES[name]
    if isinstance(measure, Aggregate):
        return {name: measure}
    return {each: found for part in measure.inputs for each, found in aggregates_of(part).items()}


def tables_of(name: str) -> frozenset[str]:
    """The tables whose rows a metric aggregates."""
    return frozenset(each.table for each in aggregates_of(name).values())
