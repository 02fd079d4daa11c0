"""Grouping sets: groups, totals, subtotals and the wholes of shares, told apart by a mask.

Null does not tell them apart: a key may be null in a group.
"""

from sqlglot import exp

from model.query import Query

Keys = frozenset[str]
"""The names of the keys of one grouping set."""

SET = "grouping__set"
"""A column: 0 for a group, else the mask of the keys that were not grouped by."""


def sets_of(query: Query, keys: tuple[str, ...]) -> tuple[Keys, ...]:
    """What is grouped by, beside the groups themselves; nothing when groups are all that is asked for."""
    asked: list[tuple[str, ...]] = [()] if query.totals and query.dimensions else []
    asked += [share.within for share in query.shares]
    asked += list(query.subtotals)
    found = dict.fromkeys(frozenset(names) for names in asked)
    found.pop(frozenset(keys), None)
    return tuple(found)


def mask_of(set_: Keys, keys: tuple[str, ...]) -> int:
    """What GROUPING tells of a row of this set: a bit for each key that is not in it, the last one lowest."""
    bits = "".join("0" if name in set_ else "1" for name in keys)
    return int(bits or "0", 2)


def grouping_sets(keys: tuple[str, ...], sets: tuple[Keys, ...]) -> exp.Expr:
    """GROUPING SETS of `sets`; keys are told by their position in the select."""
    return exp.GroupingSets(expressions=[_positions(keys, each) for each in sets])


def _positions(keys: tuple[str, ...], set_: Keys) -> exp.Tuple:
    found = [index for index, name in enumerate(keys, 1) if name in set_]
    return exp.Tuple(expressions=[exp.Literal.number(index) for index in found])


def is_set(mask: int) -> exp.Expr:
    return exp.EQ(this=exp.column(SET), expression=exp.Literal.number(mask))
