"""The groups of a plan: of one leaf, or of several that are stacked, with every value that is needed."""

from collections.abc import Callable, Iterator, Mapping

from sqlglot import exp

from model.metric import Metric
from model.model import Model
from model.query import PREVIOUS
from plan.aggregates import metric_expression
from plan.axis import axis_of
from plan.bound import BoundPlan
from plan.fill import Series, filled
from plan.identifiers import identifier
from plan.leaf import LeafWriter, named
from plan.parts import Plan
from plan.source import SourceWriter
from plan.stack import Stack, read_stacked
from plan.statement import Mark
from plan.windows import WINDOW, window_parts

Step = tuple[str, exp.Query]
"""A named table expression."""

Marks = Mapping[str, Mark]
"""What row filters know of the viewer, by its name."""

ReadLeaf = Callable[[Metric, str], exp.Expr]
"""An aggregate of the groups; the suffix tells of which range."""


def writers_of(model: Model, plan: Plan, bound: BoundPlan, viewer: Marks) -> tuple[LeafWriter, ...]:
    ranked = plan.ranking if plan.ranking and plan.ranking.plan else None
    return tuple(
        LeafWriter(
            SourceWriter(model, leaf, plan.query, rows, viewer, ranked), plan.keys, masked=bool(plan.sets)
        )
        for leaf, rows in zip(plan.leaves, bound.leaves, strict=True)
    )


def group_steps(
    model: Model, plan: Plan, bound: BoundPlan, viewer: Marks, prefix: str = ""
) -> Iterator[Step]:
    """Steps whose last one holds all groups, of every set; no table is called like any of them."""
    writers = writers_of(model, plan, bound, viewer)
    last = f"{prefix}all groups"
    if len(writers) == 1 and not plan.query.fill:
        writer = writers[0]
        yield last, writer.select(_outputs(model, plan, lambda metric, _: writer.aggregate(metric)))
        return
    stack = Stack(writers, plan.keys, prefix)
    yield from stack.leaves()
    yield stack.name, stack.union()
    source = stack.name
    if plan.query.fill:
        source = f"{prefix}filled groups"
        yield source, _filled(model, plan, stack, bound)
    outputs = list(_outputs(model, plan, read_stacked))
    yield last, stack.grouped(outputs, source, masked=bool(plan.sets))


def _outputs(model: Model, plan: Plan, read: ReadLeaf) -> Iterator[exp.Expr]:
    """Each once: the metrics that are shown or needed, those of the other range, and parts of windows."""
    for metric in (*plan.metrics, *plan.behind):
        yield named(_over(model, metric, read, ""), metric.name)
    if plan.query.compared_with:
        for metric in plan.metrics:
            yield named(_over(model, metric, read, PREVIOUS), f"{metric.name}{PREVIOUS}")
    known = {metric.name for metric in (*plan.metrics, *plan.behind)}
    for window in plan.query.windows:
        suffix = WINDOW if window.looks_back else ""
        for part in window_parts(model, model.metrics[window.metric]):
            name = f"{part.name}{suffix}"
            if name not in known:
                known.add(name)
                yield named(read(part, suffix), name)


def _over(model: Model, metric: Metric, read: ReadLeaf, suffix: str) -> exp.Expr:
    return metric_expression(model, metric, lambda leaf: read(leaf, suffix))


def _filled(model: Model, plan: Plan, stack: Stack, bound: BoundPlan) -> exp.Query:
    axis = axis_of(model, plan.query)
    assert axis is not None  # noqa: S101  or fill was refused
    field = next(each for each in plan.groupings if each.name == axis[0])
    return filled(Series(stack, plan.query.timezone, model.week_start), field, *bound.filled)


def table_of(name: str) -> exp.Table:
    return exp.Table(this=identifier(name))
