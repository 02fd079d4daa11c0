"""Leaves of several tables become one set of groups: stacked by UNION ALL, grouped by the shared names.

A full join would split groups whose key is null, and could not match by IS NOT DISTINCT FROM. Every leaf has
at most one row for a group, so the maximum over the stack is that row's value, whatever the aggregate was.
"""

from collections.abc import Iterator

from sqlglot import exp

from model.metric import Metric, MetricKind
from plan.identifiers import identifier, short
from plan.leaf import LeafWriter, named
from plan.sets import SET, Keys

STACK = "stacked"
COUNTS = {MetricKind.COUNT, MetricKind.COUNT_DISTINCT}


def stacked(writers: list[LeafWriter], outputs: list[exp.Expr], sets: tuple[Keys, ...] = ()) -> exp.Select:
    """One select over all leaves: the groups, then `outputs`, written over `read_stacked`.

    With `sets` the rows of each set meet those of the other leaves, and a last column tells them apart.
    """
    keys = [each.name for each in writers[0].leaf.groupings] + ([SET] if sets else [])
    groups = [exp.column(identifier(name)) for name in keys]
    if sets:
        outputs = [*outputs, groups.pop()]
    union = _union(writers, keys)
    found = exp.select(*groups, *outputs, copy=False).from_(union.subquery(STACK, copy=False), copy=False)
    for writer in writers:
        values = [named(writer.aggregate(each), each.name) for each in writer.leaf.metrics]
        select = writer.select(values, sets)
        found = found.with_(identifier(_name(writer)), as_=select, copy=False)
    positions: list[exp.Expr] = [exp.Literal.number(index + 1) for index in range(len(groups))]
    if sets:
        positions.append(exp.Literal.number(len(groups) + len(outputs)))
    return found.group_by(*positions, copy=False) if positions else found


def read_stacked(metric: Metric) -> exp.Expr:
    """The value of the one leaf that has it; where that has no row for the group, nothing was counted."""
    value = exp.Max(this=exp.column(identifier(metric.name)))
    if metric.kind in COUNTS:
        return exp.Coalesce(this=value, expressions=[exp.Literal.number(0)])
    return value


def _name(writer: LeafWriter) -> str:
    """No table is called like this, so nothing is hidden by it."""
    return short(f"groups of {writer.leaf.table.name}")


def _union(writers: list[LeafWriter], keys: list[str]) -> exp.Query:
    branches = [_branch(writer, writers, keys) for writer in writers]
    return exp.union(*branches, distinct=False, copy=False) if len(branches) > 1 else branches[0]


def _branch(writer: LeafWriter, writers: list[LeafWriter], keys: list[str]) -> exp.Select:
    own = {metric.name for metric in writer.leaf.metrics}
    groups = [exp.column(identifier(name)) for name in keys]
    values = [
        exp.column(identifier(name)) if name in own else named(empty, name)
        for other in writers
        for name, empty in _columns(other, writer, writers)
    ]
    return exp.select(*groups, *values, copy=False).from_(
        exp.Table(this=identifier(_name(writer))), copy=False
    )


def _columns(
    other: LeafWriter, writer: LeafWriter, writers: list[LeafWriter]
) -> Iterator[tuple[str, exp.Expr]]:
    """The names of `other`'s values, with the null that stands for them in `writer`'s branch.

    PostgreSQL finds the types of a union from left to right and takes two bare nulls for text, so the first
    branch gives the columns of the third and later leaves their type: a value of theirs from no row.
    """
    typed = writer is writers[0] and writers.index(other) >= 2
    for metric in other.leaf.metrics:
        name = metric.name
        if typed:
            none = (
                exp.select(exp.column(identifier(name)))
                .from_(exp.Table(this=identifier(_name(other))))
                .limit(0)
            )
            yield name, none.subquery(copy=False)
        else:
            yield name, exp.null()
