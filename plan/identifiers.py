"""Names in SQL: quoted where they must be, plain where they may be."""

import re
from hashlib import sha256

from sqlglot import exp
from sqlglot.dialects.postgres import Postgres

from model.table import Table

LONGEST = 63
_PLAIN = re.compile(r"[a-z_][a-z0-9_]*")
_WORDS = {word.lower() for word in Postgres.Tokenizer.KEYWORDS if word.isalpha()}


def identifier(name: str) -> exp.Identifier:
    """`name` exactly as it is in the database; quoted unless PostgreSQL reads it the same without."""
    plain = _PLAIN.fullmatch(name) is not None and name not in _WORDS
    return exp.to_identifier(name, quoted=not plain)


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
