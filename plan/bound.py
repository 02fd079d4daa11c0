"""What of a statement depends on values, once these are bound: no value is in it, only their numbers.

Plans of one shape for which it is equal are one text.
"""

from enum import StrEnum
from typing import NamedTuple

from plan.positions import Shift
from plan.statement import Mark


class Kind(StrEnum):
    """What a condition says, in SQL."""

    EQ = "="
    GT = ">"
    GTE = ">="
    LT = "<"
    LTE = "<="
    DIFFERS = "is distinct from"
    LIKE = "like"
    ILIKE = "ilike"
    ANY = "= any"
    IS_NULL = "is null"
    HOLDS = "holds"
    NOT = "not"
    NOT_TRUE = "is not true"
    AND = "and"
    OR = "or"
    SEMI_JOIN = "in"


class Bound(NamedTuple):
    """A condition. It speaks of the operand `name`, or of its `parts`.

    Without a name it speaks of the time that the range is of. `is_raw` reads the time column behind a bucket,
    `as_instant` takes what is read for an instant. The parts of a semi-join are asked of rows in the leaf's
    `below`, at this place.
    """

    kind: Kind
    name: str = ""
    mark: Mark | None = None
    parts: tuple["Bound", ...] = ()
    is_raw: bool = False
    as_instant: bool = False
    below: int = 0


class BoundRows(NamedTuple):
    """The conditions on the rows of a leaf."""

    within: tuple[Bound, ...] = ()
    filter: Bound | None = None


UNBOUND = BoundRows()

Ends = tuple[Mark | None, Mark | None]
"""The first and the last of something; none where an end is open."""


class BoundPlan(NamedTuple):
    """A plan's. `viewer` are the marks of what row filters know of who asks, by its name.

    `page` is the limit and the offset or, of sets that are numbered, the positions before and at its end.
    """

    leaves: tuple[BoundRows, ...]
    shifts: tuple[Shift | None, ...]
    viewer: tuple[tuple[str, Mark], ...] = ()
    ranked: "BoundPlan | None" = None
    top: Mark | None = None
    filled: Ends = (None, None)
    having: Bound | None = None
    shown: Ends = (None, None)
    page: Ends = (None, None)
