"""A table of the model as it is in the database."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from model.expression import DIALECT
from plan.identifiers import identifier

PARTITIONED = "p"
INDEXED_KINDS = {"r", "p", "m"}
"""Tables, partitioned ones and materialized views can have indexes and statistics; the others cannot."""


@dataclass(frozen=True, slots=True)
class Index:
    """A valid index over all rows. A column that is an expression has an empty name."""

    columns: tuple[str, ...]
    unique: bool


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """A promise that is kept: `pairs` of own columns and columns of the `target`, which it finds."""

    target: str
    pairs: frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Relation:
    """`columns` are names and types; `rows` and `distinct` (values per column) are estimates.

    `expressions` are those that have statistics, as PostgreSQL writes them.
    """

    schema: str
    name: str
    kind: str
    rows: int
    readable: bool
    columns: Mapping[str, str]
    indexes: tuple[Index, ...] = ()
    distinct: Mapping[str, float] | None = None
    expressions: tuple[str, ...] = ()
    foreign_keys: tuple[ForeignKey, ...] = ()

    @property
    def title(self) -> str:
        """For people."""
        return f"{self.schema}.{self.name}"

    @property
    def sql(self) -> str:
        return f"{quoted(self.schema)}.{quoted(self.name)}"

    @property
    def can_be_indexed(self) -> bool:
        return self.kind in INDEXED_KINDS

    def keeps_unique(self, columns: Collection[str]) -> bool:
        """Whether no two rows can have the same values there."""
        return any(index.unique and set(index.columns) <= set(columns) for index in self.indexes)

    def finds_by(self, columns: Collection[str], then: str = "") -> bool:
        """Whether an index begins with these columns, in any order, and goes on with `then`."""
        wanted, length = set(columns), len(set(columns))
        return any(
            set(index.columns[:length]) == wanted and then in {"", *index.columns[length : length + 1]}
            for index in self.indexes
        )

    def create_index(self, columns: Collection[str], *, unique: bool = False, last: str = "") -> str:
        """The statement; a partitioned table takes no concurrent one. `last` goes behind its last column."""
        what = "create unique index" if unique else "create index"
        how = "" if self.kind == PARTITIONED else " concurrently"
        return f"{what}{how} on {self.sql} ({', '.join(map(quoted, columns))}{last});"


def quoted(name: str) -> str:
    return identifier(name).sql(DIALECT)
