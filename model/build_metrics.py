"""The metrics of a file: each kind's own rules, names, and formulas over other metrics."""

from collections.abc import Callable, Iterator

from model.expression import Sql
from model.faults import did_you_mean, similar
from model.file import MetricShape, ModelShape, Scalar
from model.grain import AXIS
from model.metric import Metric, MetricKind
from model.source import Path

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
    MetricKind.PERCENTILE: {"sql", "p", "where", "only"},
}
RESERVED = {AXIS, "and", "or", "not", "true", "false", "null", "mro"}
"""Words that the API, GraphQL or enums of Python keep for themselves."""

KEYS = ("sql", "where", "only", "p", "numerator", "denominator")


class MetricBuilder:
    """Builds every metric; what is wrong gathers in `findings`."""

    def __init__(self, shape: ModelShape, taken: set[str], parse: ParseSql) -> None:
        self._shape = shape
        self._taken = taken
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
        return Metric(
            name=name,
            kind=shape.type,
            table=None if formula else table,
            sql=sql,
            where=self._parse(shape.where, owner, (*path, "where")),
            only=_only(shape),
            percentile=0.5 if shape.type is MetricKind.MEDIAN else shape.p,
            inputs=inputs,
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
        for key in sorted(given - ALLOWED.get(shape.type, {"sql", "where", "only"})):
            self._find((*path, key), f"'{key}' means nothing for the type {shape.type}.", "Remove it.")

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
