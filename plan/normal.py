"""One form for all questions that have the same answer: it is planned, rendered and cached."""

from collections.abc import Callable
from dataclasses import replace

from sqlglot import exp

from model.dimension import Dimension
from model.expression import Sql
from model.faults import Fault
from model.filters import And, Condition, Filter, Not, Or, conditions, normalized
from model.grain import split_grain
from model.metric import Metric, MetricKind
from model.model import Model
from model.query import Direction, OrderBy, Query, Share
from model.value import ValueType
from plan.limits import Limits
from plan.values import typed

SHARED = {MetricKind.SUM, MetricKind.COUNT, MetricKind.COUNT_DISTINCT, MetricKind.DERIVED}


def normal_query(model: Model, query: Query, limits: Limits) -> Query:
    """Names unique and known, values typed, filters sorted, order explicit, within `limits`.

    Metrics stand in the order of the model, dimensions as asked. Raises Fault for what cannot be asked.
    """
    _check_limits(query, limits)
    metrics = tuple(dict.fromkeys(model.metric(name).name for name in query.metrics))
    dimensions = tuple(dict.fromkeys(known_dimension(model, name) for name in query.dimensions))
    shares = normal_shares(model, query.shares, dimensions)
    _check_order(model, query.order_by, (*dimensions, *(share.name for share in shares)))
    return replace(
        query,
        metrics=_in_model_order(model, metrics),
        dimensions=dimensions,
        filters=normalized(typed_filter(query.filters, model.dimension)),
        having=normalized(typed_filter(query.having, lambda name: as_dimension(model.metric(name)))),
        order_by=_explicit_order(model, query.order_by, metrics, dimensions),
        shares=shares,
    )


def normal_shares(model: Model, shares: tuple[Share, ...], dimensions: tuple[str, ...]) -> tuple[Share, ...]:
    """Each share once, sorted. Raises INVALID_SHARE for what is no part of a whole, or has no groups."""
    found: dict[str, Share] = {}
    for share in shares:
        metric = model.metric(share.metric)
        if metric.kind not in SHARED:
            message = (
                f"'{metric.name}' is a {metric.kind}: its groups are no parts of a whole, so it has no share."
            )
            raise Fault("INVALID_SHARE", message, metric=metric.name)
        if missing := [name for name in share.within if name not in dimensions]:
            message = f"The share of '{metric.name}' is within '{missing[0]}', which is not in 'dimensions'."
            raise Fault("INVALID_SHARE", message, metric=metric.name, dimension=missing[0])
        if len(set(share.within)) == len(dimensions):
            message = f"The share of '{metric.name}' is of the group itself. Add another dimension."
            raise Fault("INVALID_SHARE", message, metric=metric.name)
        normal = Share(share.metric, tuple(name for name in dimensions if name in share.within))
        if found.setdefault(share.metric, normal) != normal:
            message = (
                f"The share of '{metric.name}' is asked for twice. Ask for one of them in another question."
            )
            raise Fault("INVALID_SHARE", message, metric=metric.name)
    return tuple(found[name] for name in sorted(found))


def known_dimension(model: Model, name: str) -> str:
    """The name itself, when a question may group by it. Raises UNKNOWN_DIMENSION."""
    if name not in model.dimension_names:
        model.dimension(name)
    return name


def _check_limits(query: Query, limits: Limits) -> None:
    if not query.metrics and not query.dimensions:
        message = "The question names no metric and no dimension. Add one to 'metrics' or to 'dimensions'."
        raise Fault("UNKNOWN_METRIC", message, suggestions=[])
    limits.check("The number of metrics", len(query.metrics), limits.names)
    limits.check("The number of dimensions", len(query.dimensions), limits.names)
    if query.totals or query.shares:
        limits.check("The number of dimensions with totals or shares", len(query.dimensions), 31)
    limits.check("limit", query.limit, limits.rows)
    limits.check("offset", query.offset, limits.offset)
    for what, count in (("limit", query.limit), ("offset", query.offset)):
        if count < 0:
            raise Fault("LIMIT_EXCEEDED", f"{what} is {count}; it cannot be negative.", max=limits.rows)
    found = [*conditions(query.filters), *conditions(query.having)]
    limits.check("The number of conditions in filters and having", len(found), limits.conditions)
    for condition in found:
        limits.check(f"The list at {condition.path or condition.name}", len(condition.values), limits.values)


def _in_model_order(model: Model, names: tuple[str, ...]) -> tuple[str, ...]:
    asked = set(names)
    return tuple(name for name in model.metrics if name in asked)


def typed_filter(tree: Filter, lookup: Callable[[str], Dimension]) -> Filter:
    """The same filter with values of the types that `lookup` tells. Raises INVALID_FILTER."""
    match tree:
        case Condition(name):
            return typed(tree, lookup(name))
        case And(parts):
            return And(tuple(typed_filter(part, lookup) for part in parts))
        case Or(parts):
            return Or(tuple(typed_filter(part, lookup) for part in parts))
        case Not(part):
            return Not(typed_filter(part, lookup))


def as_dimension(metric: Metric) -> Dimension:
    """A metric as `having` compares it: a number of a group."""
    return Dimension(metric.name, "", Sql(metric.name, exp.column(metric.name)), ValueType.DECIMAL)


def _check_order(model: Model, order: tuple[OrderBy, ...], dimensions: tuple[str, ...]) -> None:
    for each in order:
        if each.name not in model.metrics and each.name not in dimensions:
            known_dimension(model, each.name)
            message = f"orderBy names '{each.name}', which the question does not group by."
            raise Fault("INVALID_ORDER", f"{message} Add it to 'dimensions'.", name=each.name)


def _explicit_order(
    model: Model,
    asked: tuple[OrderBy, ...],
    metrics: tuple[str, ...],
    dimensions: tuple[str, ...],
) -> tuple[OrderBy, ...]:
    """The asked order, or the default one; every dimension breaks ties, so that pages are stable."""
    if not dimensions:
        return ()
    orders: dict[str, OrderBy] = {}
    for order in asked or _default_order(model, metrics, dimensions):
        orders.setdefault(order.name, order)
    for name in dimensions:
        orders.setdefault(name, OrderBy(name))
    return tuple(orders.values())


def _default_order(
    model: Model, metrics: tuple[str, ...], dimensions: tuple[str, ...]
) -> tuple[OrderBy, ...]:
    """Time ascending, else the first metric descending, else dimensions ascending."""
    times = tuple(OrderBy(name) for name in dimensions if _is_time(model, name))
    return times or tuple(OrderBy(name, Direction.DESC) for name in metrics[:1])


def _is_time(model: Model, name: str) -> bool:
    stem, step = split_grain(name)
    return step is not None or model.dimensions[stem].type.is_time
