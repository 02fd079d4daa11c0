"""A plan's values are bound, in the order in which they stand in its text; nothing is written yet."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache, partial
from zoneinfo import ZoneInfo

from model.expression import Sql
from model.filters import EVERYTHING, Filter
from model.grain import Grain
from model.model import Model
from model.query import Query
from model.table import Table
from model.viewer import Viewer
from plan.axis import axis_of
from plan.bound import Bound, BoundPlan, BoundRows, Ends, Kind
from plan.conditions import FilterBinder, Operand, RawTime
from plan.fields import Field, field_of, type_of_step
from plan.instants import Timed, within
from plan.parts import Leaf, Plan, Ranking
from plan.positions import Bucket, first_bucket, last_bucket
from plan.statement import Mark, Parameters


def bound_plan(model: Model, plan: Plan) -> tuple[BoundPlan, tuple[object, ...]]:
    """What of its text depends on values, and these as arguments."""
    binder = PlanBinder(model, plan.viewer)
    found = binder.bound(plan)
    return found, tuple(binder.parameters.values)


@dataclass(frozen=True, slots=True)
class PlanBinder:
    """Of one plan. `told` are the marks of what row filters know of the viewer."""

    model: Model
    viewer: Viewer
    parameters: Parameters = field(default_factory=Parameters)
    told: dict[str, Mark] = field(default_factory=dict)

    def bound(self, plan: Plan) -> BoundPlan:
        """All of it."""
        ranking, having = plan.ranking, plan.query.having
        ranked = self._groups(ranking.plan) if ranking and ranking.plan else None
        before = self._top(ranking) if ranked else None
        return self._groups(plan)._replace(
            ranked=ranked,
            having=self._having(having) if having != EVERYTHING else None,
            top=before or self._top(ranking),
            shown=self._shown(plan),
            page=self._page(plan),
            viewer=tuple(self.told.items()),
        )

    def _groups(self, plan: Plan) -> BoundPlan:
        rows = RowsBinder(self, plan.query)
        return BoundPlan(
            tuple([rows.bound(leaf) for leaf in plan.leaves]),
            tuple([leaf.period.shift for leaf in plan.leaves]),
            filled=self._ends(plan.query) if plan.query.fill else (None, None),
        )

    def _top(self, ranking: Ranking | None) -> Mark | None:
        return self.parameters.bind(ranking.n, "bigint") if ranking else None

    def _having(self, having: Filter) -> Bound:
        def operand(name: str) -> Operand:
            return Operand(name, self.model.metrics[name].value)

        return FilterBinder(operand, self.parameters).bound(having)

    def _shown(self, plan: Plan) -> Ends:
        """Between them lie the question's own buckets, where there may be those of another range."""
        query = plan.query
        has_others = query.compared_with or any(window.looks_back for window in query.windows)
        return self._ends(query) if has_others else (None, None)

    def _ends(self, query: Query) -> Ends:
        """The first and the last bucket of the range."""
        axis = axis_of(self.model, query)
        if query.interval is None or axis is None:
            return None, None
        where = query.interval, axis[1], ZoneInfo(query.timezone), self.model.week_start
        return self._bucket(first_bucket(*where)), self._bucket(last_bucket(*where))

    def _bucket(self, bucket: Bucket | None) -> Mark | None:
        if bucket is None:
            return None
        return self.parameters.bind(bucket, "timestamptz" if isinstance(bucket, datetime) else "date")

    def _page(self, plan: Plan) -> Ends:
        """One row beyond the limit tells that there are more. Without dimensions there is one row."""
        if not plan.groupings:
            return None, None
        first, count = plan.query.offset, plan.query.limit + 1
        bind = partial(self.parameters.bind, type_="bigint")
        if plan.layout.masked:
            return bind(first), bind(first + count)
        return bind(count), bind(first) if first else None


@dataclass(frozen=True, slots=True)
class RowsBinder:
    """Of the rows that leaves read, for one question."""

    plan: PlanBinder
    query: Query

    def bound(self, leaf: Leaf) -> BoundRows:
        """The conditions on them."""
        self._tell(leaf.table)
        conditions = tuple(self._within(leaf))
        filters = self.query.filters
        found = BoundRows(conditions, self._filter(leaf, filters) if filters != EVERYTHING else None)
        self._tell_lookups(leaf)
        return found

    def _within(self, leaf: Leaf) -> Iterator[Bound]:
        time, interval = leaf.time, leaf.period.interval
        if time and interval:
            zone = ZoneInfo(self.query.timezone)
            yield from within(Timed("", time.type, time.zone), interval, zone, self.plan.parameters)

    def _filter(self, leaf: Leaf, tree: Filter) -> Bound:
        return FilterBinder(
            partial(self._operand, leaf),
            self.plan.parameters,
            partial(self._below, leaf),
            partial(self._semi_join, leaf),
        ).bound(tree)

    def _operand(self, leaf: Leaf, name: str) -> Operand:
        found = field_of(self.plan.model, leaf.table, name)
        assert isinstance(found, Field)  # noqa: S101  or the filter was refused
        time, step = found.dimension, found.step
        if step is None:
            return Operand(name, time.type, time.zone)
        if not isinstance(step, Grain) or step.is_instant:
            return Operand(name, type_of_step(step))
        timed, zone = Timed(name, time.type, time.zone, is_raw=True), ZoneInfo(self.query.timezone)
        return Operand(name, type_of_step(step), raw=RawTime(timed, step, zone, self.plan.model.week_start))

    def _below(self, leaf: Leaf, name: str) -> int | None:
        found = field_of(self.plan.model, leaf.table, name) if leaf.below else ""
        below = None if isinstance(found, str) else leaf.below_for(found.dimension)
        return None if below is None else leaf.below.index(below)

    def _semi_join(self, leaf: Leaf, place: int, tree: Filter) -> Bound:
        inner = leaf.below[place].leaf
        self._tell(inner.table)
        part = self._filter(inner, tree)
        self._tell_lookups(inner)
        return Bound(Kind.SEMI_JOIN, parts=(part,), below=place)

    def _tell_lookups(self, leaf: Leaf) -> None:
        for route in leaf.routes.values():
            for join in route:
                self._tell(self.plan.model.tables[join.target])

    def _tell(self, table: Table) -> None:
        """Bind what the table's row filter knows of the viewer."""
        if table.row_filter is None:
            return
        viewer, told = self.plan.viewer, self.plan.told
        for name in _placeholders(table.row_filter):
            if name in told:
                continue
            if name == "roles":
                told[name] = self.plan.parameters.bind_list(sorted(viewer.roles), "text")
            else:
                value = viewer.tenant if name == "tenant" else viewer.subject
                told[name] = self.plan.parameters.bind(value, "text")


@lru_cache(maxsize=1_000)
def _placeholders(sql: Sql) -> tuple[str, ...]:
    return sql.placeholders
