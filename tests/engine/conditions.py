"""Whether a row passes a tree of filters: two-valued logic, in which nothing is equal to nothing but null."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.engine.clock import Clock
from tests.engine.dimensions import DIMENSIONS, base_of, dimension_of, read, type_of, value_of
from tests.engine.joining import Joined, joined
from tests.engine.segments import SEGMENTS
from tests.engine.shop import Shop

Tree = Mapping[str, Any]
"""A filter as a question writes it."""

TESTS: Mapping[str, Callable[[Any, Any], bool]] = {
    "eq": lambda value, asked: bool(value == asked),
    "in": lambda value, asked: value in asked,
    "gt": lambda value, asked: bool(value > asked),
    "gte": lambda value, asked: bool(value >= asked),
    "lt": lambda value, asked: bool(value < asked),
    "lte": lambda value, asked: bool(value <= asked),
    "contains": lambda value, asked: asked in value,
    "startsWith": lambda value, asked: value.startswith(asked),
    "endsWith": lambda value, asked: value.endswith(asked),
    "search": lambda value, asked: asked.lower() in value.lower(),
}
COMPLEMENTS = {"ne": "eq", "notIn": "in"}


@dataclass(frozen=True, slots=True)
class Leaf:
    """One operator of one field. A segment is a field of its own, with the operator 'holds'."""

    name: str
    op: str
    asked: Any

    @property
    def is_positive(self) -> bool:
        """Whether some value must be there for it to hold."""
        if self.op == "isNull":
            return self.asked is False
        return self.op not in COMPLEMENTS and not self._asks_for_null

    @property
    def _asks_for_null(self) -> bool:
        return self.asked is None or (self.op == "in" and None in self.asked)


def meets(value: Any, op: str, asked: Any, kind: str) -> bool:
    """Whether a value meets an operator. A value that is not there meets no comparison."""
    if op in COMPLEMENTS:
        return not meets(value, COMPLEMENTS[op], asked, kind)
    if op == "isNull":
        return (value is None) is asked
    kind = "float" if isinstance(value, float) else kind
    wanted = [read(each, kind) for each in asked] if op == "in" else read(asked, kind)
    if value is None:
        return wanted is None or (op == "in" and None in wanted)
    return TESTS[op](value, wanted)


def parts_of(tree: Tree) -> Iterator[Leaf | tuple[str, Any]]:
    """What must all hold: leaves, and the trees under `or` and `not`; what stands under `and` lies flat."""
    for name, told in tree.items():
        if name == "and":
            for each in told:
                yield from parts_of(each)
        elif name in {"or", "not"}:
            yield name, told
        elif name == "segment":
            yield Leaf(told, "holds", True)
        else:
            yield from (Leaf(name, op, asked) for op, asked in told.items())


@dataclass(frozen=True, slots=True)
class Rows:
    """Asks of rows of `table`, which come together with their rows of the tables in `at_hand`.

    A condition on any other table asks whether there are such rows at all.
    """

    shop: Shop
    clock: Clock
    table: str
    at_hand: frozenset[str]

    def pass_(self, tree: Tree, row: Joined) -> bool:
        parts = list(parts_of(tree))
        leaves = [part for part in parts if isinstance(part, Leaf)]
        below = [leaf for leaf in leaves if self._is_below(leaf)]
        together = [leaf for leaf in below if leaf.is_positive]
        return (
            all(self._holds(leaf, row) for leaf in leaves if leaf not in below)
            and all(self._holds_below(leaf, row) for leaf in below if leaf not in together)
            and (not together or self._some_row(together, row))
            and all(self._branches(*part, row) for part in parts if not isinstance(part, Leaf))
        )

    def _branches(self, word: str, told: Any, row: Joined) -> bool:
        if word == "not":
            return not self.pass_(told, row)
        return any(self.pass_(each, row) for each in told)

    def _is_below(self, leaf: Leaf) -> bool:
        return self._table_of(leaf) not in self.at_hand

    def _table_of(self, leaf: Leaf) -> str:
        if leaf.op == "holds":
            return SEGMENTS[leaf.name].table
        return dimension_of(leaf.name, self.table).table

    def _holds(self, leaf: Leaf, row: Joined) -> bool:
        if leaf.op == "holds":
            found = row.get(SEGMENTS[leaf.name].table)
            return found is not None and SEGMENTS[leaf.name].holds(found)
        value = value_of(leaf.name, self.table, row, self.clock)
        return meets(value, leaf.op, leaf.asked, type_of_field(leaf.name))

    def _holds_below(self, leaf: Leaf, row: Joined) -> bool:
        """Something that also rows without rows below meet: the complement of what some row has."""
        if leaf.op == "isNull":
            return not self._some_row([Leaf(leaf.name, "isNull", False)], row)
        if leaf.op in COMPLEMENTS:
            return not self._holds_below_or_some(Leaf(leaf.name, COMPLEMENTS[leaf.op], leaf.asked), row)
        return self._holds_below_or_some(leaf, row)

    def _holds_below_or_some(self, leaf: Leaf, row: Joined) -> bool:
        if leaf.is_positive:
            return self._some_row([leaf], row)
        values = [each for each in leaf.asked if each is not None] if leaf.op == "in" else []
        return self._holds_below(Leaf(leaf.name, "isNull", True), row) or (
            bool(values) and self._some_row([Leaf(leaf.name, "in", values)], row)
        )

    def _some_row(self, leaves: Sequence[Leaf], row: Joined) -> bool:
        own = row[self.table]
        assert own is not None
        wanted = frozenset(map(self._table_of, leaves))
        found = joined(self.shop, self.table, own, wanted, outer=False)
        return any(all(self._holds(leaf, each) for leaf in leaves) for each in found)


def type_of_field(name: str) -> str:
    """The type of the values that a filter's field takes."""
    base, step = base_of(name)
    return type_of(name) if step else DIMENSIONS[base].type
