"""What a check finds: how bad it is, where in the model, what it is, and what to do."""

from dataclasses import dataclass
from enum import StrEnum

from model.dimension import Dimension
from model.metric import Metric
from model.source import Path


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
    kind = "dimensions" if isinstance(item, Dimension) else "metrics"
    return ("tables", item.table, kind, item.name) if item.table else (kind, item.name)
