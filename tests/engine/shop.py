"""The tables of the shop: columns, keys, and which row of which table a row looks up."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Row = Mapping[str, Any]
Shop = Mapping[str, Sequence[Row]]
"""A data set: the rows of each table."""


@dataclass(frozen=True, slots=True)
class Lookup:
    """`own` is the same as `theirs` and, where `at` is told, lies in what their row is valid for."""

    own: str
    theirs: str
    at: str = ""

    def finds(self, row: Row, other: Row) -> bool:
        return (
            row[self.own] is not None and row[self.own] == other[self.theirs] and self._is_valid(row, other)
        )

    def _is_valid(self, row: Row, other: Row) -> bool:
        """From the first day until just before the last; without a last one it is open."""
        if not self.at:
            return True
        day = row[self.at]
        if day is None or day < other["valid_from"]:
            return False
        return other["valid_to"] is None or bool(day < other["valid_to"])


@dataclass(frozen=True, slots=True)
class Table:
    """`looks_up` names the tables that a row finds one row of at most.

    A table in a role has the rows of another one.
    """

    name: str
    key: tuple[str, ...] = ("id",)
    columns: Mapping[str, str] = field(default_factory=dict)
    looks_up: Mapping[str, Lookup] = field(default_factory=dict)
    role_of: str = ""

    def key_of(self, row: Row) -> tuple[Any, ...]:
        return tuple(row[column] for column in self.key)

    def rows(self, shop: Shop) -> Sequence[Row]:
        return shop[self.role_of or self.name]


CUSTOMERS = {
    "id": "int",
    "name": "text",
    "region": "text",
    "country": "text",
    "vip": "boolean",
    "joined_on": "date",
}
ORDERS = {
    "id": "int",
    "customer_id": "int",
    "ship_to": "text",
    "ordered_at": "timestamptz",
    "due_on": "date",
    "packed_at": "timestamp",
    "status": "text",
    "amount": "numeric(12,2)",
    "shipping": "numeric(12,2)",
    "weight": "float8",
}
ITEMS = {"id": "int", "order_id": "int", "category": "text", "qty": "int", "price": "numeric(12,2)"}
TICKETS = {"id": "int", "customer_id": "int", "opened_at": "timestamp", "minutes": "int"}
BALANCES = {"day": "date", "acct": "text", "branch": "text", "amount": "int"}
TIERS = {"status": "text", "valid_from": "date", "valid_to": "date", "tier": "text"}

TABLES = {
    table.name: table
    for table in (
        Table("countries", ("code",), {"code": "text", "name": "text", "continent": "text"}),
        Table("customers", columns=CUSTOMERS, looks_up={"countries": Lookup("country", "code")}),
        Table(
            "orders",
            columns=ORDERS,
            looks_up={
                "customers": Lookup("customer_id", "id"),
                "destinations": Lookup("ship_to", "code"),
                "tiers": Lookup("status", "status", at="due_on"),
            },
        ),
        Table("items", columns=ITEMS, looks_up={"orders": Lookup("order_id", "id")}),
        Table("tickets", columns=TICKETS, looks_up={"customers": Lookup("customer_id", "id")}),
        Table("tags", columns={"id": "int", "label": "text"}),
        Table(
            "order_tags",
            ("order_id", "tag_id"),
            {"order_id": "int", "tag_id": "int"},
            {"orders": Lookup("order_id", "id"), "tags": Lookup("tag_id", "id")},
        ),
        Table("tiers", ("status", "valid_from"), TIERS),
        Table("balances", ("day", "acct"), BALANCES),
        Table("destinations", ("code",), role_of="countries"),
    )
}
STORED = {name: table for name, table in TABLES.items() if not table.role_of}
"""The tables that the database has."""


def create_statements() -> str:
    """The tables in SQL, all of them empty."""
    return "\n".join(_created(table) for table in STORED.values())


def _created(table: Table) -> str:
    columns = ", ".join(f'"{name}" {kind}' for name, kind in table.columns.items())
    return f"create table {table.name} ({columns}, primary key ({', '.join(table.key)}));"


def looked_up(table: str) -> frozenset[str]:
    """The tables of which a row of `table` finds one row at most, itself included."""
    above = (looked_up(other) for other in TABLES[table].looks_up)
    return frozenset({table}).union(*above)


def neighbours(table: str) -> frozenset[str]:
    """The tables that are one join away."""
    below = {name for name, other in TABLES.items() if table in other.looks_up}
    return frozenset({*TABLES[table].looks_up, *below})


def connected(table: str) -> frozenset[str]:
    """Every table that joins lead to, up or down. There is one way to each: the joins form trees."""
    found = frozenset({table})
    while (wider := found.union(*map(neighbours, found))) != found:
        found = wider
    return found


def beyond(table: str, origin: str) -> frozenset[str]:
    """`table` and all that lies behind it, seen from its neighbour `origin`."""
    return frozenset({table}).union(*(beyond(each, table) for each in neighbours(table) - {origin}))


def way(table: str, other: str) -> frozenset[str]:
    """The tables on the way from one to the other, both included."""
    if table == other:
        return frozenset({table})
    following = next(each for each in neighbours(table) if other in beyond(each, table))
    return way(following, other) | {table}


TWO_WAYS = {"countries": frozenset({"customers"}) | beyond("orders", "customers")}
"""What lies below a table by more than one way, so that none is taken: by customers, and by destinations."""


def below(table: str) -> frozenset[str]:
    """The tables that a filter asks for some row of: many rows may meet one, and what those look up.

    What was valid for a time is looked up only.
    """
    under = [
        name for name, other in TABLES.items() if table in other.looks_up and not other.looks_up[table].at
    ]
    found = frozenset().union(*(looked_up(name) | below(name) for name in under))
    return found - looked_up(table) - TWO_WAYS.get(table, frozenset())
