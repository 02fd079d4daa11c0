"""SQL expressions of the model file: parsed, restricted to what is safe, and kept as syntax trees."""

from collections.abc import Collection
from dataclasses import dataclass, field

import sqlglot
from sqlglot import exp
from sqlglot.errors import ParseError, TokenError

DIALECT = "postgres"

LOCAL = "local"
"""`local(column)`: the column's local time in the question's zone. The plan writes it out."""

_PLAIN_NAMES = """
    abs and ascii bit_length btrim case cast ceil ceiling char_length coalesce concat concat_ws date_bin
    date_part date_trunc div exp extract floor greatest if initcap json_extract json_extract_scalar
    jsonb_extract jsonb_extract_scalar least left length like_any ln local log lower lpad ltrim make_date
    make_interval md5 mod nullif octet_length or overlay pad position pow power quote_ident regexp_like
    regexp_replace repeat replace reverse right round rpad rtrim sign split_part sqrt starts_with str_position
    strpos substr substring timestamp_trunc time_to_str to_char to_date to_number translate trim trunc upper
    width_bucket xor
"""

PLAIN_FUNCTIONS = frozenset(_PLAIN_NAMES.split())
"""Functions that give the same result for the same row at any time, by PostgreSQL's or the parser's name."""

REFUSED: tuple[tuple[type[object], str, str], ...] = (
    (exp.Query, "a sub-query", "Declare the other table and a join to it."),
    (exp.Subquery, "a sub-query", "Declare the other table and a join to it."),
    (exp.Exists, "a sub-query", "Declare the other table and a join to it."),
    (exp.AggFunc, "an aggregate", "The metric's type says how rows are aggregated."),
    (exp.Window, "a window function", "Aggregates over groups are metrics."),
    (exp.Parameter, "a parameter", "Write the value itself."),
    (exp.Placeholder, "a placeholder", "Write the value itself."),
    (exp.Star, "a star", "Name the columns."),
    (exp.DDL, "a statement", "Only an expression is allowed."),
    (exp.DML, "a statement", "Only an expression is allowed."),
    (exp.Command, "a statement", "Only an expression is allowed."),
    (exp.Block, "a second statement", "Only one expression is allowed."),
    (exp.Semicolon, "a second statement", "Only one expression is allowed."),
)


class ExpressionRefused(ValueError):  # noqa: N818  says what happened
    """An expression that may not stand in a model; `hint` says what may."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Sql:
    """An expression over the columns of one table (or, in a derived metric, over metrics).

    Equal when the text is equal. `tree` is shared: copy it before changing it.
    """

    text: str
    tree: exp.Expr = field(compare=False, repr=False)

    @property
    def columns(self) -> tuple[str, ...]:
        """The names that it reads, in order, each once."""
        return tuple(dict.fromkeys(column.name for column in self.tree.find_all(exp.Column, bfs=False)))


def parse_expression(text: str, *, table: str, functions: Collection[str] = ()) -> Sql:
    """`text` as a tree whose columns are bare names. `functions` are allowed beside the plain ones.

    Raises ExpressionRefused for anything but one expression over `table`'s own columns.
    """
    tree = _parsed(text)
    _refuse_unsafe_nodes(tree, text)
    _refuse_unknown_functions(tree, {name.lower() for name in functions})
    _strip_own_table(tree, table)
    return Sql(text, tree)


def _parsed(text: str) -> exp.Expr:
    try:
        trees = [tree for tree in sqlglot.parse(text, read=DIALECT) if tree is not None]
    except (ParseError, TokenError) as error:
        raise ExpressionRefused(
            f"'{text}' is not an SQL expression.", "Check brackets and quotes."
        ) from error
    if len(trees) != 1:
        raise ExpressionRefused(f"'{text}' is not one SQL expression.", "Only one expression is allowed.")
    if not isinstance(trees[0], exp.Expr):
        raise ExpressionRefused(f"'{text}' is not an SQL expression.", "Check brackets and quotes.")
    return trees[0]


def _refuse_unsafe_nodes(tree: exp.Expr, text: str) -> None:
    nodes = list(tree.walk())
    for kind, what, hint in REFUSED:
        if any(isinstance(node, kind) for node in nodes):
            raise ExpressionRefused(f"'{text}' holds {what}.", hint)


def _refuse_unknown_functions(tree: exp.Expr, extra: Collection[str]) -> None:
    for call in tree.find_all(exp.Func):
        name = function_name(call)
        if name not in PLAIN_FUNCTIONS and name not in extra:
            raise ExpressionRefused(
                f"The function {name}() is not known to give the same result for the same row.",
                f"If it does, list it under 'functions:' of the model as '{name}'.",
            )


def function_name(call: exp.Func) -> str:
    """The lower-case name of a call, also of one that the parser does not know."""
    return (call.name if isinstance(call, exp.Anonymous) else call.sql_name()).lower()


def _strip_own_table(tree: exp.Expr, table: str) -> None:
    for column in tree.find_all(exp.Column):
        if column.table and column.table != table:
            raise ExpressionRefused(
                f"'{column.table}.{column.name}' is not a column of {table}.",
                "An expression reads its own table; declare a dimension or metric on the other one.",
            )
        column.set("table", None)


def local_calls(sql: Sql) -> list[tuple[str, ...]]:
    """The arguments of each `local(...)` in the expression, as they are written."""
    return [
        tuple(argument.name or argument.sql(DIALECT) for argument in call.expressions)
        for call in sql.tree.find_all(exp.Anonymous)
        if call.name.lower() == LOCAL
    ]
