"""The leaves of a question: an aggregate for each table, range and kind of grouping that metrics need."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from model.dimension import Dimension
from model.faults import Fault
from model.filters import Filter, conditions
from model.grain import AXIS, split_grain
from model.metric import Metric, Snapshot
from model.model import Model
from model.query import Query
from model.table import Table
from plan.below import with_filters
from plan.fields import Field, field_of
from plan.leaf import moment_keys
from plan.parts import Leaf, Period
from plan.reach import fanned_route_to, not_reachable, route_to
from plan.sets import Keys


@dataclass(frozen=True, slots=True)
class LeafBuilder:
    """Makes the leaves of one question. `sets` begins with all keys."""

    model: Model
    query: Query
    sets: tuple[Keys, ...]

    def leaves(self, metrics: Iterable[Metric], period: Period, sets: tuple[Keys, ...]) -> Iterator[Leaf]:
        """Those of one range, in the order in which the metrics first need them. Metrics are aggregates."""
        by_source: dict[tuple[str, Snapshot | None], list[Metric]] = {}
        for metric in metrics:
            by_source.setdefault((metric.table or "", metric.snapshot), []).append(metric)
        for (table, snapshot), found in by_source.items():
            unique = tuple(dict.fromkeys(found))
            leaf = self.leaf(self.model.tables[table], unique, unique[0].name, period)
            yield from _split(replace(leaf, snapshot=snapshot), sets)

    def leaf(self, table: Table, metrics: tuple[Metric, ...], metric: str, period: Period) -> Leaf:
        """One table's aggregate, with a way to all that it reads. Raises Fault where there is none."""
        model, query = self.model, self.query
        groupings = tuple(self._field(table, metric, name) for name in query.dimensions)
        grouped = [field.dimension for field in groupings]
        find = fanned_route_to if query.deduplicate else route_to
        routes = {each.place: find(model, metric, table, each) for each in grouped}
        time = model.time_of(table.name)
        looked_up = [model.dimensions[name] for each in metrics for name, _ in each.only]
        if period.interval is not None:
            looked_up.append(self._time(table, metric, time))
        routes |= {each.place: route_to(model, metric, table, each) for each in looked_up}
        found = Leaf(table, metrics, groupings, routes, time, period, sets=self.sets[:1])
        return with_filters(model, metric, found, self._filtered(table, metric, query.filters))

    def _filtered(self, table: Table, metric: str, filters: Filter) -> Iterator[Dimension]:
        for name in dict.fromkeys(condition.name for condition in conditions(filters)):
            yield self._field(table, metric, name).dimension

    def _field(self, table: Table, metric: str, name: str) -> Field:
        found = field_of(self.model, table, name)
        if isinstance(found, str):
            raise not_reachable(self.model, metric, table, name, found)
        return found

    def _time(self, table: Table, metric: str, time: Dimension | None) -> Dimension:
        if time is None:
            message = f"{table.name} has no time dimension, so '{metric}' has no dateRange. Leave it out."
            raise Fault("INVALID_DATE_RANGE", message, metric=metric)
        return time

    def values_leaf(self) -> Leaf:
        """Without metrics, the values of the dimensions: from the table of one of them that finds the others.

        Raises DIMENSION_NOT_REACHABLE when there is none, for no rows then say which values go together.
        """
        query, model = self.query, self.model
        asked = [split_grain(name)[0] for name in query.dimensions]
        found = [model.dimensions[stem] for stem in asked if stem != AXIS]
        for table in dict.fromkeys(each.declared_on if each.via else each.table for each in found):
            if all(len(model.routes_to(table, each)) == 1 for each in found):
                first = query.dimensions[0]
                return self.leaf(model.tables[table], (), first, Period(query.interval))
        names = ", ".join(query.dimensions)
        message = f"Without a metric, nothing says which values of {names} go together. Add a metric."
        if not found:
            first = query.dimensions[0]
            message = (
                f"Without a metric, '{first}' is the time of nothing. Add a metric, or name a column's time."
            )
        raise Fault("DIMENSION_NOT_REACHABLE", message, dimension=query.dimensions[0], validDimensions=[])


def _split(leaf: Leaf, sets: tuple[Keys, ...]) -> Iterator[Leaf]:
    """One leaf for all sets, or several where what a row counts for depends on the set.

    Rows that meet many count once in a set without that key, and the last moment of a month is not that of
    the year: such sets are aggregates of their own.
    """
    apart = leaf.fanned_keys | (moment_keys(leaf) if leaf.snapshot else frozenset())
    whole = tuple(each for each in sets if each & apart == sets[0] & apart)
    yield replace(leaf, sets=whole)
    for each in sets:
        if each not in whole:
            yield replace(leaf, sets=(each,))
