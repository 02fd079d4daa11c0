"""From the shapes of a file to the Model, with every check that looks at more than one key."""

from collections.abc import Collection
from dataclasses import replace

from sqlglot import exp

from model.build_joins import JoinBuilder, path_findings
from model.build_metrics import RESERVED, MetricBuilder
from model.dimension import Dimension
from model.expression import Sql, local_calls, parse_expression
from model.faults import did_you_mean, similar
from model.file import DimensionShape, ModelShape, TableShape
from model.grammar import ExpressionRefused
from model.lookups import lookup_findings
from model.metric import Metric
from model.misfits import Finding
from model.model import Model
from model.refresh import EVERY_S, Refresh, parse_refresh_key
from model.source import Path
from model.table import Table
from model.value import ValueType
from model.zones import ZONES

VIEWER = ("tenant", "subject", "roles")
"""What a row filter may know of the viewer."""

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def build_model(shape: ModelShape) -> tuple[Model, list[Finding]]:
    """The model, to be used only when there are no findings."""
    builder = _Builder(shape)
    tables = {name: builder.table(name, table) for name, table in shape.tables.items()}
    dimensions = builder.dimensions()
    segments = builder.segments()
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
        segments=segments,
        warm=tuple(shape.warm),
    )
    return model, builder.findings or [*path_findings(tables), *lookup_findings(model)]


class _Builder:
    def __init__(self, shape: ModelShape) -> None:
        self._shape = shape
        self._zones = ZONES
        self._parsed: list[tuple[Path, str, Sql]] = []
        self._joins = JoinBuilder(shape)
        self._taken: dict[str, str] = {}
        self.findings: list[Finding] = self._joins.findings

    def _find(self, path: Path, message: str, hint: str = "") -> None:
        self.findings.append((path, message, hint))

    # Tables and joins

    def table(self, name: str, shape: TableShape) -> Table:
        key = tuple(shape.key)
        source = tuple((shape.source or name).split("."))
        if len(source) > 2 or not all(source):
            self._find(("tables", name, "source"), f"'{shape.source}' is not a table.", "Write schema.table.")
        return Table(
            name,
            source,
            key,
            shape.time,
            self._joins.joins(name, shape),
            shape.description,
            tuple((target, tuple(names)) for target, names in shape.paths.items()),
            self.sql(shape.row_filter, name, ("tables", name, "row_filter"), VIEWER),
            self._refresh(name, shape),
        )

    def _refresh(self, name: str, shape: TableShape) -> Refresh | None:
        if shape.refresh_key is None:
            if shape.refresh_every is not None:
                path: Path = ("tables", name, "refresh_every")
                self._find(path, f"'{name}' has no 'refresh_key' to ask.", "Add one, or remove this.")
            return None
        try:
            query = parse_refresh_key(shape.refresh_key)
        except ExpressionRefused as refused:
            self._find(("tables", name, "refresh_key"), str(refused), refused.hint)
            return None
        return Refresh(query, shape.refresh_every or EVERY_S)

    # Dimensions

    def dimensions(self) -> dict[str, Dimension]:
        """Those with SQL of their own first: the others are the same on another way."""
        declared = [
            (table, name, dimension)
            for table, shape in self._shape.tables.items()
            for name, dimension in shape.dimensions.items()
            if self._is_free(table, name, "dimensions")
        ]
        own = {name: self._dimension(table, name, told) for table, name, told in declared if not told.via}
        found = {name: own.get(name) or self._role(table, name, told, own) for table, name, told in declared}
        return {name: each for name, each in found.items() if each}

    def _is_free(self, table: str, name: str, kind: str) -> bool:
        path: Path = ("tables", table, kind, name)
        if name in RESERVED:
            self._find(path, f"'{name}' is a word of the API.", "Choose another name.")
        elif name in self._taken:
            message = f"The {kind[:-1]} '{name}' is declared on {self._taken[name]} too."
            self._find(path, message, f"Call it '{table}_{name}', say; names are unique.")
        else:
            self._taken[name] = table
            return True
        return False

    def _role(
        self, table: str, name: str, shape: DimensionShape, own: dict[str, Dimension]
    ) -> Dimension | None:
        """A dimension of another table, found over the joins that are named."""
        path: Path = ("tables", table, "dimensions", name)
        meant = own.get(shape.dimension or "")
        if meant is None:
            hint = did_you_mean(similar(shape.dimension or "", own)).strip() or "Say 'dimension: country'."
            self._find(path, f"'{name}' has 'via' and no dimension that it leads to.", hint)
            return None
        if shape.column or shape.sql or shape.type is not ValueType.STRING or shape.zone:
            self._find(
                path, f"'{name}' is '{meant.name}' by another way.", "Remove column, sql, type and zone."
            )
        return replace(
            meant,
            name=name,
            owner=table,
            via=tuple(shape.via or ()),
            title=shape.title,
            description=shape.description or meant.description,
            format=shape.format or meant.format,
            deprecated=shape.deprecated,
        )

    def segments(self) -> dict[str, Dimension]:
        """A segment is a boolean that is asked for by its name."""
        found: dict[str, Dimension] = {}
        for table, shape in self._shape.tables.items():
            for name, told in shape.segments.items():
                path: Path = ("tables", table, "segments", name, "sql")
                sql = self.sql(told.sql, table, path) if self._is_free(table, name, "segments") else None
                if sql:
                    found[name] = Dimension(
                        name,
                        table,
                        sql,
                        ValueType.BOOLEAN,
                        title=told.title,
                        description=told.description,
                        deprecated=told.deprecated,
                    )
        return found

    def _dimension(self, table: str, name: str, shape: DimensionShape) -> Dimension:
        path: Path = ("tables", table, "dimensions", name)
        if shape.dimension:
            self._find(path, f"'{name}' is another dimension by no way.", "Add 'via:' with the joins to it.")
        if shape.column and shape.sql:
            self._find(path, f"'{name}' has both 'column' and 'sql'.", "Keep one.")
        if (shape.type is ValueType.TIMESTAMP) != (shape.zone is not None):
            hint = "Say 'zone: Europe/Paris' or the like." if not shape.zone else "Remove 'zone'."
            message = f"'{name}' is of type {shape.type}; only a timestamp has a zone, and it needs one."
            self._find(path, message, hint)
        if shape.zone:
            self.check_zone(shape.zone, (*path, "zone"))
        sql = self.sql(shape.sql, table, (*path, "sql"))
        if sql and not sql.columns and not local_calls(sql):
            self._find((*path, "sql"), f"'{name}' reads no column.", "A constant tells no rows apart.")
        return Dimension(
            name=name,
            table=table,
            sql=sql or column(shape.column or name),
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
        builder = MetricBuilder(self._shape, self._taken, dimensions, self.sql)
        metrics = builder.build()
        self.findings += builder.findings
        return metrics

    def sql(self, text: str | None, table: str, path: Path, placeholders: Collection[str] = ()) -> Sql | None:
        """The expression, or nothing when there is none or it is refused (which is then a finding)."""
        if text is None:
            return None
        try:
            sql = parse_expression(
                text, table=table, functions=self._shape.functions, placeholders=placeholders
            )
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
