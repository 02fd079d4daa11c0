"""Nodes of SQL trees made directly: the builder's own functions would read each from text again."""

from sqlglot import exp

from model.expression import DIALECT

TYPES = {
    name: exp.DataType.build(name, dialect=DIALECT)
    for base in ("bigint", "text", "numeric", "double precision", "date", "timestamp", "timestamptz")
    for name in (base, f"{base}[]")
} | {name: exp.DataType.build(name, dialect=DIALECT) for name in ("int", "interval")}
"""The types that values and expressions are cast to, by PostgreSQL's names."""


def cast(value: exp.Expr, type_: str) -> exp.Cast:
    """`value` as a type of TYPES."""
    return exp.Cast(this=value, to=TYPES[type_].copy())


def left_join(found: exp.Select, source: exp.Expr, on: exp.Expr) -> exp.Select:
    """`found` itself, joined."""
    found.append("joins", exp.Join(this=source, on=on, side="LEFT"))
    return found


def cross_join(found: exp.Select, source: exp.Expr) -> exp.Select:
    """`found` itself, with each of its rows beside each of `source`."""
    found.append("joins", exp.Join(this=source, kind="CROSS"))
    return found
