"""A plan: which tables a question aggregates, what each looks up on the way, and what is made of it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from zoneinfo import ZoneInfo

from model.dates import Interval
from model.faults import Fault
from model.filters import conditions
from model.grain import AXIS, Grain, split_grain
from model.metric import Metric
from model.model import Model
from model.query import PREVIOUS, Query
from model.viewer import Viewer
from plan.axis import axis_of
from plan.leaves import LeafBuilder
from plan.limits import Limits
from plan.normal import normal_query
from plan.notes import notes_of
from plan.parts import Leaf, Period, Plan, Ranking, set_keys
from plan.positions import Shift, beside, first_bucket, shift_between
from plan.reach import with_what_works
from plan.sets import Keys, sets_of
from plan.window_range import window_interval
from plan.windows import WINDOW, window_parts

OWN = ""
"""The suffix of the question's own range."""


def make_plan(model: Model, query: Query, viewer: Viewer, limits: Limits) -> Plan:
    """How `query` is answered rightly. Raises Fault for every question that cannot be."""
    return plan_of(model, normal_query(model, query, limits), viewer)


def plan_of(model: Model, query: Query, viewer: Viewer) -> Plan:
    """The same for a question in its normal form."""
    metrics = tuple(model.metrics[name] for name in query.metrics)
    behind = tuple(model.metrics[name] for name in _behind(model, query) if name not in query.metrics)
    ranking = _ranking(model, query, viewer)
    sets = _sets(query, ranking)
    try:
        leaves = tuple(_leaves(model, query, (*metrics, *behind), sets))
    except Fault as fault:
        measured = {leaf.table for metric in (*metrics, *behind) for leaf in model.leaves(metric)}
        raise with_what_works(model, sorted(name for name in measured if name), fault) from None
    names = [metric.name for metric in (*metrics, *behind)]
    tables: set[str] = set().union(*(leaf.tables for leaf in leaves))
    used = _used(leaves, query)
    fingerprint = model.fingerprint([*names, *(window.metric for window in query.windows)], used, tables)
    windowed = {window.metric: model.metrics[window.metric] for window in query.windows}
    plan = Plan(query, metrics, leaves, fingerprint, behind, sets[1:], ranking, windowed, viewer)
    scope = tuple(_scope(model, plan.tables, viewer))
    return replace(plan, scope=scope, notes=tuple(notes_of(plan)))


def with_values(model: Model, plan: Plan, query: Query, viewer: Viewer) -> Plan:
    """What `plan_of` gives for a question that differs from that of `plan` in values alone."""
    periods = _periods(model, query)
    ranking = plan.ranking
    if ranking and ranking.plan:
        ranked = _with_ranges(model, replace(ranking.plan.query, filters=query.filters), query)
        ranking = replace(ranking, plan=with_values(model, ranking.plan, ranked, viewer))
    return replace(
        plan,
        query=query,
        leaves=tuple(replace(leaf, period=periods[leaf.period.suffix]) for leaf in plan.leaves),
        ranking=ranking,
        viewer=viewer,
        scope=plan.scope if viewer == plan.viewer else tuple(_scope(model, plan.tables, viewer)),
    )


def _behind(model: Model, query: Query) -> Iterator[str]:
    """The metrics that order, filter, rank or are wholes, selected or not."""
    named = [order.name for order in query.order_by] + [each.name for each in conditions(query.having)]
    named += [share.metric for share in query.shares]
    if query.top:
        named.append(query.top.by)
    yield from dict.fromkeys(name for name in named if name in model.metrics)


def _ranking(model: Model, query: Query, viewer: Viewer) -> Ranking | None:
    """Ranked from base rows, unless the groups are what is ranked and the others are dropped."""
    top = query.top
    if top is None:
        return None
    keys = (*top.within, top.of)
    axis = axis_of(model, query)
    if set(keys) == set(query.dimensions) and not top.others:
        return Ranking(top.n, top.of, top.within, others=False, by=top.by, direction=top.direction, plan=None)
    if axis and axis[0] in keys and query.windows:
        message = (
            f"A window runs along '{axis[0]}', and top keeps other values of '{top.of}' in each bucket. "
            "Ask for one of them in another question."
        )
        raise Fault("INVALID_WINDOW", message, metric=query.windows[0].metric)
    inner = replace(
        Query(tuple(_ranked(model, query, top.by)), query.timezone, keys, query.filters),
        fill=query.fill and axis is not None and axis[0] in keys,
        limit=top.n,
        deduplicate=query.deduplicate,
    )
    ranked = plan_of(model, _with_ranges(model, inner, query), viewer)
    return Ranking(top.n, top.of, top.within, top.others, top.by, top.direction, ranked)


def _with_ranges(model: Model, inner: Query, query: Query) -> Query:
    """What ranks, over the ranges of the question."""
    return replace(inner, interval=query.interval, compared_with=_beside(model, query))


def _beside(model: Model, query: Query) -> Interval | None:
    """What of the other range is shown at all: nothing else takes a place in a ranking."""
    axis = axis_of(model, query)
    if axis is None or query.interval is None or query.compared_with is None:
        return query.compared_with
    zone = ZoneInfo(query.timezone)
    return beside(query.interval, query.compared_with, axis[1], zone, model.week_start)


