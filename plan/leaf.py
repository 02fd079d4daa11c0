"""A leaf becomes a select: the rows of one table with what they look up, filtered and grouped."""

from collections.abc import Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from sqlglot import exp

from model.dimension import Dimension
from model.expression import DIALECT, LOCAL, Sql
from model.filters import EVERYTHING
from model.grain import Grain, Part
from model.metric import Metric
from model.model import Model
from model.query import Query
from model.routes import Route
from model.table import Join
from model.value import ValueType
from plan import time
from plan.aggregates import aggregate
from plan.conditions import FilterWriter
from plan.identifiers import column, identifier, qualified, short, table
from plan.plan import Grouping, Leaf
from plan.statement import Parameters


@dataclass(frozen=True, slots=True)
class LeafWriter:
    """Writes the parts of one leaf; parameters are numbered in the order of their writing."""

    model: Model
    leaf: Leaf
    query: Query
    parameters: Parameters

    def select(self, outputs: list[exp.Expr]) -> exp.Select:
        """The groups, then `outputs`, one row for each group; without groups exactly one row."""
        groups = [named(self.group(grouping), grouping.name) for grouping in self.leaf.groupings]
        found = exp.select(*groups, *outputs, copy=False).from_(table(self.leaf.table, self.leaf.table.name))
        for join in self._joins():
            found = found.join(*join, join_type="left", copy=False)
        for condition in self._conditions():
            found = found.where(condition, copy=False)
        positions = (exp.Literal.number(index + 1) for index in range(len(groups)))
        return found.group_by(*positions, copy=False) if groups else found

    def group(self, grouping: Grouping) -> exp.Expr:
        dimension, value = grouping.dimension, self.column(grouping.dimension)
        zone = self.query.timezone
        match grouping.step:
            case Grain():
                return time.bucket(value, dimension, grouping.step, zone, self.model.week_start)
            case Part():
                return time.part(value, dimension, grouping.step, zone)
            case None:
                return _plain(value.unnest(), dimension)

    def aggregate(self, metric: Metric) -> exp.Expr:
        """One of the leaf's metrics over the rows of a group."""
        return aggregate(self.model, metric, self.write)

    def _joins(self) -> Iterator[tuple[exp.Expr, exp.Expr]]:
        seen: set[str] = set()
        for route in self.leaf.routes.values():
            for depth, join in enumerate(route):
                alias = self._alias(route[: depth + 1])
                if alias not in seen:
                    seen.add(alias)
                    yield self._join(join, self._alias(route[:depth]), alias)

    def _join(self, join: Join, left: str, right: str) -> tuple[exp.Expr, exp.Expr]:
        pairs = [
            exp.EQ(this=column(right, theirs), expression=column(left, ours)) for ours, theirs in join.on
        ]
        return table(self.model.tables[join.target], right), exp.and_(*pairs, copy=False)

    def _alias(self, route: Route) -> str:
        return short("__".join(join.name for join in route) or self.leaf.table.name)

    def _conditions(self) -> Iterator[exp.Expr]:
        if self.leaf.time and self.query.interval:
            raw, zone = self.column(self.leaf.time), ZoneInfo(self.query.timezone)
            yield from time.within(raw, self.leaf.time, self.query.interval, zone, self.parameters)
        if self.query.filters != EVERYTHING:
            yield FilterWriter(self.model.dimension, self.column, self.parameters).write(self.query.filters)

    def column(self, dimension: Dimension) -> exp.Expr:
        """The dimension's expression over the alias of its table, fit to stand beside an operator."""
        tree = self.write(dimension.sql, dimension.table)
        return exp.paren(tree, copy=False) if isinstance(tree, exp.Binary | exp.Unary) else tree

    def write(self, sql: Sql, owner: str) -> exp.Expr:
        """An expression of the model over `owner`'s rows, with `local(...)` written out."""
        route = self.leaf.routes.get(owner, ())
        return qualified(self._with_local_time(sql.tree, owner), self._alias(route))

    def _with_local_time(self, tree: exp.Expr, owner: str) -> exp.Expr:
        def put(node: exp.Expr) -> exp.Expr:
            if not isinstance(node, exp.Anonymous) or node.name.lower() != LOCAL:
                return node
            argument = node.expressions[0]
            return time.local(argument, self.model.time_column(owner, argument.name), self.query.timezone)

        return tree.transform(put) if tree.find(exp.Anonymous) else tree


def named(value: exp.Expr, name: str) -> exp.Expr:
    return exp.Alias(this=value, alias=identifier(name))


def _plain(value: exp.Expr, dimension: Dimension) -> exp.Expr:
    """A dimension as it is; a timestamp as the instant it means, an integer formula as an integer."""
    if dimension.type is ValueType.INTEGER and not isinstance(value, exp.Column):
        return exp.cast(value, "bigint", dialect=DIALECT)
    return time.instant(value, dimension)
