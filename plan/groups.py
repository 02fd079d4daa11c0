"""The groups of a plan: of one leaf, or of several that are stacked, with every value that is needed."""

from collections.abc import Callable, Iterator
from zoneinfo import ZoneInfo

from sqlglot import exp

from model.metric import Metric
from model.model import Model
from model.query import PREVIOUS
from plan.aggregates import metric_expression
from plan.axis import axis_of
from plan.fields import Field
from plan.fill import Series, filled
from plan.identifiers import identifier
from plan.leaf import LeafWriter, named
from plan.parts import Plan
from plan.positions import Bucket, first_bucket, last_bucket
from plan.source import SourceWriter
from plan.stack import Stack, read_stacked
from plan.statement import Parameters
from plan.time import bound_bucket
from plan.windows import WINDOW, window_parts

Step = tuple[str, exp.Query]
"""A named table expression."""

ReadLeaf = Callable[[Metric, str], exp.Expr]
"""An aggregate of the groups; the suffix tells of which range."""


def writers_of(model: Model, plan: Plan, parameters: Parameters) -> tuple[LeafWriter, ...]:
    sources = _sources(model, plan, parameters)
    return tuple(LeafWriter(source, plan.keys, masked=bool(plan.sets)) for source in sources)


def _sources(model: Model, plan: Plan, parameters: Parameters) -> Iterator[SourceWriter]:
    ranked = plan.ranking if plan.ranking and plan.ranking.plan else None
    for leaf in plan.leaves:
        yield SourceWriter(model, leaf, plan.query, plan.viewer, parameters, ranked)


def group_steps(model: Model, plan: Plan, parameters: Parameters, prefix: str = "") -> Iterator[Step]:
    """Steps whose last one holds all groups, of every set; no table is called like any of them."""
    writers = writers_of(model, plan, parameters)
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
        yield source, _filled(model, plan, stack, parameters)
    outputs = list(_outputs(model, plan, read_stacked))
    yield last, stack.grouped(outputs, source, masked=bool(plan.sets))


def bound_in_groups(model: Model, plan: Plan, parameters: Parameters) -> Iterator[exp.Expr]:
    """What of these steps depends on values, in the order in which they are written."""
    for source in _sources(model, plan, parameters):
        # Each by itself: the same conditions may stand in another leaf.
        yield exp.Tuple(expressions=list(source.bound()))
    if plan.query.fill:
        _, ends = _filled_between(model, plan)
        yield from (bound_bucket(end, parameters) if end is not None else exp.null() for end in ends)


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


def _filled(model: Model, plan: Plan, stack: Stack, parameters: Parameters) -> exp.Query:
    field, (first, last) = _filled_between(model, plan)
    return filled(Series(stack, parameters, plan.query.timezone, model.week_start), field, first, last)


def _filled_between(model: Model, plan: Plan) -> tuple[Field, tuple[Bucket | None, Bucket | None]]:
    query = plan.query
    axis = axis_of(model, query)
    assert axis is not None  # noqa: S101  or fill was refused
    field = next(each for each in plan.groupings if each.name == axis[0])
    if query.interval is None:
        return field, (None, None)
    where = query.interval, axis[1], ZoneInfo(query.timezone), model.week_start
    return field, (first_bucket(*where), last_bucket(*where))


def table_of(name: str) -> exp.Table:
    return exp.Table(this=identifier(name))
