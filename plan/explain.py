"""A plan in words and values: which tables are read, over which joins, and why a filter went where it did."""

from collections.abc import Iterator

from model.dates import Interval
from model.filters import And, Condition, Filter, Not, Or, conditions
from model.grain import split_grain
from model.model import Model
from model.query import Query
from model.routes import Route
from model.table import Join, JoinKind
from plan.parts import Below, Leaf, Plan

Told = dict[str, object]


def explained(model: Model, plan: Plan) -> Told:
    """What a person who doubts a number wants to know, as plain values fit for JSON."""
    found: Told = {"aggregates": [_leaf(model, plan.query, leaf) for leaf in plan.leaves]}
    if len(plan.leaves) > 1:
        found["combined"] = (
            "Each aggregate by itself, then stacked by UNION ALL and grouped by the same keys."
        )
    found["steps"] = list(_steps(plan))
    if plan.ranking and plan.ranking.plan:
        found["ranking"] = explained(model, plan.ranking.plan)
    if plan.scope:
        found["rowFilters"] = f"Rows depend on the viewer's {', '.join(name for name, _ in plan.scope)}."
    return found


def _leaf(model: Model, query: Query, leaf: Leaf) -> Told:
    found: Told = {
        "table": ".".join(leaf.table.source),
        "metrics": [f"{metric.name}{leaf.period.suffix}" for metric in leaf.metrics],
        "groupBy": [_key(leaf, each.name, each.dimension.table) for each in leaf.groupings],
        "joins": list(dict.fromkeys(_joins(leaf))),
        "filters": list(_filters(model, query, leaf)),
    }
    if leaf.is_fanned:
        found["distinct"] = f"A row of {leaf.table.name} meets many rows: its key is made distinct first."
    if leaf.snapshot:
        moment = "first" if leaf.snapshot.first else "last"
        each = f" of each {', '.join(leaf.snapshot.per)}" if leaf.snapshot.per else ""
        found["moment"] = f"Only rows of the {moment} {leaf.snapshot.over}{each} in a bucket count."
    if len(leaf.sets) > 1:
        found["groupingSets"] = [", ".join(sorted(each)) or "all rows" for each in leaf.sets]
    return found


def _key(leaf: Leaf, name: str, table: str) -> str:
    return f"{name} from {table}" if table != leaf.table.name else name


def _joins(leaf: Leaf) -> Iterator[str]:
    for route in leaf.routes.values():
        yield from (_join(join) for join in route)


def _join(join: Join) -> str:
    pairs = " and ".join(f"{join.table}.{ours} = {join.target}.{theirs}" for ours, theirs in join.on)
    kind = "left join, one row at most" if join.kind is JoinKind.MANY_TO_ONE else "left join, many rows"
    when = f", valid at {join.table}.{join.valid.at}" if join.valid else ""
    return f"{join.target} ({kind}) on {pairs}{when}"


def _filters(model: Model, query: Query, leaf: Leaf) -> Iterator[Told]:
    if leaf.table.row_filter:
        yield {"filter": leaf.table.row_filter.text, "where": "row filter of the model, beside all others"}
    interval = leaf.period.interval
    if interval and leaf.time:
        yield {
            "filter": _range(interval),
            "where": f"on the column of {leaf.time.name}, as a half-open range",
        }
    parts = query.filters.parts if isinstance(query.filters, And) else (query.filters,)
    for part in parts:
        yield {"filter": told_filter(part), "where": "; ".join(dict.fromkeys(_places(model, leaf, part)))}


def _range(interval: Interval) -> str:
    start = interval.start.isoformat() if interval.start else "the beginning"
    return f"from {start} until before {interval.end.isoformat() if interval.end else 'the end'}"


def _places(model: Model, leaf: Leaf, tree: Filter) -> Iterator[str]:
    for condition in conditions(tree):
        stem = split_grain(condition.name)[0]
        if stem not in model.dimensions and stem not in model.segments:
            yield f"{condition.name} on the time of {leaf.table.name}"
            continue
        dimension = model.filterable(stem)
        below = leaf.below_for(dimension)
        yield _below(leaf, below) if below else _above(leaf.routes.get(dimension.place, ()), condition.name)


def _below(leaf: Leaf, below: Below) -> str:
    return f"semi-join: a row of {leaf.table.name} meets many of {below.step.target}, and some row must pass"


def _above(route: Route, name: str) -> str:
    if not route:
        return f"{name} on the table itself"
    many = any(join.kind is JoinKind.ONE_TO_MANY for join in route)
    what = "on the rows that are joined" if many else "on the row that is looked up"
    return f"{name} {what} in {route[-1].target}"


def _steps(plan: Plan) -> Iterator[str]:
    query = plan.query
    if plan.ranking:
        how = "over base rows, then joined" if plan.ranking.plan else "among the groups"
        yield f"top: the first {plan.ranking.n} of {plan.ranking.of} by {plan.ranking.by}, ranked {how}"
    if query.fill:
        yield "fill: every bucket of the range for each combination of the other keys"
    if query.compared_with:
        yield f"compare: the same aggregates {_range(query.compared_with)}, bucket beside bucket"
    if query.shares:
        yield "shares: over wholes that are aggregated from rows in the same pass"
    if query.windows:
        yield f"windows: {', '.join(window.name for window in query.windows)}, along the buckets"
    if query.having != And(()):
        yield f"having: {told_filter(query.having)}"
    if query.order_by:
        yield f"order: {', '.join(f'{each.name} {each.direction}' for each in query.order_by)}"
    yield f"page: {query.limit} groups from {query.offset}"


def told_filter(tree: Filter) -> str:
    """A filter on one line."""
    match tree:
        case Condition(name, op, values):
            shown = ", ".join("null" if value is None else str(value) for value in values)
            return f"{name} {op} [{shown}]" if len(values) != 1 else f"{name} {op} {shown}"
        case And(parts):
            return " and ".join(map(_part, parts)) or "everything"
        case Or(parts):
            return " or ".join(map(_part, parts)) or "nothing"
        case Not(part):
            return f"not {_part(part)}"


def _part(tree: Filter) -> str:
    text = told_filter(tree)
    return text if isinstance(tree, Condition) else f"({text})"
