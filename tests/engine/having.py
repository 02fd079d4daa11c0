"""Whether a group is shown."""

from typing import Any

from tests.engine.conditions import Tree, meets

KINDS = {
    "first_order": "timestamptz",
    "last_due": "date",
    "last_status": "string",
    "last_ticket": "timestamptz",
}
"""The types of the metrics that are no numbers."""


def shown(values: dict[str, Any], tree: Tree | None) -> bool:
    """Whether the metrics of a group pass a tree of conditions."""
    return all(_holds(values, name, told) for name, told in (tree or {}).items())


def _holds(values: dict[str, Any], name: str, told: Any) -> bool:
    if name == "and":
        return all(shown(values, each) for each in told)
    if name == "or":
        return any(shown(values, each) for each in told)
    if name == "not":
        return not shown(values, told)
    kind = KINDS.get(name, "decimal")
    return all(meets(values[name], op, asked, kind) for op, asked in told.items())
