"""The query of a table whose result tells, when it is another one, that rows have changed: one SELECT."""

from dataclasses import dataclass

from sqlglot import exp
from sqlglot.dialects.postgres import Postgres
from sqlglot.errors import ParseError, TokenError
from sqlglot.tokenizer_core import Token, TokenType

from model.faults import shown
from model.grammar import ExpressionRefused

EVERY_S = 10
MOST_EVERY_S = 86_400
LONGEST = 4_000

EXAMPLE = "Write one such as: select max(updated_at) from shop.sales."

_BEGINNINGS = {TokenType.SELECT, TokenType.WITH, TokenType.L_PAREN}

_REFUSED: tuple[tuple[type[object] | tuple[type[object], ...], str, str], ...] = (
    ((exp.DML, exp.DDL, exp.Into), "writes", "A refresh key only reads."),
    (exp.Lock, "locks rows", "Leave out 'for update' and the like."),
    ((exp.Placeholder, exp.Parameter), "holds a placeholder", "Write the value itself."),
)


@dataclass(frozen=True, slots=True)
class Refresh:
    """`query` is asked every `every_s` seconds; another result than before means that rows changed."""

    query: str
    every_s: int = EVERY_S


def parse_refresh_key(text: str) -> str:
    """The query without a semicolon at its end. Raises ExpressionRefused for all but one SELECT."""
    text = text.strip().removesuffix(";").rstrip()
    if len(text) > LONGEST:
        hint = "Make a view of it."
        raise ExpressionRefused(f"A refresh key has at most {LONGEST} characters, not {len(text)}.", hint)
    tree = _parsed(text)
    for node in tree.walk():
        for kind, what, hint in _REFUSED:
            if isinstance(node, kind):
                raise ExpressionRefused(f"'{shown(text)}' {what}.", hint)
    return text


def _parsed(text: str) -> exp.Query:
    dialect = Postgres()
    try:
        tokens = dialect.tokenize(text)
        _check_tokens(tokens, text)
        trees = dialect.parser().parse(tokens, text)
    except (ParseError, TokenError, TypeError, RecursionError):  # a compiled parser checks types
        raise ExpressionRefused(f"'{shown(text)}' is not a query.", EXAMPLE) from None
    if len(trees) != 1 or not isinstance(trees[0], exp.Query):
        raise ExpressionRefused(f"'{shown(text)}' is not one query.", EXAMPLE)
    return trees[0]


def _check_tokens(tokens: list[Token], text: str) -> None:
    if not tokens or tokens[0].token_type not in _BEGINNINGS:
        raise ExpressionRefused(f"'{shown(text)}' is not a query.", EXAMPLE)
    if any(token.token_type is TokenType.SEMICOLON for token in tokens):
        raise ExpressionRefused(f"'{shown(text)}' holds a semicolon.", "Only one query is allowed.")
    if any(token.comments for token in tokens):
        raise ExpressionRefused(f"'{shown(text)}' holds a comment of SQL.", "Use a comment of YAML.")
