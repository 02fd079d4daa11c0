"""A plan becomes a statement."""

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from sqlglot import exp

from model.dimension import Dimension
from model.expression import DIALECT, LOCAL, Sql
from model.filters import EVERYTHING
from model.grain import Grain, Part
from model.metric import Metric
from model.model import Model
from model.query import Direction, OrderBy
from model.table import Join
from model.value import ValueType
from plan import time
from plan.aggregates import metric_expression
from plan.conditions import FilterWriter
from plan.identifiers import column, identifier, qualified, short, table
from plan.plan import Grouping, Plan
from plan.statement import Parameters, Statement


def render(model: Model, plan: Plan) -> Statement:
    """The SQL of `plan`: groups in the plan's order, then metrics, one row more than the limit."""
    writer = _Writer(model, plan)
    return Statement(writer.select().sql(DIALECT, pretty=True), tuple(writer.parameters.values))


class _Writer:
    """Writes the parts of one select; parameters are numbered in the order of their writing."""

    def __init__(self, model: Model, plan: Plan) -> None:
        self._model = model
        self._plan = plan
        self._zone = plan.query.timezone
        self.parameters = Parameters()

    def select(self) -> exp.Select:
        found = exp.select(*self._outputs(), copy=False).from_(table(self._plan.table, self._plan.table.name))
        for join in self._joins():
            found = found.join(*join, join_type="left", copy=False)
        for condition in self._conditions():
            found = found.where(condition, copy=False)
        count = len(self._plan.groupings)
        if not count:
            return found
        found = found.group_by(*(exp.Literal.number(i + 1) for i in range(count)), copy=False)
        found = found.order_by(*map(self._ordered, self._plan.query.order_by), copy=False)
        return self._page(found)

    def _page(self, found: exp.Select) -> exp.Select:
        """One row beyond the limit tells that there are more."""
        query = self._plan.query
        found = found.limit(self.parameters.bind(query.limit + 1, "bigint"), copy=False)
        return (
            found.offset(self.parameters.bind(query.offset, "bigint"), copy=False) if query.offset else found
        )

    # What comes out

    def _outputs(self) -> Iterator[exp.Expr]:
        for grouping in self._plan.groupings:
            yield _named(self._group(grouping), grouping.name)
        for metric in self._plan.metrics:
            yield _named(self._metric(metric), metric.name)

    def _group(self, grouping: Grouping) -> exp.Expr:
        dimension, value = grouping.dimension, self.column(grouping.dimension)
        match grouping.step:
            case Grain():
                return time.bucket(value, dimension, grouping.step, self._zone, self._model.week_start)
            case Part():
                return time.part(value, dimension, grouping.step, self._zone)
            case None:
                return _plain(value.unnest(), dimension)

    def _metric(self, metric: Metric) -> exp.Expr:
        return metric_expression(self._model, metric, self.write)

    def _ordered(self, order: OrderBy) -> exp.Expr:
        shown = {grouping.name for grouping in self._plan.groupings} | set(self._plan.query.metrics)
        if order.name in shown:
            by: exp.Expr = exp.Column(this=identifier(order.name))
        else:
            by = self._metric(self._model.metrics[order.name])
        return exp.Ordered(this=by, desc=order.direction is Direction.DESC, nulls_first=False)

    # Where it comes from

    def _joins(self) -> Iterator[tuple[exp.Expr, exp.Expr]]:
        seen: set[str] = set()
        for route in self._plan.routes.values():
            for depth, join in enumerate(route):
                alias = self._alias(route[: depth + 1])
                if alias not in seen:
                    seen.add(alias)
                    yield self._join(join, self._alias(route[:depth]), alias)

    def _join(self, join: Join, left: str, right: str) -> tuple[exp.Expr, exp.Expr]:
        pairs = [
            exp.EQ(this=column(right, theirs), expression=column(left, ours)) for ours, theirs in join.on
        ]
        return table(self._model.tables[join.target], right), exp.and_(*pairs, copy=False)

    def _alias(self, route: tuple[Join, ...]) -> str:
        return short("__".join(join.name for join in route) or self._plan.table.name)

    def _conditions(self) -> Iterator[exp.Expr]:
        query = self._plan.query
        if self._plan.time and query.interval:
            raw = self.column(self._plan.time)
            zone = ZoneInfo(self._zone)
            yield from time.within(raw, self._plan.time, query.interval, zone, self.parameters)
        if query.filters != EVERYTHING:
            yield FilterWriter(self._model.dimension, self.column, self.parameters).write(query.filters)

    # Expressions of the model

    def column(self, dimension: Dimension) -> exp.Expr:
        """The dimension's expression over the alias of its table, fit to stand beside an operator."""
        tree = self.write(dimension.sql, dimension.table)
        return exp.paren(tree, copy=False) if isinstance(tree, exp.Binary | exp.Unary) else tree

    def write(self, sql: Sql, owner: str) -> exp.Expr:
        """An expression of `owner`'s rows, with `local(...)` written out."""
        route = self._plan.routes.get(owner, ())
        return qualified(self._with_local_time(sql.tree, owner), self._alias(route))

    def _with_local_time(self, tree: exp.Expr, owner: str) -> exp.Expr:
        def put(node: exp.Expr) -> exp.Expr:
            if not isinstance(node, exp.Anonymous) or node.name.lower() != LOCAL:
                return node
            argument = node.expressions[0]
            return time.local(argument, self._model.time_column(owner, argument.name), self._zone)

        return tree.transform(put) if tree.find(exp.Anonymous) else tree


def _plain(value: exp.Expr, dimension: Dimension) -> exp.Expr:
    """A dimension as it is; a timestamp as the instant it means, an integer formula as an integer."""
    if dimension.type is ValueType.INTEGER and not isinstance(value, exp.Column):
        return exp.cast(value, "bigint", dialect=DIALECT)
    return time.instant(value, dimension)


def _named(value: exp.Expr, name: str) -> exp.Expr:
    return exp.Alias(this=value, alias=identifier(name))
