"""Expressions that are null wherever all their columns are, as they are for a row that was not found."""

from sqlglot import exp

from model.expression import LOCAL, Sql

STRICT = (
    exp.Column,
    exp.Identifier,
    exp.Literal,
    exp.Boolean,
    exp.Paren,
    exp.Neg,
    exp.Not,
    exp.Add,
    exp.Sub,
    exp.Mul,
    exp.Div,
    exp.Mod,
    exp.DPipe,
    exp.EQ,
    exp.NEQ,
    exp.GT,
    exp.GTE,
    exp.LT,
    exp.LTE,
    exp.Like,
    exp.ILike,
    exp.Cast,
    exp.DataType,
    exp.DataTypeParam,
    exp.Extract,
    exp.Var,
    exp.AtTimeZone,
    exp.Lower,
    exp.Upper,
)
"""Each is null when an operand is."""


def is_strict(sql: Sql) -> bool:
    """Whether the expression certainly reads a column and is null when its columns are."""
    return bool(sql.columns) and all(
        isinstance(node, STRICT) or (isinstance(node, exp.Anonymous) and node.name.lower() == LOCAL)
        for node in sql.tree.walk()
    )
