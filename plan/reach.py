"""Which dimensions a metric's rows can look up, and why not the others."""

from collections.abc import Iterable

from model.descents import descent_paths
from model.dimension import Dimension
from model.faults import Fault
from model.grain import AXIS, split_grain
from model.model import Model, steps_of
from model.routes import Route, connected_tables
from model.table import Table

MOST_TOLD = 30
"""Names in a message; the fault's fields have all of them."""


def route_to(model: Model, metric: str, table: Table, dimension: Dimension) -> Route:
    """The one way from the metric's table to the dimension's that multiplies no row.

    Raises FAN_OUT, AMBIGUOUS_JOIN_PATH or DIMENSION_NOT_REACHABLE.
    """
    routes = model.routes_to(table.name, dimension)
    if len(routes) == 1:
        return routes[0]
    if routes:
        ways = [" -> ".join((table.name, *(join.name for join in route))) for route in routes]
        raise ambiguous(model, metric, table, dimension, ways)
    if dimension.table in connected_tables(model.tables, table.name):
        raise _fan_out(model, metric, table, dimension)
    raise not_reachable(
        model, metric, table, dimension.name, f"no join leads from {table.name} to {dimension.declared_on}"
    )


def fanned_route_to(model: Model, metric: str, table: Table, dimension: Dimension) -> Route:
    """The one way that looks the dimension up or, where there is none, that leads down to it.

    One row of `table` may meet many at its end. Raises as `route_to` does.
    """
    if not model.routes_to(table.name, dimension):
        paths = descent_paths(model.tables, table.name, dimension.place)
        if len(paths) > 1:
            ways = [told_path(table.name, (*path, *route)) for path, route in paths]
            raise ambiguous(model, metric, table, dimension, ways)
        if paths:
            path, route = paths[0]
            return (*path, *route)
    return route_to(model, metric, table, dimension)


def told_path(start: str, route: Route) -> str:
    return " -> ".join((start, *(join.name for join in route)))


def not_reachable(model: Model, metric: str, table: Table, name: str, why: str) -> Fault:
    """DIMENSION_NOT_REACHABLE, with the dimensions that are."""
    return Fault(
        "DIMENSION_NOT_REACHABLE",
        f"'{name}' cannot be used with '{metric}': {why}.",
        metric=metric,
        dimension=name,
        validDimensions=reachable_dimensions(model, table),
    )


def with_what_works(model: Model, tables: Iterable[str], fault: Fault) -> Fault:
    """A fault about a dimension, with those that rows of all these tables can be grouped by."""
    tables = list(tables)
    if not tables or not fault.fields.get("validDimensions"):
        return fault
    each = [reachable_dimensions(model, model.tables[name]) for name in tables]
    valid = [name for name in model.dimension_names if all(_is_in(name, found) for found in each)]
    message = fault.message
    if fault.code == "DIMENSION_NOT_REACHABLE":
        more = f" and {len(valid) - MOST_TOLD} more" if len(valid) > MOST_TOLD else ""
        message += f" These can, with all metrics of the question: {', '.join(valid[:MOST_TOLD])}{more}."
    return Fault(fault.code, message, **{**fault.fields, "validDimensions": valid})


def _is_in(name: str, found: list[str]) -> bool:
    """Whether a name of a question is one of those found, or a step of one."""
    return name in found or split_grain(name)[0] in found


def reachable_dimensions(model: Model, table: Table) -> list[str]:
    """The declared dimensions, and the time axis, that rows of `table` can be grouped by."""
    found = [name for name, each in model.dimensions.items() if len(model.routes_to(table.name, each)) == 1]
    time = model.time_of(table.name)
    axis = [f"{AXIS}__{step}" for step in steps_of(time.type)] if time else []
    return [*axis, *found]


def _fan_out(model: Model, metric: str, table: Table, dimension: Dimension) -> Fault:
    others = [
        each.name
        for each in model.metrics.values()
        if each.table and len(model.routes_to(each.table, dimension)) == 1
    ]
    remedy = f" Metrics that go with '{dimension.name}': {', '.join(others)}." if others else ""
    if len(descent_paths(model.tables, table.name, dimension.place)) == 1:
        remedy += " With fanout: DEDUPLICATE each row counts once for every value that it meets."
    return Fault(
        "FAN_OUT",
        f"'{dimension.name}' would count rows of '{metric}' several times: one row of {table.name} "
        f"meets many of {dimension.table}.{remedy}",
        metric=metric,
        dimension=dimension.name,
        validMetrics=others,
        validDimensions=reachable_dimensions(model, table),
    )


def ambiguous(model: Model, metric: str, table: Table, dimension: Dimension, ways: list[str]) -> Fault:
    """AMBIGUOUS_JOIN_PATH: which way is meant would change the number."""
    remedy = "Use a dimension that lies on only one of them."
    if model.routes_to(table.name, dimension):
        remedy = f"Name one in the model, under 'paths:' of {table.name} or as a dimension with 'via:'."
    return Fault(
        "AMBIGUOUS_JOIN_PATH",
        f"'{dimension.name}' can be found for '{metric}' in {len(ways)} ways: {'; '.join(ways)}. {remedy}",
        metric=metric,
        dimension=dimension.name,
        paths=ways,
        validDimensions=reachable_dimensions(model, table),
    )
