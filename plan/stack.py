"""Leaves become one set of groups: stacked by UNION ALL, grouped by the shared keys.

A full join would split groups whose key is null, and could not match by IS NOT DISTINCT FROM. Every leaf has
at most one row for a group, so the maximum over the stack is that row's value, whatever the aggregate was.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from sqlglot import exp

from model.metric import Metric, MetricKind
from plan.identifiers import identifier, short
from plan.leaf import LeafWriter, named
from plan.sets import SET
from plan.windows import WINDOW

GROUPS_OF = "groups of "
"""In the name of every leaf's table expression."""

SEEN = "group__seen"
"""A column: whether a group has rows of the question's own, and not only such as windows look back to."""

COUNTS = {MetricKind.COUNT, MetricKind.COUNT_DISTINCT}


@dataclass(frozen=True, slots=True)
class Stack:
    """The leaves of a plan, each under the name of its table expression.

    The first leaf groups by every key, so that its columns tell the types of the others' nulls.
    """

    writers: tuple[LeafWriter, ...]
    keys: tuple[str, ...]
    prefix: str = ""
    names: tuple[str, ...] = field(init=False)
    """One for each leaf. No table is called like this, so nothing is hidden by it."""
    columns: tuple[str, ...] = field(init=False)
    """The names of the values of all leaves, in order, each once."""

    @property
    def name(self) -> str:
        """That of the union of all leaves."""
        return f"{self.prefix}stacked groups"

    def __post_init__(self) -> None:
        object.__setattr__(self, "names", tuple(_names(self.writers, self.prefix)))
        object.__setattr__(self, "columns", tuple(dict.fromkeys(_columns(self.writers))))

    def leaves(self) -> Iterator[tuple[str, exp.Select]]:
        """Each leaf's groups, under its name."""
        for name, writer in zip(self.names, self.writers, strict=True):
            values = [
                named(writer.aggregate(each), column_name(writer, each)) for each in writer.leaf.metrics
            ]
            yield name, writer.select(values)

    def union(self) -> exp.Query:
        """All groups of all leaves, with null for what a leaf does not measure."""
        branches = [self._branch(index) for index in range(len(self.writers))]
        return exp.union(*branches, distinct=False, copy=False) if len(branches) > 1 else branches[0]

    @property
    def looks_back(self) -> bool:
        """Whether there may be groups that only windows have rows for."""
        return any(_looks_back(writer) for writer in self.writers)

    def grouped(self, outputs: list[exp.Expr], source: str, *, masked: bool) -> exp.Select:
        """One row for each group, with `outputs` written over `read_stacked`."""
        if self.looks_back:
            outputs = [*outputs, named(exp.Max(this=exp.column(SEEN)), SEEN)]
        groups = [exp.column(identifier(name)) for name in (*self.keys, *([SET] if masked else []))]
        found = exp.select(*groups[: len(self.keys)], *outputs, *groups[len(self.keys) :], copy=False)
        found = found.from_(exp.Table(this=identifier(source)), copy=False)
        positions = list(range(1, len(self.keys) + 1))
        if masked:
            positions.append(len(self.keys) + len(outputs) + 1)
        numbers = [exp.Literal.number(position) for position in positions]
        return found.group_by(*numbers, copy=False) if numbers else found

    def _branch(self, index: int) -> exp.Select:
        writer = self.writers[index]
        own = {column_name(writer, each) for each in writer.leaf.metrics}
        keys = [*self.keys, *([SET] if writer.masked else [])]
        values = [
            exp.column(identifier(name)) if name in own else named(self._nothing(index, name), name)
            for name in self.columns
        ]
        if self.looks_back:
            seen = exp.null() if _looks_back(writer) else exp.Literal.number(1)
            values.append(named(seen, SEEN))
        known = {*writer.own_keys, SET}
        columns = [
            exp.column(identifier(name)) if name in known else named(exp.null(), name) for name in keys
        ]
        found = exp.select(*columns, *values, copy=False)
        return found.from_(exp.Table(this=identifier(self.names[index])), copy=False)

    def _nothing(self, index: int, name: str) -> exp.Expr:
        """The null that stands for a value of another leaf.

        PostgreSQL finds the types of a union from left to right and takes two bare nulls for text, so the
        first branch gives the columns of the third and later leaves their type: a value from no row.
        """
        holder = next(
            number
            for number, writer in enumerate(self.writers)
            if any(column_name(writer, each) == name for each in writer.leaf.metrics)
        )
        if index or holder < 2:
            return exp.null()
        none = exp.select(exp.column(identifier(name)), copy=False)
        none = none.from_(exp.Table(this=identifier(self.names[holder])), copy=False)
        return none.limit(exp.Literal.number(0), copy=False).subquery(copy=False)


def _names(writers: Iterable[LeafWriter], prefix: str) -> Iterator[str]:
    counts: Counter[str] = Counter()
    for writer in writers:
        base = f"{prefix}{GROUPS_OF}{writer.leaf.table.name}{_period(writer)}"
        counts[base] += 1
        yield short(f"{base} {counts[base]}" if counts[base] > 1 else base)


def _columns(writers: Iterable[LeafWriter]) -> Iterator[str]:
    for writer in writers:
        yield from (column_name(writer, each) for each in writer.leaf.metrics)


def _looks_back(writer: LeafWriter) -> bool:
    return writer.leaf.period.suffix == WINDOW


def column_name(writer: LeafWriter, metric: Metric) -> str:
    return f"{metric.name}{writer.leaf.period.suffix}"


def _period(writer: LeafWriter) -> str:
    suffix = writer.leaf.period.suffix
    return f",{suffix.replace('__', ' ')}" if suffix else ""


def read_stacked(metric: Metric, suffix: str = "") -> exp.Expr:
    """The value of the one leaf that has it; where that has no row for the group, nothing was counted."""
    value = exp.Max(this=exp.column(identifier(f"{metric.name}{suffix}")))
    if metric.kind in COUNTS:
        return exp.Coalesce(this=value, expressions=[exp.Literal.number(0)])
    return value
