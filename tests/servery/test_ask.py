"""`servery ask`: the answer, how it came about, and its SQL, from the command line."""

import json
import subprocess
import sys
from pathlib import Path

import asyncpg
import pytest

from model.faults import Fault
from servery.ask.document import document_of
from tests.cases.fixtures import tables_sql
from tests.fakes import HOUSE

pytestmark = pytest.mark.anyio
MODEL = HOUSE / "tests" / "cases" / "models" / "shop.yml"
QUESTION = """
    metrics: [orders_revenue, tickets_count], dimensions: [customers_region], totals: true, groupCount: true
"""


@pytest.fixture
async def shop(database_url: str) -> str:
    connection = await asyncpg.connect(database_url)
    try:
        await connection.execute(f"set timezone = 'UTC'; {tables_sql('shop')}")
    finally:
        await connection.close()
    return database_url


def ask(url: str, *arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "servery", "ask", "--model", str(MODEL), *arguments]
    environment = {"PATH": "/usr/bin:/bin", "COLUMNS": "120", "DATABASE_URL": url}
    return subprocess.run(
        command,
        cwd=HOUSE,
        env=environment,
        input=given,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.integration
async def test_it_prints_rows_totals_plan_and_sql(shop: str) -> None:
    done = ask(shop, QUESTION)

    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[1].split() == ["customers_region", "orders_revenue", "tickets_count"]
    assert lines[2].split() == ["EU", "230.00", "3"]
    assert "4 groups in all" in lines
    assert "  - table: tickets" in lines
    assert lines[lines.index("SQL") + 1].startswith("WITH")
    assert any(line.startswith("-- $1: ") for line in lines)


@pytest.mark.integration
async def test_a_file_and_standard_input_hold_questions_as_well(shop: str, tmp_path: Path) -> None:
    document = f"query ($n: Int) {{ first: analytics({QUESTION}, limit: $n) {{ data }} }}"
    file = tmp_path / "question.graphql"
    file.write_text(document, "utf-8")

    from_file = ask(shop, str(file), "--variables", '{"n": 1}', "--json")
    from_input = ask(shop, "-", "--variables", '{"n": 1}', "--json", given=document)

    answers = [json.loads(done.stdout)["data"]["first"] for done in (from_file, from_input)]
    assert [len(answer["data"]) for answer in answers] == [1, 1]


@pytest.mark.integration
async def test_a_question_that_is_refused_ends_with_1_and_its_reason(shop: str) -> None:
    done = ask(shop, "metrics: [orders_revenu]")

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("servery: UNKNOWN_METRIC: There is no metric called 'orders_revenu'.")


async def test_a_database_that_is_not_there_is_told() -> None:
    done = ask("postgresql://127.0.0.1:1/none", QUESTION)

    assert done.returncode == 1
    assert "DATABASE_UNAVAILABLE" in done.stderr
    assert "127.0.0.1:1/none; DATABASE_URL names another one." in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("hello world", "neither a GraphQL query nor the arguments"),
        ("mutation { clearCache { deleted } }", "neither a GraphQL query nor the arguments"),
        ("{ cacheStats { hits } }", "answers 'analytics' only"),
        ("{ ...all } fragment all on Query { analytics { data } }", "without fragments"),
        ("query a { analytics { data } } query b { analytics { data } }", "takes one query"),
    ],
)
async def test_what_is_no_question_is_refused(text: str, words: str) -> None:
    with pytest.raises(Fault, match=words):
        document_of(text)


async def test_variables_that_are_no_object_are_refused() -> None:
    done = ask("postgresql://127.0.0.1:1/none", QUESTION, "--variables", "[1]")

    assert done.returncode == 2
    assert "is not a JSON object" in done.stderr
