"""Which dimensions go with which metrics, for all of a model at once: what `make_plan` would accept."""

from dataclasses import dataclass
from functools import reduce

from model.dimension import Dimension
from model.faults import Fault
from model.model import Model
from model.table import Table
from plan.below import with_filters
from plan.parts import Leaf
from plan.reach import fanned_route_to, reachable_dimensions


@dataclass(frozen=True, slots=True)
class Fit:
    """What goes with a metric. A pair fits or does not, whatever else the question names.

    `groups` are declared dimensions and steps of the time axis; a time dimension brings all of its own steps.
    `filters` are declared dimensions and segments: those of `groups`, and those of rows below, of which a row
    may meet many.
    `deduplicated` are declared dimensions of which a row may have many: groups of them only with
    `fanout: DEDUPLICATE`. `has_time` tells whether a range of dates can be given.
    """

    groups: frozenset[str]
    filters: frozenset[str]
    deduplicated: frozenset[str]
    has_time: bool

    def __and__(self, other: "Fit") -> "Fit":
        """What goes with both."""
        groups, every = self.groups & other.groups, self._grouped() & other._grouped()
        return Fit(groups, self.filters & other.filters, every - groups, self.has_time and other.has_time)

    def _grouped(self) -> frozenset[str]:
        return self.groups | self.deduplicated


def fits_of(model: Model) -> dict[str, Fit]:
    """By metric. A metric made of several tables goes with what each of them reaches."""
    leaves = {name: model.leaves(metric) for name, metric in model.metrics.items()}
    measured = {leaf.table or "" for found in leaves.values() for leaf in found}
    by_table = {name: _of_table(model, model.tables[name]) for name in measured}
    return {
        name: reduce(Fit.__and__, (by_table[leaf.table or ""] for leaf in found))
        for name, found in leaves.items()
    }


def _of_table(model: Model, table: Table) -> Fit:
    """Whether a filter can be met depends on the dimension's place alone, so one of each is tried."""
    named = {**model.dimensions, **model.segments}
    one_of_each = {each.place: each for each in named.values()}
    open_to = {place for place, each in one_of_each.items() if _can_filter(model, table, each)}
    groups = frozenset(reachable_dimensions(model, table))
    fanned = {place for place, each in one_of_each.items() if _can_fan(model, table, each)}
    return Fit(
        groups,
        frozenset(name for name, each in named.items() if each.place in open_to),
        frozenset(name for name, each in model.dimensions.items() if each.place in fanned) - groups,
        model.time_of(table.name) is not None,
    )


def _can_fan(model: Model, table: Table, dimension: Dimension) -> bool:
    try:
        fanned_route_to(model, table.name, table, dimension)
    except Fault:
        return False
    return True


def _can_filter(model: Model, table: Table, dimension: Dimension) -> bool:
    """The planner itself is asked: its refusal is the answer."""
    try:
        with_filters(model, table.name, Leaf(table, (), (), {}, None), [dimension])
    except Fault:
        return False
    return True
