"""Names in SQL."""

from hashlib import sha256

from sqlglot import exp

from model.table import Table

LONGEST = 63


def identifier(name: str) -> exp.Identifier:
    """`name` exactly as it is in the database.

    Always quoted: a bare `user` is a function and `order` a syntax error, and which words are reserved
    differs from one PostgreSQL to the next.
    """
    return exp.to_identifier(name, quoted=True)


def short(alias: str) -> str:
    """An alias that PostgreSQL, which keeps 63 bytes of a name, does not cut: cut ones could be the same."""
    if len(alias.encode()) <= LONGEST:
        return alias
    return f"{alias[: LONGEST - 9]}_{sha256(alias.encode()).hexdigest()[:8]}"


def column(alias: str, name: str) -> exp.Column:
    return exp.Column(this=identifier(name), table=identifier(alias))


def table(source: Table, alias: str) -> exp.Table:
    """The table under its alias."""
    *schema, name = source.source
    return exp.Table(
        this=identifier(name),
        db=identifier(schema[0]) if schema else None,
        alias=exp.TableAlias(this=identifier(alias)),
    )


def qualified(tree: exp.Expr, alias: str) -> exp.Expr:
    """A copy of a model's expression whose columns are those of `alias`.

    An unquoted name is folded to small letters, as PostgreSQL does.
    """

    def rename(node: exp.Expr) -> exp.Expr:
        if not isinstance(node, exp.Column):
            return node
        inner = node.this
        name = inner.name if inner.args.get("quoted") else inner.name.lower()
        return column(alias, name)

    return tree.copy().transform(rename, copy=False)
