"""SQL expressions of the model file: parsed, restricted to what is safe, and kept as syntax trees."""

from collections.abc import Collection
from dataclasses import dataclass, field

from sqlglot import exp
from sqlglot.dialects.postgres import Postgres
from sqlglot.errors import ParseError, TokenError
from sqlglot.tokenizer_core import Token, TokenType

from model.faults import shown
from model.grammar import DIALECT, ExpressionRefused, check_allowed

LOCAL = "local"
"""`local(column)`: the column's local time in the question's zone. The plan writes it out."""

LONGEST = 4_000
DEEPEST = 100
"""Trees are parsed and written by functions that call themselves; these keep them far from their limit."""


@dataclass(frozen=True, slots=True)
class Sql:
    """An expression over the columns of one table (or, in a derived metric, over metrics).

    Equal when the text is equal. `tree` is shared: copy it before changing it.
    """

    text: str
    tree: exp.Expr = field(compare=False, repr=False)
    written: str = field(init=False, compare=False)
    """The tree as SQL, its names in quotes where they were: the same text may mean another column."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "written", self.tree.sql(DIALECT))

    @property
    def columns(self) -> tuple[str, ...]:
        """The names that it reads, in order, each once."""
        return tuple(dict.fromkeys(column.name for column in self.tree.find_all(exp.Column, bfs=False)))

    @property
    def placeholders(self) -> tuple[str, ...]:
        """The names of what is told when it is asked (`:tenant`)."""
        return tuple(dict.fromkeys(node.name for node in self.tree.find_all(exp.Placeholder)))

    @property
    def column(self) -> str | None:
        """The name of the column, when the expression is nothing else."""
        return self.tree.name if isinstance(self.tree, exp.Column) else None


def parse_expression(
    text: str, *, table: str, functions: Collection[str] = (), placeholders: Collection[str] = ()
) -> Sql:
    """`text` as a tree whose columns are bare names. `functions` are allowed beside the plain ones.

    Raises ExpressionRefused for anything but one expression over `table`'s own columns. Of placeholders
    (`:tenant`) only the named ones are allowed.
    """
    if len(text) > LONGEST:
        hint = "Make a generated column of it."
        raise ExpressionRefused(f"An expression has at most {LONGEST} characters, not {len(text)}.", hint)
    tree = _parsed(text)
    if _depth(tree) > DEEPEST:
        raise _too_deep()
    check_allowed(tree, text, functions, placeholders)
    _check_columns(tree, table)
    return Sql(text, tree)


def _parsed(text: str) -> exp.Expr:
    dialect = Postgres()
    try:
        tokens = dialect.tokenize(text)
        _check_tokens(tokens, text)
        trees = dialect.parser().parse_into(exp.Condition, tokens, text)
    except (ParseError, TokenError, TypeError):  # a compiled parser checks types
        hint = "Check brackets and quotes."
        raise ExpressionRefused(f"'{shown(text)}' is not one SQL expression.", hint) from None
    except RecursionError:
        raise _too_deep() from None
    if len(trees) != 1 or not isinstance(trees[0], exp.Expr):
        raise ExpressionRefused("There is no SQL expression here.", "Name a column.")
    return trees[0]


def _check_tokens(tokens: list[Token], text: str) -> None:
    if any(token.comments for token in tokens):
        hint = "What follows it may be lost when lines are joined; use a comment of YAML."
        raise ExpressionRefused(f"'{shown(text)}' holds a comment of SQL.", hint)
    if any(token.token_type is TokenType.SEMICOLON for token in tokens):
        raise ExpressionRefused(f"'{shown(text)}' holds a semicolon.", "Only one expression is allowed.")


def _depth(tree: exp.Expr) -> int:
    depth, level = 0, [tree]
    while level:
        depth, level = depth + 1, [child for node in level for child in node.iter_expressions()]
    return depth


def _too_deep() -> ExpressionRefused:
    return ExpressionRefused("The expression is nested too deeply.", "Make a generated column of it.")


def _check_columns(tree: exp.Expr, table: str) -> None:
    """Columns become bare, and unquoted ones small, as PostgreSQL reads them."""
    for column in tree.find_all(exp.Column):
        written = ".".join(part.name for part in column.parts)
        if len(column.parts) > 2 or (column.table and column.table != table):
            raise ExpressionRefused(
                f"'{written}' is not a column of {table}.",
                "An expression reads its own table; declare a dimension or metric on the other one.",
            )
        column.set("table", None)
        if not column.this.args.get("quoted"):
            column.this.set("this", column.name.lower())


def local_calls(sql: Sql) -> list[tuple[str, ...]]:
    """The arguments of each `local(...)` in the expression, as they are written."""
    return [
        tuple(_written(argument) for argument in call.expressions)
        for call in sql.tree.find_all(exp.Anonymous)
        if call.name.lower() == LOCAL
    ]


def _written(argument: exp.Expr) -> str:
    return argument.name if isinstance(argument, exp.Column) else argument.sql(DIALECT)


__all__ = ["DIALECT", "LOCAL", "ExpressionRefused", "Sql", "local_calls", "parse_expression"]
