"""The rows of a leaf in SQL: its table with all that is looked up, and the conditions on it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from sqlglot import exp

from model.dimension import Dimension, Place
from model.expression import LOCAL, Sql
from model.grain import Grain, Part
from model.model import Model
from model.query import Query
from model.routes import Route
from model.table import Join, Table
from model.value import ValueType
from plan import time
from plan.bound import UNBOUND, Bound, BoundRows
from plan.fields import Field, field_of
from plan.identifiers import column, identifier, qualified, short, table
from plan.nodes import cast, left_join
from plan.parts import Leaf, Ranking
from plan.statement import Mark
from plan.strict import is_strict
from plan.validity import valid_at
from plan.written import written

TOP = "top values"
"""The table of the values that a ranking keeps; no table is called like this, so nothing is hidden by it."""

RANK = "top__rank"


@dataclass(frozen=True, slots=True)
class SourceWriter:
    """Writes what is read of one leaf. `viewer` are the marks of what row filters know of who asks."""

    model: Model
    leaf: Leaf
    query: Query
    bound: BoundRows = UNBOUND
    viewer: Mapping[str, Mark] = field(default_factory=dict)
    ranking: Ranking | None = None

    def rows(self, outputs: list[exp.Expr]) -> exp.Select:
        """`outputs` of every row that passes, with all lookups joined."""
        found = exp.select(*outputs, copy=False).from_(
            table(self.leaf.table, self.leaf.table.name), copy=False
        )
        conditions = list(self._conditions())
        for join in self._joins():
            left_join(found, *join)
        return found.where(*conditions, copy=False) if conditions else found

    def key(self, field: Field) -> exp.Expr:
        """What rows are grouped by: the field, or nothing where a ranking gathers the others."""
        value = self.group(field)
        if self.ranking and field.name == self.ranking.of:
            kept = exp.Not(this=self.is_other())
            return exp.Case(ifs=[exp.If(this=kept, true=value)])
        return value

    def is_other(self) -> exp.Expr:
        """Whether the row's value is none of the best."""
        return exp.Is(this=column(TOP, RANK), expression=exp.null())

    def group(self, field: Field) -> exp.Expr:
        """The field's value; a bucket of another range moves to its position in the question's own."""
        value = self._stepped(field)
        shift = self.leaf.period.shift
        if shift and shift.moves and field.dimension == self.leaf.time and not isinstance(field.step, Part):
            return time.moved(value, shift)
        return value

    def _stepped(self, field: Field) -> exp.Expr:
        value = self.column(field.dimension)
        zone = self.query.timezone
        match field.step:
            case Grain():
                return time.bucket(value, field.dimension, field.step, zone, self.model.week_start)
            case Part():
                return time.part(value, field.dimension, field.step, zone)
            case None:
                return _plain(value.unnest(), field.dimension)

    def _lookups(self) -> Iterator[tuple[Join, str, str]]:
        """Each once, with the aliases of its two sides."""
        seen: set[str] = set()
        for route in self.leaf.routes.values():
            for depth, join in enumerate(route):
                alias = self._alias(route[: depth + 1])
                if alias not in seen:
                    seen.add(alias)
                    yield join, self._alias(route[:depth]), alias

    def _joins(self) -> Iterator[tuple[exp.Expr, exp.Expr]]:
        yield from (self._join(*each) for each in self._lookups())
        if self.ranking:
            yield exp.Table(this=identifier(TOP)), self._is_ranked(self.ranking)

    def _join(self, join: Join, left: str, right: str) -> tuple[exp.Expr, exp.Expr]:
        pairs: list[exp.Expr] = [
            exp.EQ(this=column(right, theirs), expression=column(left, ours)) for ours, theirs in join.on
        ]
        if join.valid:
            pairs += valid_at(self.model, join, join.valid, left, right)
        target = self.model.tables[join.target]
        pairs += self._row_filter(target, right)
        return table(target, right), exp.and_(*pairs, copy=False)

    def _is_ranked(self, ranking: Ranking) -> exp.Expr:
        """Arrays are equal where both hold null, and unlike IS NOT DISTINCT FROM they can be hashed."""
        fields = {field.name: field for field in self.leaf.groupings}
        pairs = [
            exp.EQ(
                this=exp.Array(expressions=[column(TOP, name)], bracket_notation=True),
                expression=exp.Array(expressions=[self.group(fields[name])], bracket_notation=True),
            )
            for name in ranking.keys
        ]
        return exp.and_(*pairs, copy=False)

    def _alias(self, route: Route) -> str:
        return short("__".join(join.name for join in route) or self.leaf.table.name)

    def _conditions(self) -> Iterator[exp.Expr]:
        yield from self._row_filter(self.leaf.table, self.leaf.table.name)
        for bound in (*self.bound.within, self.bound.filter):
            if bound is not None:
                yield written(bound, self._read, self._semi_join)

    def _row_filter(self, source: Table, alias: str) -> Iterator[exp.Expr]:
        """Stands beside the question's own filter, never inside it: no `or` of a question widens it."""
        if source.row_filter is None:
            return
        # In the model's zone: what a viewer may see does not depend on the zone that they ask for.
        local = self._with_local_time(source.row_filter.tree, source.name, self.model.timezone)
        tree = qualified(local, alias).transform(self._told_of_viewer, copy=False)
        yield exp.paren(tree, copy=False) if isinstance(tree, exp.Or) else tree

    def _told_of_viewer(self, node: exp.Expr) -> exp.Expr:
        return self.viewer[node.name].written() if isinstance(node, exp.Placeholder) else node

    def _read(self, bound: Bound) -> exp.Expr:
        """What a condition speaks of."""
        if not bound.name:
            assert self.leaf.time is not None  # noqa: S101  or there is no range
            column, typed = self.column(self.leaf.time), self.leaf.time
        else:
            found = field_of(self.model, self.leaf.table, bound.name)
            assert isinstance(found, Field)  # noqa: S101  or the filter was refused
            # A bare dimension is compared as the column that it is, so that an index serves.
            is_bare = bound.is_raw or found.step is None
            column = self.column(found.dimension) if is_bare else self._stepped(found)
            typed = found.dimension if is_bare else found.typed
        return time.instant(column, typed) if bound.as_instant else column

    def _semi_join(self, place: int, bound: Bound) -> exp.Expr:
        """Some row below passes. Not correlated: the keys are hashed once, with or without an index."""
        below = self.leaf.below[place]
        asked = BoundRows(filter=bound)
        inner = SourceWriter(self.model, below.leaf, self.query, asked, self.viewer)
        theirs: list[exp.Expr] = [column(below.leaf.table.name, name) for _, name in below.step.on]
        ours: list[exp.Expr] = [column(self.leaf.table.name, name) for name, _ in below.step.on]
        key = ours[0] if len(ours) == 1 else exp.Tuple(expressions=ours)
        return exp.In(this=key, query=inner.rows(theirs).subquery(copy=False))

    def column(self, dimension: Dimension) -> exp.Expr:
        """The dimension's expression over the alias of its table, fit to stand beside an operator."""
        tree = self.write(dimension.sql, dimension.place, dimension.table)
        return exp.paren(tree, copy=False) if isinstance(tree, exp.Binary | exp.Unary) else tree

    def write(self, sql: Sql, place: Place, owner: str = "") -> exp.Expr:
        """An expression of the model over the rows at `place`, with `local(...)` written out.

        Where no row is found there it is null, whatever the expression makes of nulls.
        """
        route = self.leaf.routes.get(place, ())
        alias = self._alias(route)
        tree = qualified(self._with_local_time(sql.tree, owner or place[0], self.query.timezone), alias)
        if not route or sql.column or is_strict(sql):
            return tree
        key = column(alias, self.model.tables[route[-1].target].key[0])
        found = exp.Not(this=exp.Is(this=key, expression=exp.null()))
        return exp.Case(ifs=[exp.If(this=found, true=tree)])

    def _with_local_time(self, tree: exp.Expr, owner: str, zone: str) -> exp.Expr:
        def put(node: exp.Expr) -> exp.Expr:
            if not isinstance(node, exp.Anonymous) or node.name.lower() != LOCAL:
                return node
            argument = node.expressions[0]
            return time.local(argument, self.model.time_column(owner, argument.name), zone)

        return tree.transform(put) if tree.find(exp.Anonymous) else tree


def _plain(value: exp.Expr, dimension: Dimension) -> exp.Expr:
    """A dimension as it is; a timestamp as the instant it means, an integer formula as an integer."""
    if dimension.type is ValueType.INTEGER and not isinstance(value, exp.Column):
        return cast(value, "bigint")
    return time.instant(value, dimension)
