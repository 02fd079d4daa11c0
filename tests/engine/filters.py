"""Random conditions: every operator of every type, over values that the data holds or nearly holds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.engine.data import CATEGORIES, CONTINENTS, LABELS, NAMES, REGIONS, STATUSES, Moments
from tests.engine.dice import Dice

Tree = dict[str, Any]

TEXTS: Mapping[str, Sequence[str | None]] = {
    "status": STATUSES,
    "category": CATEGORIES,
    "tag": LABELS,
    "region": REGIONS,
    "size": ("large", "small", None),
    "acct": ("a", "b", "c", "d"),
    "branch": ("n", "s", None),
    "customer": NAMES,
    "continent": CONTINENTS,
    "country_name": ("France", "Japan", "Peru", None),
    "last_status": STATUSES,
    "destination": CONTINENTS,
    "tier": ("low", "high", None),
}
BITS = ("a", "n", "%", "_", "o", "K", "", "new", "north", "50%", "a_b", "FUND")
NUMBERS = (0, 1, 2, 3, 5, 10, 100, -5, "33.33", "99.99", "100.00", 0.25, 1.5, "99999999999999999999", None)
COMPARISONS = ("gt", "gte", "lt", "lte")
EQUALITY = ("eq", "ne", "in", "notIn", "isNull")
PARTS_OF_TEXT = ("contains", "startsWith", "endsWith", "search")


def operators_of(kind: str) -> list[str]:
    """What the filter of a type takes."""
    if kind == "boolean":
        return [*EQUALITY]
    if kind != "string":
        return [*EQUALITY, *COMPARISONS]
    return [*EQUALITY, *COMPARISONS, *PARTS_OF_TEXT]


@dataclass(frozen=True, slots=True)
class Conditions:
    """Random trees over fields, each with the type of its values."""

    moments: Moments
    segments: Sequence[str] = ()

    @property
    def dice(self) -> Dice:
        return self.moments.dice

    def tree(self, fields: Mapping[str, str], depth: int = 2) -> Tree:
        """Some fields, and perhaps and, or, not around more of them."""
        if not depth or self.dice.evenly():
            return self._fields(fields)
        word = self.dice.pick(["not", "or", "and"])
        own = self._fields(fields) if self.dice.evenly() else {}
        if word == "not":
            return {**own, "not": self.tree(fields, depth - 1)}
        return {**own, word: [self.tree(fields, depth - 1) for _ in range(self.dice.number(0, 2))]}

    def _fields(self, fields: Mapping[str, str]) -> Tree:
        names = self.dice.some(sorted(fields), 2, 1)
        segment = self.segments and self.dice.number(0, 7) == 7
        own = {"segment": self.dice.pick(self.segments)} if segment else {}
        return own | {name: self.field(name, fields[name]) for name in names}

    def field(self, name: str, kind: str) -> Tree:
        """An operator or two on one field."""
        operators = self.dice.some(operators_of(kind), 2, 1)
        return {op: self._asked(op, name, kind) for op in operators}

    def _asked(self, op: str, name: str, kind: str) -> Any:
        if op == "isNull":
            return self.dice.evenly()
        if op in {"in", "notIn"}:
            return [self._value(name, kind) for _ in range(self.dice.number(0, 3))]
        if op in PARTS_OF_TEXT:
            return self.dice.pick(BITS)
        value = self._value(name, kind)
        return self._there(kind) if value is None and op in COMPARISONS else value

    def _there(self, kind: str) -> Any:
        """The simplest value, for what null has no meaning for."""
        choices = {"string": "a", "boolean": True, "date": str(self.moments.turn.date())}
        if kind in {"timestamp", "timestamptz"}:
            return self.moments.turn.isoformat()
        return choices.get(kind, 0)

    def _value(self, name: str, kind: str) -> Any:
        """A value as a question writes it; null among them."""
        if kind in {"date", "timestamp", "timestamptz"}:
            return self._moment(kind) if self.dice.often() else None
        if kind == "boolean":
            return self.dice.pick([True, False, None])
        return self.dice.pick(TEXTS[name] if kind == "string" else NUMBERS)

    def _moment(self, kind: str) -> str:
        return str(self.moments.day()) if kind == "date" else self.moments.instant().isoformat()
