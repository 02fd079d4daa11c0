"""The tables of the shop: columns, keys, and which row of which table a row looks up."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Row = Mapping[str, Any]
Shop = Mapping[str, Sequence[Row]]
"""A data set: the rows of each table."""


@dataclass(frozen=True, slots=True)
class Table:
    """`looks_up` names for each table that a row finds one row of at most: own column, column there."""

    name: str
    key: tuple[str, ...]
    columns: Mapping[str, str]
    looks_up: Mapping[str, tuple[str, str]]

    def key_of(self, row: Row) -> tuple[Any, ...]:
        return tuple(row[column] for column in self.key)


TABLES = {
    table.name: table
    for table in (
        Table("countries", ("code",), {"code": "text", "name": "text", "continent": "text"}, {}),
        Table(
            "customers",
            ("id",),
            {
                "id": "int",
                "name": "text",
                "region": "text",
                "country": "text",
                "vip": "boolean",
                "joined_on": "date",
            },
            {"countries": ("country", "code")},
        ),
        Table(
            "orders",
            ("id",),
            {
                "id": "int",
                "customer_id": "int",
                "ordered_at": "timestamptz",
                "due_on": "date",
                "packed_at": "timestamp",
                "status": "text",
                "amount": "numeric(12,2)",
                "shipping": "numeric(12,2)",
                "weight": "float8",
            },
            {"customers": ("customer_id", "id")},
        ),
        Table(
            "items",
            ("id",),
            {"id": "int", "order_id": "int", "category": "text", "qty": "int", "price": "numeric(12,2)"},
            {"orders": ("order_id", "id")},
        ),
        Table(
            "tickets",
            ("id",),
            {"id": "int", "customer_id": "int", "opened_at": "timestamp", "minutes": "int"},
            {"customers": ("customer_id", "id")},
        ),
        Table("tags", ("id",), {"id": "int", "label": "text"}, {}),
        Table(
            "order_tags",
            ("order_id", "tag_id"),
            {"order_id": "int", "tag_id": "int"},
            {"orders": ("order_id", "id"), "tags": ("tag_id", "id")},
        ),
        Table(
            "balances",
            ("day", "acct"),
            {"day": "date", "acct": "text", "branch": "text", "amount": "int"},
            {},
        ),
    )
}


def create_statements() -> str:
    """The tables in SQL, all of them empty."""
    return "\n".join(_created(table) for table in TABLES.values())


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


def below(table: str) -> frozenset[str]:
    """The tables that a filter asks for some row of: many rows may meet one, and what those look up."""
    under = [name for name, other in TABLES.items() if table in other.looks_up]
    found = frozenset().union(*(looked_up(name) | below(name) for name in under))
    return found - looked_up(table)
