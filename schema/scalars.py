"""Scalars whose values must not lose a digit on their way in or out."""

from decimal import Decimal, InvalidOperation
from typing import NewType

import strawberry
from graphql import (
    FloatValueNode,
    GraphQLError,
    IntValueNode,
    StringValueNode,
    ValueNode,
    print_ast,
)
from strawberry.types.scalar import ScalarDefinition

Rows = NewType("Rows", object)
Number = NewType("Number", Decimal)
BigInt = NewType("BigInt", int)
Date = NewType("Date", str)
DateTime = NewType("DateTime", str)


def _number(value: object) -> Decimal | str:
    """Numbers and digits in quotes alike; other text stays, to be refused where its place is known."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal | str):
        raise GraphQLError(f"{value!r} is not a number.")
    try:
        return Decimal(repr(value) if isinstance(value, float) else value)
    except InvalidOperation:
        return str(value)


def _number_literal(node: ValueNode, _variables: dict[str, object] | None = None) -> Decimal | str:
    if isinstance(node, IntValueNode | FloatValueNode | StringValueNode):
        return _number(node.value)
    raise GraphQLError(f"{print_ast(node)} is not a number.")


def _string(value: object) -> str:
    if not isinstance(value, str):
        raise GraphQLError(f"{value!r} is not a string.")
    return value


SCALARS: dict[object, ScalarDefinition] = {
    Rows: strawberry.scalar(
        name="JSON",
        description="Any JSON value.",
        specified_by_url="https://ecma-international.org/publications-and-standards/standards/ecma-404/",
    ),
    Number: strawberry.scalar(
        name="Number",
        description="A number of any size, exact: 12, 0.1, or '9007199254740993' as a string.",
        serialize=str,
        parse_value=_number,
        parse_literal=_number_literal,
    ),
    BigInt: strawberry.scalar(
        name="BigInt",
        description="A whole number, as a JSON number: unlike an Int it may pass 2^31.",
    ),
    Date: strawberry.scalar(
        name="Date",
        description="A day, such as '2026-01-31'.",
        specified_by_url="https://scalars.graphql.org/andimarek/local-date",
        parse_value=_string,
    ),
    DateTime: strawberry.scalar(
        name="DateTime",
        description="An instant with its offset, such as '2026-01-31T12:00:00-03:00' or '...Z'.",
        specified_by_url="https://scalars.graphql.org/andimarek/date-time",
        parse_value=_string,
    ),
}
