"""From the shapes of a file to the Model, with every check that looks at more than one key."""

from collections.abc import Collection, Iterator

from sqlglot import exp

from model.build_metrics import RESERVED, MetricBuilder
from model.dimension import Dimension
from model.expression import Sql, local_calls, parse_expression
from model.faults import did_you_mean, similar
from model.file import DimensionShape, JoinShape, ModelShape, TableShape
from model.grammar import ExpressionRefused
from model.lookups import lookup_findings
from model.metric import Metric
from model.misfits import Finding
from model.model import Model
from model.source import Path
from model.table import Join, JoinKind, Table
from model.value import ValueType
from model.zones import ZONES

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def build_model(shape: ModelShape) -> tuple[Model, list[Finding]]:
    """The model, to be used only when there are no findings."""
    builder = _Builder(shape)
    tables = {name: builder.table(name, table) for name, table in shape.tables.items()}
    dimensions = dict(builder.dimensions())
    metrics = builder.metrics(dimensions)
    builder.check_zone(shape.timezone, ("timezone",))
    builder.check_not_empty(dimensions, metrics)
    builder.check_local_times(dimensions)
    model = Model(
        tables=tables,
        dimensions=dimensions,
        metrics=metrics,
        timezone=shape.timezone,
        week_start=WEEKDAYS.index(shape.week_start) + 1,
        title=shape.title,
        description=shape.description,
    )
    return model, builder.findings or list(lookup_findings(model))


class _Builder:
    def __init__(self, shape: ModelShape) -> None:
        self._shape = shape
        self._zones = ZONES
        self._parsed: list[tuple[Path, str, Sql]] = []
        self.findings: list[Finding] = []

    def _find(self, path: Path, message: str, hint: str = "") -> None:
        self.findings.append((path, message, hint))

    # Tables and joins

    def table(self, name: str, shape: TableShape) -> Table:
        key = tuple(shape.key)
        source = tuple((shape.source or name).split("."))
        if len(source) > 2 or not all(source):
            self._find(("tables", name, "source"), f"'{shape.source}' is not a table.", "Write schema.table.")
        joins = tuple(self._join(name, key, alias, join) for alias, join in shape.joins.items())
        return Table(name, source, key, shape.time, joins, shape.description)

    def _join(self, table: str, key: tuple[str, ...], alias: str, shape: JoinShape) -> Join:
        target = shape.to or alias
        path: Path = ("tables", table, "joins", alias)
        if alias == table:
            self._find(path, f"The join has the name of its own table, '{table}'.", "Call it otherwise.")
        if target not in self._shape.tables:
            hint = did_you_mean(similar(target, self._shape.tables)).strip() or "Declare it under 'tables:'."
            self._find(path, f"There is no table '{target}' to join.", hint)
        else:
            self._check_join_covers_key(path, table, key, target, shape)
        return Join(alias, table, target, tuple(shape.on.items()), shape.kind)

    def _check_join_covers_key(
        self,
        path: Path,
        table: str,
        key: tuple[str, ...],
        target: str,
        shape: JoinShape,
    ) -> None:
        """The "one" side is found by its whole key; else the join could multiply rows unseen."""
        target_key = tuple(self._shape.tables[target].key)
        if shape.kind is JoinKind.MANY_TO_ONE:
            one, one_key, used = target, target_key, set(shape.on.values())
        else:
            one, one_key, used = table, key, set(shape.on)
        if not set(one_key) <= used:
            missing = ", ".join(column for column in one_key if column not in used)
            message = f"The {shape.kind} join from {table} to {target} does not use the whole key of {one}."
            self._find(path, message, f"Add {missing} to 'on', or turn the join's 'kind' around.")

    # Dimensions

    def dimensions(self) -> Iterator[tuple[str, Dimension]]:
        seen: dict[str, str] = {}
        for table, shape in self._shape.tables.items():
            for name, dimension in shape.dimensions.items():
                path: Path = ("tables", table, "dimensions", name)
                if name in RESERVED:
                    self._find(path, f"'{name}' is a word of the API.", "Choose another name.")
                elif name in seen:
                    message = f"The dimension '{name}' is declared on {seen[name]} too."
                    self._find(path, message, f"Call it '{table}_{name}', say; names are unique.")
                else:
                    seen[name] = table
                    yield name, self._dimension(table, name, dimension, path)

    def _dimension(self, table: str, name: str, shape: DimensionShape, path: Path) -> Dimension:
        if shape.column and shape.sql:
            self._find(path, f"'{name}' has both 'column' and 'sql'.", "Keep one.")
        if (shape.type is ValueType.TIMESTAMP) != (shape.zone is not None):
            hint = "Say 'zone: Europe/Paris' or the like." if not shape.zone else "Remove 'zone'."
            message = f"'{name}' is of type {shape.type}; only a timestamp has a zone, and it needs one."
            self._find(path, message, hint)
        if shape.zone:
            self.check_zone(shape.zone, (*path, "zone"))
        return Dimension(
            name=name,
            table=table,
            sql=self.sql(shape.sql, table, (*path, "sql")) or column(shape.column or name),
            type=shape.type,
            zone=shape.zone,
            title=shape.title,
            description=shape.description,
            format=shape.format,
            values=tuple(shape.values),
            deprecated=shape.deprecated,
        )

    def check_zone(self, zone: str, path: Path) -> None:
        if zone not in self._zones:
            hint = did_you_mean(similar(zone, self._zones)).strip() or "Use an IANA name: America/Sao_Paulo."
            self._find(path, f"There is no time zone '{zone}'.", hint)

    def check_not_empty(self, dimensions: Collection[str], metrics: Collection[str]) -> None:
        """GraphQL has no enum without a name in it."""
        for what, found in (("dimension", dimensions), ("metric", metrics)):
            if not found:
                self._find(
                    ("tables",), f"The model has no {what}.", f"Declare one under '{what}s:' of a table."
                )

    # Metrics

    def metrics(self, dimensions: dict[str, Dimension]) -> dict[str, Metric]:
        builder = MetricBuilder(self._shape, set(dimensions), self.sql)
        metrics = builder.build()
        self.findings += builder.findings
        return metrics

    def sql(self, text: str | None, table: str, path: Path) -> Sql | None:
        """The expression, or nothing when there is none or it is refused (which is then a finding)."""
        if text is None:
            return None
        try:
            sql = parse_expression(text, table=table, functions=self._shape.functions)
        except ExpressionRefused as refused:
            self._find(path, str(refused), refused.hint)
            return None
        self._parsed.append((path, table, sql))
        return sql

    def check_local_times(self, dimensions: dict[str, Dimension]) -> None:
        """`local(column)` needs to know how the column is to be read, which a time dimension declares."""
        known = {(d.table, (d.sql.column,)) for d in dimensions.values() if d.type.is_time}
        for path, table, sql in self._parsed:
            for arguments in local_calls(sql):
                if (table, arguments) not in known:
                    message = f"local({', '.join(arguments)}) is not about a time column of {table}."
                    self._find(path, message, "Declare a dimension of a time type for that column.")


def column(name: str) -> Sql:
    """A bare column, whatever its name looks like."""
    return Sql(name, exp.column(name, quoted=True))
