"""Which SQL may stand in an expression of a model: what is not known to be safe is refused."""

import re
from collections.abc import Collection

from sqlglot import exp

from model.faults import shown

DIALECT = "postgres"

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

_CHANGING_NAMES = """
    now current_timestamp current_date current_time localtime localtimestamp clock_timestamp
    statement_timestamp transaction_timestamp timeofday random rand gen_random_uuid uuid nextval
"""

CHANGING = frozenset(_CHANGING_NAMES.split())
"""Functions that no model may use, whatever it lists."""

REFUSED: tuple[tuple[type[object] | tuple[type[object], ...], str, str], ...] = (
    ((exp.Query, exp.Subquery, exp.Exists), "a sub-query", "Declare the other table and a join to it."),
    (exp.Window, "a window function", "Aggregates over groups are metrics."),
    (exp.AggFunc, "an aggregate", "The metric's type says how rows are aggregated."),
    (exp.Parameter, "a placeholder", "Write the value itself."),
    (exp.RawString, "a dollar-quoted text", "Write it between single quotes."),
    (exp.Star, "a star", "Name the columns."),
    (exp.Dot, "a name with a schema", "Name a column, or a function that needs no schema."),
)
"""What people are likely to try, with what to do instead."""

_NAMES_AND_VALUES = (exp.Column, exp.Identifier, exp.Literal, exp.ByteString, exp.Boolean, exp.Null)
_ARITHMETIC = (exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Mod, exp.Neg, exp.Paren, exp.DPipe)
_BITS = (
    exp.BitwiseAnd,
    exp.BitwiseOr,
    exp.BitwiseXor,
    exp.BitwiseNot,
    exp.BitwiseLeftShift,
    exp.BitwiseRightShift,
)
_COMPARISONS = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.NullSafeEQ, exp.NullSafeNEQ, exp.Is)
_MATCHES = (exp.In, exp.Between, exp.Any, exp.Like, exp.ILike, exp.SimilarTo, exp.RegexpILike, exp.Escape)
_TIMES = (exp.Interval, exp.IntervalSpan, exp.Var, exp.AtTimeZone)
_TYPES = (exp.DataType, exp.DataTypeParam, exp.Bracket, exp.JSONPath, exp.JSONPathPart)

ALLOWED = (
    *_NAMES_AND_VALUES,
    *_ARITHMETIC,
    *_BITS,
    *_COMPARISONS,
    *_MATCHES,
    *_TIMES,
    *_TYPES,
    exp.Not,
)
"""Beside functions, which are known by name."""

_CLOCK_WORD = re.compile(r"\W*(now|today|tomorrow|yesterday)\b[\W\d]*", re.IGNORECASE)
_CALLED = re.compile(r"([a-z_]\w*)(?:\(|$)")


class ExpressionRefused(ValueError):
    """An expression that may not stand in a model; `hint` says what may."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


def check_allowed(
    tree: exp.Expr, text: str, functions: Collection[str], placeholders: Collection[str] = ()
) -> None:
    """Raise ExpressionRefused unless every node is known to be safe; `functions` are, beside the plain."""
    nodes = list(tree.walk())
    _check_placeholders(nodes, text, placeholders)
    for kind, what, hint in REFUSED:
        if any(isinstance(node, kind) for node in nodes):
            raise ExpressionRefused(f"'{shown(text)}' holds {what}.", hint)
    known = PLAIN_FUNCTIONS | {name.lower() for name in functions}
    for node in nodes:
        _check_node(node, text, known)


def _check_placeholders(nodes: list[exp.Expr], text: str, allowed: Collection[str]) -> None:
    for node in nodes:
        if isinstance(node, exp.Placeholder) and node.name not in allowed:
            known = f"Known here: {', '.join(f':{name}' for name in allowed)}." if allowed else ""
            raise ExpressionRefused(
                f"'{shown(text)}' holds a placeholder.", known or "Write the value itself."
            )


def _check_node(node: exp.Expr, text: str, known: Collection[str]) -> None:
    match node:
        case exp.Placeholder():
            return
        case exp.Literal() if node.is_string:
            _check_literal(node)
        case exp.DataType() if node.this is exp.DataType.Type.USERDEFINED:
            raise ExpressionRefused(
                f"'{shown(text)}' casts to an unknown type.", "Cast to a type that is PostgreSQL's own."
            )
        case _ if isinstance(node, ALLOWED):
            return
        case exp.Func():
            _check_function(node, known)
        case _:
            raise ExpressionRefused(
                f"'{shown(text)}' holds '{shown(node.sql(DIALECT))}', which an expression may not.",
                "Columns, values, operators, CASE, casts and plain functions are allowed.",
            )


def _check_literal(literal: exp.Literal) -> None:
    """PostgreSQL reads `created_at > 'today'` by the clock, so such a word must be marked as text."""
    parent = literal.parent
    if isinstance(parent, exp.Cast) and parent.is_type("text"):
        return
    if _CLOCK_WORD.fullmatch(literal.name):
        raise ExpressionRefused(
            f"'{literal.name}' may be read as a time, another one each day.",
            f"If it is text, write '{literal.name}'::text; ranges of time belong in the question.",
        )


def _check_function(call: exp.Func, known: Collection[str]) -> None:
    names = _names(call)
    if not CHANGING.isdisjoint(names):
        raise ExpressionRefused(
            f"{names[0]}() gives another result later, while an answer is kept.",
            "Ranges of time belong in the question: dateRange, or a filter.",
        )
    if not any(name in known for name in names):
        raise ExpressionRefused(
            f"The function {names[0]}() is not known to give the same result for the same row.",
            f"If it does, list it under 'functions:' of the model as '{names[0]}'.",
        )


def _names(call: exp.Func) -> tuple[str, ...]:
    """As it is called in PostgreSQL, and as the parser calls it."""
    parsed = (call.name if isinstance(call, exp.Anonymous) else call.sql_name()).lower()
    written = _CALLED.match(call.sql(DIALECT).lower())
    return (written[1], parsed) if written else (parsed,)
