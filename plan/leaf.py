"""A leaf becomes a select: the rows of one table with what they look up, filtered and grouped."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlglot import exp

from model.metric import Metric, Snapshot
from plan.aggregates import Measured, aggregate, measured
from plan.identifiers import column, identifier
from plan.parts import Leaf
from plan.sets import SET, Keys, grouping_sets, mask_of
from plan.source import SourceWriter

ROWS = "rows"
"""The alias of the inner select, where there is one."""


@dataclass(frozen=True, slots=True)
class LeafWriter:
    """Writes one leaf. `keys` are those of the whole plan; with `masked` a column tells the sets apart.

    Where one row may meet many, or only rows of one moment count, an inner select finds the rows first; also
    where two keys are one expression, because grouping sets tell columns apart but not equal expressions.
    """

    source: SourceWriter
    keys: tuple[str, ...]
    masked: bool = False
    is_direct: bool = field(init=False)

    def __post_init__(self) -> None:
        leaf = self.source.leaf
        direct = not (leaf.is_fanned or leaf.snapshot or self._repeats_in_sets())
        object.__setattr__(self, "is_direct", direct)

    @property
    def leaf(self) -> Leaf:
        return self.source.leaf

    @property
    def own_keys(self) -> tuple[str, ...]:
        """The keys by which some set of the leaf is grouped."""
        return tuple(name for name in self.keys if any(name in each for each in self.leaf.sets))

    def select(self, outputs: Iterable[exp.Expr]) -> exp.Select:
        """Its own keys, then `outputs`, one row for each group of each set; without keys exactly one row."""
        keys = self._outer_keys()
        columns = [named(key, name) for key, name in zip(keys, self.own_keys, strict=True)]
        columns += outputs
        if self.masked:
            columns.append(named(self._mask(keys), SET))
        if self.is_direct:
            found = self.source.rows(columns)
        else:
            inner = self._inner().subquery(ROWS, copy=False)
            found = exp.select(*columns, copy=False).from_(inner, copy=False)
        return self._grouped(found)

    def aggregate(self, metric: Metric) -> exp.Expr:
        """One of the leaf's metrics over the rows of a group."""
        return aggregate(metric, self._read(metric))

    def _repeats_in_sets(self) -> bool:
        if self._one_set is not None:
            return False
        keys = list(self._key_columns().values())
        return len(set(keys)) < len(keys)

    @property
    def _one_set(self) -> Keys | None:
        return self.leaf.sets[0] if len(self.leaf.sets) == 1 else None

    def _grouped(self, found: exp.Select) -> exp.Select:
        if self._one_set is None:
            return found.group_by(grouping_sets(self.own_keys, self.leaf.sets), copy=False)
        positions = [exp.Literal.number(index) for index in range(1, len(self.own_keys) + 1)]
        return found.group_by(*positions, copy=False) if positions else found

    def _mask(self, keys: list[exp.Expr]) -> exp.Expr:
        if self._one_set is None:
            return exp.Anonymous(this="GROUPING", expressions=[key.copy() for key in keys])
        return exp.Literal.number(mask_of(self._one_set, self.keys))

    # Keys

    def _outer_keys(self) -> list[exp.Expr]:
        """What the select groups by."""
        if not self.is_direct:
            return [column(ROWS, name) for name in self.own_keys]
        keys = self._key_columns()
        return [keys[name] for name in self.own_keys]

    def _key_columns(self) -> dict[str, exp.Expr]:
        found = {field.name: self.source.key(field) for field in self.leaf.groupings}
        ranking = self.source.ranking
        return {**found, ranking.flag: self.source.is_other()} if ranking else found

    # Rows found first

    def _inner(self) -> exp.Select:
        """The keys and what is measured; where rows were multiplied, each once for every group it is in."""
        keys = {name: key for name, key in self._key_columns().items() if name in self.own_keys}
        columns = [named(key, name) for name, key in keys.items()]
        for metric in self.leaf.metrics:
            columns += self._measured_columns(metric, keys)
        if self.leaf.is_fanned:
            own = self.leaf.table
            columns += [
                named(column(own.name, name), f"key {number}") for number, name in enumerate(own.key, 1)
            ]
        found = self.source.rows(columns)
        return found.distinct(copy=False) if self.leaf.is_fanned else found

    def _measured_columns(self, metric: Metric, keys: dict[str, exp.Expr]) -> Iterable[exp.Expr]:
        parts = measured(self.source.model, metric, self.source.write)
        if parts.operand is not None:
            yield named(parts.operand, metric.name)
        condition = parts.condition
        if self.leaf.snapshot:
            moment = self._is_its_moment(self.leaf.snapshot, condition, keys)
            yield named(moment, _moment(metric))
        if condition is not None:
            yield named(condition, _counts(metric))

    def _is_its_moment(
        self, snapshot: Snapshot, condition: exp.Expr | None, keys: dict[str, exp.Expr]
    ) -> exp.Expr:
        """The rank of the row's moment among those of its bucket that count; 1 is the one that is taken."""
        own = self.leaf.table.name
        over: exp.Expr = column(own, snapshot.over)
        if condition is not None:
            over = exp.Case(ifs=[exp.If(this=condition.copy(), true=over)])
        order = exp.Ordered(this=over, desc=not snapshot.first, nulls_first=False)
        buckets = [keys[name].copy() for name in keys if name in self.moment_keys]
        partition = [*buckets, *(column(own, name) for name in snapshot.per)]
        return exp.Window(
            this=exp.Anonymous(this="RANK"),
            partition_by=partition or None,
            order=exp.Order(expressions=[order]),
        )

    @property
    def moment_keys(self) -> Keys:
        """The keys that are buckets of the time over which the metric is not additive."""
        return moment_keys(self.leaf)

    def _read(self, metric: Metric) -> Measured:
        if self.is_direct:
            return measured(self.source.model, metric, self.source.write)
        conditions: list[exp.Expr] = []
        if self.leaf.snapshot:
            first = exp.Literal.number(1)
            conditions.append(exp.EQ(this=column(ROWS, _moment(metric)), expression=first))
        if metric.where or metric.only:
            conditions.append(column(ROWS, _counts(metric)))
        operand = column(ROWS, metric.name) if metric.sql else None
        return Measured(operand, exp.and_(*conditions, copy=False) if conditions else None)


def moment_keys(leaf: Leaf) -> Keys:
    """The keys that are buckets of the leaf's time, or of the column that its snapshot is over."""
    over = leaf.snapshot.over if leaf.snapshot else None
    return frozenset(
        field.name
        for field in leaf.groupings
        if field.dimension == leaf.time
        or (field.dimension.table == leaf.table.name and field.dimension.sql.column == over)
    )


def named(value: exp.Expr, name: str) -> exp.Expr:
    return exp.Alias(this=value, alias=identifier(name))


def _counts(metric: Metric) -> str:
    return f"{metric.name} counts"


def _moment(metric: Metric) -> str:
    return f"{metric.name} moment"
