import re

import pytest

from db.postgres import PostgresDatabase
from db.settings import PoolSettings
from model.load import load_model
from servery.check.check import check_model
from servery.check.finding import Finding, Severity
from tests.service import Service
from tests.tpch.data import EXAMPLE, TABLES
from tests.tpch.queries import QUESTIONS, SQL, SSB, TPCH

README = (EXAMPLE / "README.md").read_text(encoding="utf-8")
MODELS = ("model.yml", "ssb/model.yml")


@pytest.mark.anyio
@pytest.mark.integration
@pytest.mark.parametrize("model", MODELS)
async def test_the_model_fits_the_loaded_tables(model: str, tpch_url: str) -> None:
    findings = await checked(model, tpch_url)

    assert [finding.message for finding in findings if finding.severity is not Severity.ADVICE] == []


@pytest.mark.anyio
@pytest.mark.integration
@pytest.mark.parametrize("model", MODELS)
async def test_there_is_no_index_to_advise(model: str, tpch_url: str) -> None:
    assert [finding.sql for finding in await checked(model, tpch_url) if finding.sql] == []


@pytest.mark.parametrize("model", MODELS)
def test_everything_in_the_model_says_what_it_means(model: str) -> None:
    found = load_model(EXAMPLE / model)

    assert not [each.name for each in found.dimensions.values() if not each.description]
    assert not [each.name for each in found.metrics.values() if not each.description]


def test_every_question_has_its_sql_and_is_asked() -> None:
    asked = {query.name for query in (*TPCH, *SSB)}

    assert {path.relative_to(SQL).with_suffix("").as_posix() for path in SQL.rglob("*.sql")} == asked
    questions = QUESTIONS.rglob("*.graphql")
    assert {path.relative_to(QUESTIONS).with_suffix("").as_posix() for path in questions} == asked


@pytest.mark.anyio
@pytest.mark.integration
async def test_the_question_of_the_readme_has_an_answer(tpch: Service) -> None:
    (question,) = re.findall(r"^```graphql\n(.*?)^```", README, re.MULTILINE | re.DOTALL)

    assert "errors" not in await tpch.ask(question)


def test_the_readme_loads_what_the_tests_load() -> None:
    assert f"for table in {' '.join(TABLES)}; do" in README
    assert re.findall(r"-f examples/tpch/(\S+)", README) == ["schema.sql", "indexes.sql", "ssb/tables.sql"]


def test_the_readme_names_every_query_of_tpch_once() -> None:
    named = [
        number for row in re.findall(r"^\| ([\d, ]+) \|", README, re.MULTILINE) for number in row.split(", ")
    ]

    assert sorted(map(int, named)) == list(range(1, 23))
    not_asked = {f"q{int(number):02}" for number in ("2", "11", "13", "17", "20", "21", "22")}
    assert {query.name for query in TPCH} == {f"q{number:02}" for number in range(1, 23)} - not_asked


async def checked(model: str, url: str) -> tuple[Finding, ...]:
    database = PostgresDatabase(PoolSettings(url))
    try:
        return await check_model(load_model(EXAMPLE / model), database)
    finally:
        await database.close()
