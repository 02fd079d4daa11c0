"""The ready-made question: the first thing a newcomer asks of a model."""

from collections.abc import Mapping

from model.model import Model
from model.routes import Route, lookup_routes
from model.value import ValueType

# One name a line: GraphiQL shows about 45 characters of a line beside its buttons.
_METADATA = "".join(
    f"\n      {name}" for name in ("fromCache", "source", "queryTimeMs", "totalRows", "ageMs")
)


def first_question(model: Model) -> str:
    """A document that every model answers: its first two metrics of one table, by its first label."""
    first = next(iter(model.metrics.values()))
    table = model.leaves(first)[0].table or ""
    metrics = [
        name for name, each in model.metrics.items() if {leaf.table for leaf in model.leaves(each)} == {table}
    ]
    routes = lookup_routes(model.tables, table)
    labels = (
        each.name
        for each in model.dimensions.values()
        if each.type is ValueType.STRING
        and len(routes.get(each.table, ())) == 1
        and _is_near(routes, each.table)
    )
    arguments = [f"metrics: [{', '.join(metrics[:2])}]", f"dimensions: [{next(labels, '')}]"]
    if model.time_of(table):
        arguments.append("dateRange: {last: {n: 30, unit: DAY}}")
    lines = "\n    ".join(arguments)
    return (
        f"query FirstLook {{\n  analytics(\n    {lines}\n  ) {{\n    data\n"
        f"    metadata {{{_METADATA}\n    }}\n  }}\n}}\n"
    )


def _is_near(routes: Mapping[str, tuple[Route, ...]], table: str) -> bool:
    """At most one join away."""
    return len(routes[table][0]) <= 1
