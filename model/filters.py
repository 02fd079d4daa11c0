"""Filters as trees of conditions, and their normal form."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from model.value import Value


class Op(StrEnum):
    """What a condition does with its values; the names are those of the API."""

    EQ = "eq"
    NE = "ne"
    IN = "in"
    NOT_IN = "notIn"
    GT = "gt"
    GTE = "gte"
    LT = "lt"
    LTE = "lte"
    CONTAINS = "contains"
    STARTS_WITH = "startsWith"
    ENDS_WITH = "endsWith"
    SEARCH = "search"
    IS_NULL = "isNull"


@dataclass(frozen=True, slots=True)
class Condition:
    """`name op values`. Null may stand in the values of eq, ne, in and notIn; `isNull` has one boolean.

    `path` is where the condition stood in the question, for messages; it does not count when comparing.
    """

    name: str
    op: Op
    values: tuple[Value | None, ...]
    path: str = ""


@dataclass(frozen=True, slots=True)
class And:
    """True when every part is; without parts it is true."""

    parts: tuple["Filter", ...]


@dataclass(frozen=True, slots=True)
class Or:
    """True when a part is; without parts it is false."""

    parts: tuple["Filter", ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The exact complement: what is not true, null included, passes."""

    part: "Filter"


Filter = Condition | And | Or | Not
EVERYTHING = And(())
NOTHING = Or(())


def conditions(tree: Filter | None) -> Iterator[Condition]:
    """Every condition of the tree, from left to right."""
    match tree:
        case Condition():
            yield tree
        case And(parts) | Or(parts):
            for part in parts:
                yield from conditions(part)
        case Not(part):
            yield from conditions(part)
        case None:
            return


def normalized(tree: Filter) -> Filter:
    """The same filter in one form: nested AND and OR are flat, their parts sorted and unique, lists too."""
    match tree:
        case Condition():
            return _normal_condition(tree)
        case Not(part):
            return _negated(normalized(part))
        case And(parts):
            return _flattened(And, parts)
        case Or(parts):
            return _flattened(Or, parts)


def _normal_condition(condition: Condition) -> Condition:
    op, values = condition.op, condition.values
    if op in {Op.IN, Op.NOT_IN}:
        values = tuple(sorted(set(values), key=_order_of_value))
        if len(values) == 1:
            op = Op.EQ if op is Op.IN else Op.NE
    if op in {Op.EQ, Op.NE} and values == (None,):
        op, values = Op.IS_NULL, (op is Op.EQ,)
    return Condition(condition.name, op, values)


def _order_of_value(value: Value | None) -> tuple[str, str]:
    return type(value).__name__, str(value)


def _negated(part: Filter) -> Filter:
    match part:
        case Not(inner):
            return inner
        case And(()):
            return NOTHING
        case Or(()):
            return EVERYTHING
        case _:
            return Not(part)


def _flattened(kind: type[And] | type[Or], parts: tuple[Filter, ...]) -> Filter:
    neutral, absorbing = (EVERYTHING, NOTHING) if kind is And else (NOTHING, EVERYTHING)
    flat: list[Filter] = []
    for part in map(normalized, parts):
        if part == absorbing:
            return absorbing
        flat.extend(part.parts if isinstance(part, kind) else [part])
    unique = sorted(set(flat) - {neutral}, key=repr)
    return unique[0] if len(unique) == 1 else kind(tuple(unique))
