"""A leaf becomes a select: the rows of one table with what they look up, filtered and grouped."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from zoneinfo import ZoneInfo

from sqlglot import exp

from model.dimension import Dimension
from model.expression import DIALECT, LOCAL, Sql
from model.filters import EVERYTHING, Filter
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
from plan.parts import Below, Grouping, Leaf
from plan.sets import SET, Keys, grouping_sets, set_column
from plan.statement import Parameters


@dataclass(frozen=True, slots=True)
class LeafWriter:
    """Writes the parts of one leaf; parameters are numbered in the order of their writing.

    Outputs must be written before `select` is called: joins follow from what was read.
    """

    model: Model
    leaf: Leaf
    query: Query
    parameters: Parameters
    _read: set[str] = field(default_factory=set)

    def select(self, outputs: list[exp.Expr], sets: tuple[Keys, ...] = ()) -> exp.Select:
        """The groups, then `outputs`, one row for each group; without groups exactly one row.

        With `sets` there are rows grouped by less as well, and a last column that tells them apart.
        """
        keys = [self.group(grouping) for grouping in self.leaf.groupings]
        groups = [named(key, grouping.name) for key, grouping in zip(keys, self.leaf.groupings, strict=True)]
        if sets:
            outputs = [*outputs, named(set_column(keys), SET)]
        found = exp.select(*groups, *outputs, copy=False).from_(table(self.leaf.table, self.leaf.table.name))
        conditions = list(self._conditions())
        for join in self._joins():
            found = found.join(*join, join_type="left", copy=False)
        for condition in conditions:
            found = found.where(condition, copy=False)
        if sets:
            return found.group_by(grouping_sets(self.query.dimensions, sets), copy=False)
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
        """Only where a column of the table, or of one beyond it, was written."""
        seen: set[str] = set()
        for route in (route for owner, route in self.leaf.routes.items() if owner in self._read):
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
            yield self.filter(self.query.filters)

    def filter(self, tree: Filter) -> exp.Expr:
        """True exactly for the rows that pass."""
        leaf = self.leaf
        return FilterWriter(
            self.model.dimension,
            self.column,
            self.parameters,
            leaf.below_for,
            self._semi_join,
        ).write(tree)

    def _semi_join(self, below: Below, tree: Filter) -> exp.Expr:
        """Some row below passes. Not correlated: the keys are hashed once, with or without an index."""
        query = replace(self.query, filters=tree, interval=None)
        inner = LeafWriter(self.model, below.leaf, query, self.parameters)
        theirs = [column(below.leaf.table.name, name) for _, name in below.descent.on]
        ours = [column(self.leaf.table.name, name) for name, _ in below.descent.on]
        key = ours[0] if len(ours) == 1 else exp.Tuple(expressions=ours)
        return exp.In(this=key, query=inner.select(list(theirs)).subquery(copy=False))

    def column(self, dimension: Dimension) -> exp.Expr:
        """The dimension's expression over the alias of its table, fit to stand beside an operator."""
        tree = self.write(dimension.sql, dimension.table)
        return exp.paren(tree, copy=False) if isinstance(tree, exp.Binary | exp.Unary) else tree

    def write(self, sql: Sql, owner: str) -> exp.Expr:
        """An expression of the model over `owner`'s rows, with `local(...)` written out."""
        route = self.leaf.routes.get(owner, ())
        self._read.add(owner)
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
