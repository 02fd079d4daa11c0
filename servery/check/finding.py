"""What a check finds: how bad it is, where in the model, what it is, and what to do."""

from dataclasses import dataclass
from enum import StrEnum

from model.dimension import Dimension
from model.metric import Metric
from model.source import Path
from model.table import Join


class Severity(StrEnum):
    """An error makes questions fail or numbers wrong, a warning may, advice makes them faster."""

    ERROR = "error"
    WARNING = "warning"
    ADVICE = "advice"


@dataclass(frozen=True, slots=True)
class Finding:
    """`path` is the way of keys to the place in the model; `sql` is ready for the owner of the table."""

    severity: Severity
    path: Path
    message: str
    remedy: str = ""
    sql: str = ""


def error(path: Path, message: str, remedy: str = "", sql: str = "") -> Finding:
    return Finding(Severity.ERROR, path, message, remedy, sql)


def warning(path: Path, message: str, remedy: str = "", sql: str = "") -> Finding:
    return Finding(Severity.WARNING, path, message, remedy, sql)


def advice(path: Path, message: str, remedy: str = "", sql: str = "") -> Finding:
    return Finding(Severity.ADVICE, path, message, remedy, sql)


def path_of(item: Dimension | Metric) -> Path:
    """Where it is declared; a metric that no table owns may stand in any, so its way is short."""
    if isinstance(item, Dimension):
        return "tables", item.declared_on, "dimensions", item.name
    return ("tables", item.table, "metrics", item.name) if item.table else ("metrics", item.name)


def path_of_join(join: Join) -> Path:
    return "tables", join.table, "joins", join.name
