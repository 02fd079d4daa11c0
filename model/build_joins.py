"""The joins of a file: that the "one" side is found by its whole key, and that named ways exist."""

from collections.abc import Iterator

from model.faults import did_you_mean, similar
from model.file import JoinShape, ModelShape, TableShape
from model.misfits import Finding
from model.routes import joins_named
from model.source import Path
from model.table import Join, JoinKind, Table, Validity


class JoinBuilder:
    """Builds the joins of every table; what is wrong gathers in `findings`."""

    def __init__(self, shape: ModelShape) -> None:
        self._shape = shape
        self.findings: list[Finding] = []

    def joins(self, table: str, shape: TableShape) -> tuple[Join, ...]:
        return tuple(self._join(table, tuple(shape.key), alias, join) for alias, join in shape.joins.items())

    def _find(self, path: Path, message: str, hint: str = "") -> None:
        self.findings.append((path, message, hint))

    def _join(self, table: str, key: tuple[str, ...], alias: str, shape: JoinShape) -> Join:
        target = shape.to or alias
        path: Path = ("tables", table, "joins", alias)
        if alias == table:
            self._find(path, f"The join has the name of its own table, '{table}'.", "Call it otherwise.")
        if target not in self._shape.tables:
            hint = did_you_mean(similar(target, self._shape.tables)).strip() or "Declare it under 'tables:'."
            self._find(path, f"There is no table '{target}' to join.", hint)
        else:
            self._check_covers_key(path, table, key, target, shape)
        valid = Validity(shape.valid.at, shape.valid.start, shape.valid.end) if shape.valid else None
        if valid and shape.kind is JoinKind.ONE_TO_MANY:
            message = "'valid' picks one row of the target, so the join cannot be one_to_many."
            self._find((*path, "valid"), message, "Declare it on the other table.")
        return Join(alias, table, target, tuple(shape.on.items()), shape.kind, valid)

    def _check_covers_key(
        self, path: Path, table: str, key: tuple[str, ...], target: str, shape: JoinShape
    ) -> None:
        """The "one" side is found by its whole key; else the join could multiply rows unseen."""
        target_key = tuple(self._shape.tables[target].key)
        if shape.kind is JoinKind.MANY_TO_ONE:
            one, one_key, used = target, target_key, set(shape.on.values())
        else:
            one, one_key, used = table, key, set(shape.on)
        if shape.valid:
            used |= {shape.valid.start, shape.valid.end}
        if not set(one_key) <= used:
            missing = ", ".join(column for column in one_key if column not in used)
            message = f"The {shape.kind} join from {table} to {target} does not use the whole key of {one}."
            self._find(path, message, f"Add {missing} to 'on', or turn the join's 'kind' around.")


def path_findings(tables: dict[str, Table]) -> Iterator[Finding]:
    """Named paths that do not lead to the table they are for."""
    for table in tables.values():
        for target, names in table.paths:
            where: Path = ("tables", table.name, "paths", target)
            try:
                found = joins_named(tables, table.name, names)
            except LookupError as error:
                yield where, f"The path to '{target}' breaks off: {error.args[0]}.", "Name many-to-one joins."
                continue
            if found[-1].target != target:
                yield where, f"The path leads to '{found[-1].target}', not to '{target}'.", "Name every join."
