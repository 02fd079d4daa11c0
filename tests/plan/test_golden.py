"""The SQL of a dozen questions, word for word, and that PostgreSQL accepts it.

After a change that is meant: GOLDEN=write pytest tests/plan/test_golden.py, then read the difference.
"""

import os
from pathlib import Path

import asyncpg
import pytest

from model.viewer import ANONYMOUS
from plan.limits import Limits
from plan.plan import make_plan
from plan.sql import render
from plan.statement import Statement
from servery.demo.statements import text
from tests.plan.questions import QUESTIONS, RESTAURANT

GOLDEN = Path(__file__).parents[1] / "golden"


def statement_of(name: str) -> Statement:
    return render(RESTAURANT, make_plan(RESTAURANT, QUESTIONS[name], ANONYMOUS, Limits()), pretty=True)


def shown(statement: Statement) -> str:
    arguments = [f"-- ${number}: {value!r}" for number, value in enumerate(statement.args, 1)]
    return "\n".join([statement.text + ";", *arguments, ""])


@pytest.mark.parametrize("name", QUESTIONS)
def test_the_sql_is_the_golden_one(name: str) -> None:
    golden = GOLDEN / f"{name}.sql"
    found = shown(statement_of(name))

    if os.environ.get("GOLDEN") == "write":
        golden.write_text(found, encoding="utf-8")

    assert found == golden.read_text(encoding="utf-8")


def test_no_golden_file_is_left_over() -> None:
    assert {path.stem for path in GOLDEN.glob("*.sql")} == set(QUESTIONS)


@pytest.mark.anyio
@pytest.mark.integration
async def test_postgresql_accepts_every_golden_statement(database_url: str) -> None:
    connection = await asyncpg.connect(database_url)
    try:
        await connection.execute(text("schema.sql"))
        for name in QUESTIONS:
            statement = statement_of(name)
            prepared = await connection.prepare(statement.text)
            assert len(prepared.get_parameters()) == len(statement.args)
            await prepared.fetch(*statement.args)
    finally:
        await connection.close()
