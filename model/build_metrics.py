"""The metrics of a file: each kind's own rules, names, and formulas over other metrics."""

from collections.abc import Callable, Collection, Iterator, Mapping

from model.dimension import Dimension
from model.expression import Sql
from model.faults import did_you_mean, similar
from model.file import MetricShape, ModelShape, Scalar
from model.grain import AXIS
from model.metric import Metric, MetricKind, Snapshot
from model.source import Path
from model.value import ValueType

ParseSql = Callable[[str | None, str, Path], Sql | None]

FORMULAS = {MetricKind.RATIO, MetricKind.DERIVED}
NEEDED: dict[MetricKind, set[str]] = {
    MetricKind.COUNT: set(),
    MetricKind.RATIO: {"numerator", "denominator"},
    MetricKind.PERCENTILE: {"sql", "p"},
}
ALLOWED: dict[MetricKind, set[str]] = {
    MetricKind.RATIO: {"numerator", "denominator"},
    MetricKind.DERIVED: {"sql"},
    MetricKind.PERCENTILE: {"sql", "p", "where", "only", "last", "first"},
}
EXTREMES = {MetricKind.MIN, MetricKind.MAX}
RESERVED = {AXIS, "and", "or", "not", "segment", "true", "false", "null", "mro"}
"""Words that the API, GraphQL or enums of Python keep for themselves."""

KEYS = ("sql", "where", "only", "p", "last", "first", "value_type", "numerator", "denominator")
PLAIN = {"sql", "where", "only", "last", "first"}


class MetricBuilder:
    """Builds every metric; what is wrong gathers in `findings`."""

    def __init__(
        self,
        shape: ModelShape,
        taken: Collection[str],
        dimensions: Mapping[str, Dimension],
        parse: ParseSql,
    ) -> None:
        self._shape = shape
        self._taken = taken
        self._dimensions = dimensions
        self._parse = parse
        self.findings: list[tuple[Path, str, str]] = []

    def build(self) -> dict[str, Metric]:
        metrics: dict[str, Metric] = {}
        for table, path, name, shape in self._declared():
            if name in RESERVED:
                self._find(path, f"'{name}' is a word of the API.", "Choose another name.")
            elif name in metrics or name in self._taken:
                self._find(
                    path, f"The name '{name}' is taken.", "Metrics and dimensions share one set of names."
                )
            else:
                metrics[name] = self._metric(table, name, shape, path)
        self._check_inputs(metrics)
        return metrics

    def _find(self, path: Path, message: str, hint: str = "") -> None:
        self.findings.append((path, message, hint))

    def _declared(self) -> Iterator[tuple[str | None, Path, str, MetricShape]]:
        for table, shape in self._shape.tables.items():
            for name, metric in shape.metrics.items():
                yield table, ("tables", table, "metrics", name), name, metric
        for name, metric in self._shape.metrics.items():
            yield None, ("metrics", name), name, metric

    def _metric(self, table: str | None, name: str, shape: MetricShape, path: Path) -> Metric:
        self._check_keys(name, shape, path)
        formula = shape.type in FORMULAS
        if table is None and not formula:
            hint = "Declare it under its table, or make it a ratio or derived metric."
            self._find(path, f"'{name}' is an aggregate without a table.", hint)
        owner = table or "metrics"
        sql = self._parse(shape.sql, owner, (*path, "sql"))
        inputs = _inputs(shape, sql)
        alike = self._alike(table, sql) if shape.type in EXTREMES else None
        return Metric(
            name=name,
            kind=shape.type,
            table=None if formula else table,
            sql=sql,
            where=self._parse(shape.where, owner, (*path, "where")),
            only=_only(shape),
            percentile=0.5 if shape.type is MetricKind.MEDIAN else shape.p,
            inputs=inputs,
            snapshot=_snapshot(shape),
            value=_instant(shape.value_type or (alike.type if alike else ValueType.DECIMAL)),
            zone=alike.zone if alike else None,
            title=shape.title,
            description=shape.description,
            unit=shape.unit,
            format=shape.format,
            currency=shape.currency,
            deprecated=shape.deprecated,
        )

    def _check_keys(self, name: str, shape: MetricShape, path: Path) -> None:
        given = {key for key in KEYS if getattr(shape, key) is not None}
        for key in sorted(NEEDED.get(shape.type, {"sql"}) - given):
            self._find(path, f"'{name}' of type {shape.type} has no '{key}'.", f"Add '{key}:'.")
        allowed = ALLOWED.get(shape.type, PLAIN | ({"value_type"} if shape.type in EXTREMES else set()))
        for key in sorted(given - allowed):
            self._find((*path, key), f"'{key}' means nothing for the type {shape.type}.", "Remove it.")

        if shape.last and shape.first:
            self._find((*path, "first"), f"'{name}' takes the last and the first.", "Keep one.")

    def _alike(self, table: str | None, sql: Sql | None) -> Dimension | None:
        """A dimension of the same expression: the least and the greatest are of its type."""
        own = [each for each in self._dimensions.values() if each.table == table]
        same = next((each for each in own if each.sql == sql), None)
        if same or sql is None or sql.column is None:
            return same
        return next((each for each in own if each.sql.column == sql.column), None)

    def _check_inputs(self, metrics: dict[str, Metric]) -> None:
        for _, path, name, _ in self._declared():
            metric = metrics.get(name)
            if metric is None or metric.kind not in FORMULAS:
                continue
            unknown = [each for each in metric.inputs if each not in metrics]
            for each in unknown:
                hint = did_you_mean(similar(each, metrics)).strip()
                self._find(path, f"'{name}' uses the metric '{each}', which is not declared.", hint)
            if not unknown and _reaches(metrics, metric.inputs, name):
                self._find(path, f"'{name}' is defined by itself.", "Break the circle.")
            if metric.sql and not metric.inputs:
                self._find(path, f"'{name}' is derived from no metric.", "Name metrics in its sql.")


def _instant(kind: ValueType) -> ValueType:
    return ValueType.TIMESTAMPTZ if kind is ValueType.TIMESTAMP else kind


def _snapshot(shape: MetricShape) -> Snapshot | None:
    told = shape.last or shape.first
    return Snapshot(told.over, tuple(told.per or ()), first=shape.first is not None) if told else None


def _only(shape: MetricShape) -> tuple[tuple[str, tuple[Scalar, ...]], ...]:
    return tuple((name, tuple(values)) for name, values in (shape.only or {}).items())


def _inputs(shape: MetricShape, sql: Sql | None) -> tuple[str, ...]:
    if shape.type is MetricKind.RATIO:
        return tuple(name for name in (shape.numerator, shape.denominator) if name)
    return sql.columns if sql and shape.type is MetricKind.DERIVED else ()


def _reaches(metrics: dict[str, Metric], names: tuple[str, ...], wanted: str) -> bool:
    seen: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name == wanted:
            return True
        if name not in seen and name in metrics:
            seen.add(name)
            waiting += metrics[name].inputs
    return False
