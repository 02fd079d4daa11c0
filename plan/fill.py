"""Missing buckets: groups without rows for every bucket of the range and every combination that was seen."""

from dataclasses import dataclass

from sqlglot import exp

from model.grain import Grain
from plan import time
from plan.fields import Field
from plan.identifiers import identifier
from plan.leaf import named
from plan.nodes import cast, cross_join
from plan.sets import SET, is_set
from plan.stack import SEEN, Stack
from plan.statement import Mark

STEPS = {
    Grain.DAY: "1 day",
    Grain.WEEK: "7 days",
    Grain.MONTH: "1 month",
    Grain.QUARTER: "3 months",
    Grain.YEAR: "1 year",
}
FINE_STEP = "15 minutes"
"""Every finer bucket begins at one of these, whatever a zone does to its clocks."""


def filled(series: "Series", field: Field, first: Mark | None, last: Mark | None) -> exp.Query:
    """All groups, and a group without values for each bucket and each combination of the other keys."""
    stack = series.stack
    everything = exp.select(exp.Star(), copy=False).from_(_table(stack), copy=False)
    return exp.union(everything, _missing(series, field, first, last), distinct=False, copy=False)


def _table(stack: Stack) -> exp.Table:
    return exp.Table(this=identifier(stack.name))


def _missing(series: "Series", field: Field, first: Mark | None, last: Mark | None) -> exp.Select:
    """Columns stand as in the stack: keys, the mask where there is one, values."""
    stack = series.stack
    columns: list[exp.Expr] = [exp.column(identifier(name)) for name in stack.keys]
    if stack.writers[0].masked:
        columns.append(named(exp.Literal.number(0), SET))
    columns += [named(exp.null(), name) for name in stack.columns]
    if stack.looks_back:
        columns.append(named(exp.Literal.number(1), SEEN))
    found = exp.select(*columns, copy=False)
    found = found.from_(series.buckets(field, first, last).subquery("buckets", copy=False), copy=False)
    others = [name for name in stack.keys if name != field.name]
    if not others:
        return found
    seen = _within(_combinations(stack, others), series, field, first, last)
    return cross_join(found, seen.subquery("combinations", copy=False))


def _within(
    found: exp.Select, series: "Series", field: Field, first: Mark | None, last: Mark | None
) -> exp.Select:
    """Of the question's own buckets: another range may have more."""
    if all(not writer.leaf.period.suffix for writer in series.stack.writers):
        return found
    key = exp.column(identifier(field.name))
    for bucket, compare in ((first, exp.GTE), (last, exp.LTE)):
        if bucket is not None:
            found = found.where(compare(this=key.copy(), expression=bucket.written()), copy=False)
    return found


def _combinations(stack: Stack, others: list[str]) -> exp.Select:
    found = exp.select(*(exp.column(identifier(name)) for name in others), copy=False).distinct(copy=False)
    found = found.from_(_table(stack), copy=False)
    return _of_groups(found, stack)


def _of_groups(found: exp.Select, stack: Stack) -> exp.Select:
    """Of the groups themselves: no total, and nothing that only a window sees."""
    if stack.writers[0].masked:
        found = found.where(is_set(0), copy=False)
    if stack.looks_back:
        found = found.where(exp.Not(this=exp.Is(this=exp.column(SEEN), expression=exp.null())), copy=False)
    return found


@dataclass(frozen=True, slots=True)
class Series:
    """Writes the buckets between two, both included; an open end is the first or last bucket seen."""

    stack: Stack
    zone: str
    week_start: int

    def buckets(self, field: Field, first: Mark | None, last: Mark | None) -> exp.Select:
        grain = field.step
        assert isinstance(grain, Grain)  # noqa: S101  only a grain of time is filled
        ends = [self._end(field, first, exp.Min), self._end(field, last, exp.Max)]
        if grain.is_instant:
            return self._instants(field, grain, ends)
        walls: list[exp.Expr] = [cast(end, "timestamp") for end in ends]
        bucket = cast(exp.column("bucket"), "date")
        return self._series(walls, STEPS[grain], named(bucket, field.name))

    def _instants(self, field: Field, grain: Grain, ends: list[exp.Expr]) -> exp.Select:
        bucket = time.bucket(exp.column("bucket"), field.typed, grain, self.zone, self.week_start)
        return self._series(ends, FINE_STEP, named(bucket, field.name)).distinct(copy=False)

    def _series(self, ends: list[exp.Expr], step: str, output: exp.Expr) -> exp.Select:
        interval = cast(exp.Literal.string(step), "interval")
        series = exp.Anonymous(this="generate_series", expressions=[*ends, interval])
        alias = exp.TableAlias(this=exp.to_identifier("series"), columns=[exp.to_identifier("bucket")])
        return exp.select(output, copy=False).from_(exp.Table(this=series, alias=alias), copy=False)

    def _end(self, field: Field, bucket: Mark | None, extreme: type[exp.AggFunc]) -> exp.Expr:
        if bucket is not None:
            return bucket.written()
        found = exp.select(extreme(this=exp.column(identifier(field.name))), copy=False)
        found = found.from_(exp.Table(this=identifier(self.stack.name)), copy=False)
        return _of_groups(found, self.stack).subquery(copy=False)
