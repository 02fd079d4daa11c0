"""Where the rows stand that a leaf reads, seen from a row of its table, and where they lead back to it."""

from collections.abc import Iterator

from model.dimension import Dimension
from model.model import Model
from model.routes import Route
from model.table import Join
from plan.parts import Leaf, Plan


def every_leaf(plan: Plan) -> Iterator[Leaf]:
    """Those that are shown, and those by which a ranking finds the values that it keeps."""
    yield from plan.leaves
    if plan.ranking and plan.ranking.plan:
        yield from every_leaf(plan.ranking.plan)


def stands(leaf: Leaf) -> Iterator[tuple[Route, str]]:
    """The way to each table whose rows are read, and its name; a table may stand at the end of several."""
    yield (), leaf.table.name
    for route in leaf.routes.values():
        for length, join in enumerate(route, 1):
            yield route[:length], join.target
    for below in leaf.below:
        for route, table in stands(below.leaf):
            yield (below.step, *route), table


def is_always_found_at(model: Model, leaf: Leaf, dimension: Dimension, way: Route) -> bool:
    """Whether every row that is read, and that has a value of the dimension, has the value found at `way`.

    Rows that are reached another way have values of their own: the billing address, say, beside the delivery.
    """
    return all(
        _leads_to(way, (*route, *onward))
        for route, table in stands(leaf)
        for onward in model.routes_to(table, dimension)
    )


def _leads_to(way: Route, route: Route) -> bool:
    return route == way or shortened(route) == way


def shortened(route: Route) -> Route:
    """The same way without steps that are at once taken back, as from a sale to its line and up again."""
    found: list[Join] = []
    for join in route:
        if found and _takes_back(found[-1], join):
            found.pop()
        else:
            found.append(join)
    return tuple(found)


def _takes_back(step: Join, join: Join) -> bool:
    """Whether `join` surely leads to the row from which `step` came: what was valid may be another one."""
    if step.target != join.table or step.table != join.target or step.valid or join.valid:
        return False
    return sorted(step.on) == sorted((theirs, ours) for ours, theirs in join.on)
