"""Which dimensions a metric's rows can look up, and why not the others."""

from model.dimension import Dimension
from model.faults import Fault
from model.grain import AXIS
from model.model import Model, steps_of
from model.routes import Route, connected_tables, lookup_routes
from model.table import Table


def route_to(model: Model, metric: str, table: Table, dimension: Dimension) -> Route:
    """The one way from the metric's table to the dimension's that multiplies no row.

    Raises FAN_OUT, AMBIGUOUS_JOIN_PATH or DIMENSION_NOT_REACHABLE.
    """
    routes = lookup_routes(model.tables, table.name).get(dimension.table, ())
    if len(routes) == 1:
        return routes[0]
    if routes:
        ways = [" -> ".join((route[0].table, *(join.name for join in route))) for route in routes]
        raise ambiguous(metric, dimension.name, ways)
    if dimension.table in connected_tables(model.tables, table.name):
        raise _fan_out(model, metric, table, dimension)
    raise not_reachable(
        model, metric, table, dimension.name, f"no join leads from {table.name} to {dimension.table}"
    )


def not_reachable(model: Model, metric: str, table: Table, name: str, why: str) -> Fault:
    """DIMENSION_NOT_REACHABLE, with the dimensions that are."""
    valid = reachable_dimensions(model, table)
    return Fault(
        "DIMENSION_NOT_REACHABLE",
        f"'{name}' cannot be used with '{metric}': {why}. These can: {', '.join(valid)}.",
        metric=metric,
        dimension=name,
        validDimensions=valid,
    )


def reachable_dimensions(model: Model, table: Table) -> list[str]:
    """The declared dimensions, and the time axis, that rows of `table` can be grouped by."""
    routes = lookup_routes(model.tables, table.name)
    found = [name for name, each in model.dimensions.items() if len(routes.get(each.table, ())) == 1]
    time = model.time_of(table.name)
    axis = [f"{AXIS}__{step}" for step in steps_of(time.type)] if time else []
    return [*axis, *found]


def _fan_out(model: Model, metric: str, table: Table, dimension: Dimension) -> Fault:
    others = [
        each.name
        for each in model.metrics.values()
        if each.table and len(lookup_routes(model.tables, each.table).get(dimension.table, ())) == 1
    ]
    remedy = f" Metrics that go with '{dimension.name}': {', '.join(others)}." if others else ""
    return Fault(
        "FAN_OUT",
        f"'{dimension.name}' would count rows of '{metric}' several times: one row of {table.name} "
        f"meets many of {dimension.table}.{remedy}",
        metric=metric,
        dimension=dimension.name,
        validMetrics=others,
        validDimensions=reachable_dimensions(model, table),
    )


def ambiguous(metric: str, name: str, ways: list[str]) -> Fault:
    """AMBIGUOUS_JOIN_PATH: which way is meant would change the number."""
    return Fault(
        "AMBIGUOUS_JOIN_PATH",
        f"'{name}' can be found for '{metric}' in {len(ways)} ways: {'; '.join(ways)}. "
        "Remove a join from the model, or declare the dimension on the nearer table.",
        metric=metric,
        dimension=name,
        paths=ways,
    )
