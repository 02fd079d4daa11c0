"""The questions of the restaurant example: documents to read, and the SQL that says the same by hand."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from model.viewer import ANONYMOUS
from schema.build import Request
from schema.context import Context
from tests.service import Service

QUESTIONS = Path(__file__).parents[2] / "examples" / "restaurant" / "questions"
SQL = Path(__file__).parent / "sql"

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)
"""When they are asked: the day after the last sale of the example that tests share."""

NAMES = sorted(path.stem for path in QUESTIONS.glob("*.graphql"))
CHECKED = sorted(path.stem for path in SQL.glob("*.sql") if "." not in path.stem)
"""Those of NAMES with a file of SQL that gives the same rows."""


def question(name: str) -> str:
    return (QUESTIONS / f"{name}.graphql").read_text(encoding="utf-8")


def sql(name: str) -> str:
    return (SQL / f"{name}.sql").read_text(encoding="utf-8")


def told_where_from(document: str) -> str:
    """The document, which also asks whether its answer is from the cache."""
    return document.replace("    data\n", "    data\n    told: metadata { fromCache }\n", 1)


async def answer(service: Service, document: str) -> dict[str, Any]:
    """What the one question of the document has for an answer."""
    response = await service.ask(document)
    assert "errors" not in response, response["errors"]
    found: dict[str, Any] = response["data"]["analytics"]
    return found


async def written(service: Service, document: str) -> dict[str, Any]:
    """The same as it is written: what comes from the database or the cache is still bytes."""
    response = await service.schema.execute(Request(document, None), Context(service.services, ANONYMOUS, ""))
    found: dict[str, Any] = response["data"]["analytics"]
    return found