def _ranked(model: Model, query: Query, by: str) -> Iterator[str]:
    """The metric that ranks, and one of every other table, whose groups are ranked with nothing counted."""
    known: set[str | None] = set()
    for name in (by, *query.metrics):
        tables = {leaf.table for leaf in model.leaves(model.metrics[name])}
        if not tables <= known:
            known |= tables
            yield name


def _sets(query: Query, ranking: Ranking | None) -> tuple[Keys, ...]:
    """All keys first, then the sets of totals, subtotals and shares."""
    flag = (ranking.flag,) if ranking and ranking.plan else ()
    every = (*query.dimensions, *flag)
    return frozenset(every), *(set_keys(each, ranking) for each in sets_of(query, query.dimensions))


def _leaves(
    model: Model, query: Query, metrics: tuple[Metric, ...], sets: tuple[Keys, ...]
) -> Iterator[Leaf]:
    """Those of the range first, each with all keys; then the other range, then what lies before it."""
    builder = LeafBuilder(model, query, sets)
    own = list(dict.fromkeys(leaf for metric in metrics for leaf in model.leaves(metric)))
    own += [part for part in _window_parts(model, query, back=False) if part not in own]
    before = _window_parts(model, query, back=True)
    # Also where only windows are asked for: which groups there are is told by the range's own rows.
    own = own or before
    found: list[Leaf] = []
    periods = _periods(model, query)
    if own:
        found += builder.leaves(own, periods[OWN], sets)
    if PREVIOUS in periods:
        shown = [leaf for name in query.metrics for leaf in model.leaves(model.metrics[name])]
        found += builder.leaves(shown, periods[PREVIOUS], sets)
    if before:
        found += builder.leaves(before, periods[WINDOW], sets[:1])
    if not found:
        found.append(replace(builder.values_leaf(), sets=sets))
    _check_axis(model, query, found)
    yield from sorted(found, key=lambda leaf: sets[0] not in leaf.sets)


def _periods(model: Model, query: Query) -> Mapping[str, Period]:
    """The ranges whose rows are read, by suffix: these, filters and the page are the values of a question."""
    found = {OWN: Period(query.interval)}
    if query.compared_with and query.interval:
        shift = _shift(model, query, query.interval, query.compared_with)
        found[PREVIOUS] = Period(query.compared_with, PREVIOUS, shift)
    if any(window.looks_back for window in query.windows):
        found[WINDOW] = Period(window_interval(model, query), WINDOW)
    return found


def _window_parts(model: Model, query: Query, *, back: bool) -> list[Metric]:
    parts = [
        part
        for window in query.windows
        if window.looks_back is back
        for part in window_parts(model, model.metrics[window.metric])
    ]
    return list(dict.fromkeys(parts))


def _shift(model: Model, query: Query, here: Interval, there: Interval) -> Shift | None:
    """What moves the buckets of the other range to their positions in this one."""
    axis = axis_of(model, query)
    grain = axis[1] if axis else Grain.DAY
    zone = ZoneInfo(query.timezone)
    earlier, later = (first_bucket(each, grain, zone, model.week_start) for each in (there, here))
    return shift_between(earlier, later, grain) if earlier and later else None


def _check_axis(model: Model, query: Query, leaves: list[Leaf]) -> None:
    """What is done along the axis is done along the time that the range speaks of."""
    needs_one = query.fill or query.windows or query.compared_with
    axis = axis_of(model, query) if needs_one else None
    if axis is None:
        return
    for leaf in leaves:
        field = next(each for each in leaf.groupings if each.name == axis[0])
        if field.dimension != leaf.time:
            name = leaf.metrics[0].name if leaf.metrics else leaf.table.name
            message = (
                f"'{axis[0]}' is not the time of '{name}', so fill, windows and compare have no axis. "
                f"Group by 'time__{axis[1]}'."
            )
            raise Fault(
                "DIMENSION_NOT_REACHABLE", message, dimension=axis[0], metric=name, validDimensions=[]
            )


def _used(leaves: tuple[Leaf, ...], query: Query) -> set[str]:
    """The names of the dimensions and segments that groups, filters, times and `only` read."""
    found = {grouping.dimension.name for leaf in leaves for grouping in leaf.groupings}
    found |= {name for leaf in leaves for metric in leaf.metrics for name, _ in metric.only}
    found |= {leaf.time.name for leaf in leaves if leaf.time}
    stems = {split_grain(condition.name)[0] for condition in conditions(query.filters)}
    return found | (stems - {AXIS})


def _scope(model: Model, tables: Iterable[str], viewer: Viewer) -> Iterator[tuple[str, object]]:
    """What the row filters of these tables know of the viewer: answers differ by no more than that."""
    filters = [each for name in tables if (each := model.tables[name].row_filter)]
    known = {name for sql in filters for name in sql.placeholders}
    told = {"tenant": viewer.tenant, "subject": viewer.subject, "roles": tuple(sorted(viewer.roles))}
    yield from ((name, told[name]) for name in sorted(known))
