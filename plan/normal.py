"""One form for all questions that have the same answer: it is planned, rendered and cached."""

from collections.abc import Callable
from dataclasses import replace

from model.faults import Fault
from model.filters import EVERYTHING, And, Condition, Filter, Not, Op, Or, conditions, normalized
from model.grain import split_grain
from model.model import Model
from model.query import COMPARED, OTHERS, SHARE, Direction, OrderBy, Query
from model.value import ValueType
from plan.fields import value_type
from plan.limits import Limits
from plan.modifiers import check_ranges, normal_modifiers
from plan.values import typed


def normal_query(model: Model, query: Query, limits: Limits) -> Query:
    """Names unique and known, values typed, filters sorted, order explicit, within `limits`.

    Metrics stand in the order of the model, dimensions as asked. Raises Fault for what cannot be asked.
    """
    return with_values(model, normal_names(model, query, limits), query, limits)


def normal_names(model: Model, query: Query, limits: Limits) -> Query:
    """All but values: no filter, page or range is looked at, only whether there are ranges."""
    _check_names(query, limits)
    metrics = tuple(dict.fromkeys(model.metric(name).name for name in query.metrics))
    dimensions = tuple(dict.fromkeys(known_dimension(model, name) for name in query.dimensions))
    query = replace(query, metrics=_in_model_order(model, metrics), dimensions=dimensions)
    query = normal_modifiers(model, query, limits)
    _check_order(model, query)
    return replace(query, order_by=_explicit_order(model, query, metrics))


def with_values(model: Model, names: Query, query: Query, limits: Limits) -> Query:
    """The normal form of `query`, of which `names` are the normal names."""
    _check_values(query, limits)
    found = replace(
        names,
        filters=_normal_filters(model, names.dimensions, query),
        having=_normal_having(model, query.having),
        interval=query.interval,
        compared_with=query.compared_with,
        limit=query.limit,
        offset=query.offset,
        search=None,
    )
    check_ranges(model, found)
    return found


def _normal_filters(model: Model, dimensions: tuple[str, ...], query: Query) -> Filter:
    """The question's filters, and what is searched for."""
    filters = query.filters
    if query.search is not None:
        filters = And((filters, _search(model, dimensions, query.search)))
    if filters == EVERYTHING:
        return EVERYTHING
    return normalized(typed_filter(filters, lambda name: value_type(model, name)))


def _normal_having(model: Model, having: Filter) -> Filter:
    if having == EVERYTHING:
        return EVERYTHING
    return normalized(typed_filter(having, lambda name: model.metric(name).value))


def _search(model: Model, dimensions: tuple[str, ...], text: str) -> Filter:
    """Some selected text holds it. Raises INVALID_FILTER when no text is selected."""
    names = [name for name in dimensions if _is_text(model, name)]
    if not names:
        message = "search looks into the selected dimensions that are text, and there are none. Add one."
        raise Fault("INVALID_FILTER", message, path="search")
    return Or(tuple(Condition(name, Op.SEARCH, (text,), "search") for name in names))


def _is_text(model: Model, name: str) -> bool:
    return name in model.dimensions and model.dimensions[name].type is ValueType.STRING


def known_dimension(model: Model, name: str) -> str:
    """The name itself, when a question may group by it. Raises UNKNOWN_DIMENSION."""
    if name not in model.dimension_names:
        model.dimension(name)
    return name


def _check_names(query: Query, limits: Limits) -> None:
    if not query.metrics and not query.dimensions:
        message = "The question names no metric and no dimension. Add one to 'metrics' or to 'dimensions'."
        raise Fault("UNKNOWN_METRIC", message, suggestions=[])
    limits.check("The number of metrics", len(query.metrics), limits.names)
    limits.check("The number of dimensions", len(query.dimensions), limits.names)
    if query.totals or query.shares or query.subtotals:
        limits.check("The number of dimensions with totals or shares", len(query.dimensions), 30)
    for what, asked in (("shares", query.shares), ("windows", query.windows), ("subtotals", query.subtotals)):
        limits.check(f"The number of {what}", len(asked), limits.names)


def _check_values(query: Query, limits: Limits) -> None:
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


def typed_filter(tree: Filter, kind: Callable[[str], ValueType]) -> Filter:
    """The same filter with values of the types that `kind` tells. Raises INVALID_FILTER."""
    match tree:
        case Condition(name):
            return typed(tree, kind(name))
        case And(parts):
            return And(tuple(typed_filter(part, kind) for part in parts))
        case Or(parts):
            return Or(tuple(typed_filter(part, kind) for part in parts))
        case Not(part):
            return Not(typed_filter(part, kind))


def _check_order(model: Model, query: Query) -> None:
    compared = {f"{name}{end}" for name in query.metrics for end in COMPARED if query.compared_with}
    known = {*query.dimensions, *model.metrics, *compared, *(share.name for share in query.shares)}
    for each in query.order_by:
        if each.name in known:
            continue
        if each.name.endswith(SHARE):
            message = f"orderBy names '{each.name}', which is there with its share. Add it to 'shares'."
            raise Fault("INVALID_ORDER", message, name=each.name)
        if each.name.endswith(COMPARED):
            message = (
                f"orderBy names '{each.name}', which is there with 'compare' and its metric in 'metrics'."
            )
            raise Fault("INVALID_ORDER", message, name=each.name)
        known_dimension(model, each.name)
        message = f"orderBy names '{each.name}', which the question does not group by."
        raise Fault("INVALID_ORDER", f"{message} Add it to 'dimensions'.", name=each.name)


def _explicit_order(model: Model, query: Query, asked_metrics: tuple[str, ...]) -> tuple[OrderBy, ...]:
    """The asked order, or the default one; every dimension breaks ties, so that pages are stable."""
    if not query.dimensions:
        return ()
    orders: dict[str, OrderBy] = {}
    for order in query.order_by or _default_order(model, query, asked_metrics):
        orders.setdefault(order.name, order)
    gathered = query.top.of + OTHERS if query.top and query.top.others else None
    if gathered:
        orders.setdefault(gathered, OrderBy(gathered))
    for name in query.dimensions:
        orders.setdefault(name, OrderBy(name))
    return tuple(orders.values())


def _default_order(model: Model, query: Query, metrics: tuple[str, ...]) -> tuple[OrderBy, ...]:
    """Time ascending, else the first metric descending, else dimensions ascending. A ranking has its own."""
    times = tuple(OrderBy(name) for name in query.dimensions if _is_time(model, name))
    if query.top is None:
        return times or tuple(OrderBy(name, Direction.DESC) for name in metrics[:1])
    others = (OrderBy(query.top.of + OTHERS),) if query.top.others else ()
    return (*times, *others, OrderBy(query.top.by, query.top.direction))


def _is_time(model: Model, name: str) -> bool:
    stem, step = split_grain(name)
    return step is not None or model.dimensions[stem].type.is_time
