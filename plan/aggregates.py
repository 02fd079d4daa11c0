"""Metrics in SQL: aggregates over rows, and formulas over aggregates."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from sqlglot import exp

from model.dimension import Place
from model.expression import Sql
from model.metric import Metric, MetricKind
from model.model import Model
from plan.time import at_zone

Write = Callable[[Sql, Place], exp.Expr]
"""An expression of the model over the rows of a place, as they are in this statement."""

SIMPLE: dict[MetricKind, type[exp.AggFunc]] = {
    MetricKind.SUM: exp.Sum,
    MetricKind.AVG: exp.Avg,
    MetricKind.MIN: exp.Min,
    MetricKind.MAX: exp.Max,
}


def metric_expression(model: Model, metric: Metric, leaf: Callable[[Metric], exp.Expr]) -> exp.Expr:
    """The metric over grouped rows: `leaf` writes its aggregates, formulas are written over them."""

    def inner(name: str) -> exp.Expr:
        return metric_expression(model, model.metrics[name], leaf)

    match metric.kind:
        case MetricKind.RATIO:
            numerator, denominator = metric.inputs
            return quotient(inner(numerator), inner(denominator))
        case MetricKind.DERIVED:
            return _formula(metric, inner)
        case _:
            return leaf(metric)


def quotient(numerator: exp.Expr, denominator: exp.Expr) -> exp.Expr:
    """Numeric division, and null for a division by zero. The factor turns integers into numerics."""
    one = exp.Literal.number("1.0")
    above = exp.Mul(this=one, expression=_grouped(numerator))
    return exp.Div(this=above, expression=_not_zero(denominator), typed=True)


def _not_zero(value: exp.Expr) -> exp.Expr:
    return exp.Nullif(this=value, expression=exp.Literal.number(0))


def _formula(metric: Metric, inner: Callable[[str], exp.Expr]) -> exp.Expr:
    def put(node: exp.Expr) -> exp.Expr:
        if isinstance(node, exp.Column):
            return exp.paren(inner(node.name), copy=False)
        if isinstance(node, exp.Div):
            return exp.paren(quotient(node.this, node.expression), copy=False)
        if isinstance(node, exp.Mod):
            return exp.paren(exp.Mod(this=node.this, expression=_not_zero(node.expression)), copy=False)
        return node

    assert metric.sql is not None  # noqa: S101  a derived metric has one, or the model was refused
    return _bottom_up(metric.sql.tree.copy(), put)


def _bottom_up(tree: exp.Expr, put: Callable[[exp.Expr], exp.Expr]) -> exp.Expr:
    """Replace leaves before what holds them: a quotient must see its operands as they will stand."""
    for node in reversed(list(tree.walk(bfs=True))):
        if isinstance(node, exp.Column | exp.Div | exp.Mod):
            new = put(node)
            if node is tree:
                return new
            node.replace(new)
    return tree


@dataclass(frozen=True, slots=True)
class Measured:
    """What an aggregate is made of, row by row: a value (none counts rows), and whether the row counts."""

    operand: exp.Expr | None
    condition: exp.Expr | None


def measured(model: Model, metric: Metric, write: Write) -> Measured:
    """The parts of an aggregate over the rows of its table."""
    table = model.tables[metric.table or ""]
    operand = write(metric.sql, (table.name, ())) if metric.sql else None
    conditions = list(_only(model, metric, write))
    if metric.where:
        conditions.append(write(metric.where, (table.name, ())))
    return Measured(operand, exp.and_(*conditions, copy=False) if conditions else None)


def aggregate(metric: Metric, parts: Measured) -> exp.Expr:
    """The aggregate over rows that have these parts."""
    found = _unfiltered(metric, parts.operand or exp.Star())
    if parts.condition is not None:
        found = exp.Filter(this=found, expression=exp.Where(this=parts.condition))
    return at_zone(found, metric.zone) if metric.zone else found


def _only(model: Model, metric: Metric, write: Write) -> Iterator[exp.Expr]:
    """The rows that the metric is narrowed to; the values are the model's own, so they are literals."""
    for name, values in metric.only:
        dimension = model.dimensions[name]
        column = write(dimension.sql, dimension.place)
        column = exp.paren(column, copy=False) if isinstance(column, exp.Binary | exp.Unary) else column
        literals = [exp.convert(value) for value in values]
        if len(literals) == 1:
            yield exp.EQ(this=column, expression=literals[0])
        else:
            yield exp.In(this=column, expressions=literals)


def _unfiltered(metric: Metric, operand: exp.Expr) -> exp.Expr:
    match metric.kind:
        case MetricKind.COUNT:
            return exp.Count(this=operand, big_int=True)
        case MetricKind.COUNT_DISTINCT:
            return exp.Count(this=exp.Distinct(expressions=[operand]), big_int=True)
        case MetricKind.MEDIAN | MetricKind.PERCENTILE:
            share = exp.Literal.number(str(Decimal(str(metric.percentile))))
            order = exp.Order(expressions=[exp.Ordered(this=operand, nulls_first=False)])
            return exp.WithinGroup(this=exp.PercentileCont(this=share), expression=order)
        case _:
            return SIMPLE[metric.kind](this=operand)


def _grouped(operand: exp.Expr) -> exp.Expr:
    return exp.paren(operand, copy=False) if isinstance(operand, exp.Binary) else operand
