"""The tables of the correctness cases, as SQL, and their models."""

from pathlib import Path
from typing import Any

import yaml

from model.load import load_model
from model.model import Model

HERE = Path(__file__).parent
FILES = ("correctness.yaml", "more.yaml", "modifiers.yaml", "behaviour.yaml")


def documents() -> list[dict[str, Any]]:
    return [yaml.safe_load((HERE / file).read_text(encoding="utf-8")) for file in FILES]


def fixture(name: str) -> dict[str, Any]:
    """The tables of one fixture: columns, keys and rows."""
    found: dict[str, Any] = next(
        document["fixtures"][name] for document in documents() if name in document.get("fixtures", {})
    )
    return found


def tables_sql(name: str) -> str:
    """Statements that create and fill the tables of a fixture."""
    return "\n".join(_table_sql(table, told) for table, told in fixture(name)["tables"].items())


def model_of(name: str) -> Model:
    return load_model(HERE / "models" / f"{name}.yml")


def _table_sql(table: str, told: dict[str, Any]) -> str:
    columns = ", ".join(f'"{column}" {kind}' for column, kind in told["columns"].items())
    key = ", ".join(f'"{column}"' for column in told["pk"])
    rows = ",\n".join(f"({', '.join(map(_literal, row))})" for row in told["rows"])
    return f"create table {table} ({columns}, primary key ({key}));\ninsert into {table} values\n{rows};"


def _literal(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, int | float):
        return str(value)
    return "'" + str(value).replace("'", "''") + "'"
