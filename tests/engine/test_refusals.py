"""What cannot be answered is refused with a code of the documentation, and never by accident."""

import re
from pathlib import Path

import pytest
from hypothesis import given

from tests.engine.dimensions import DIMENSIONS, OWN_TIME
from tests.engine.measures import MEASURES, tables_of
from tests.engine.question import Question
from tests.engine.service import Counter
from tests.engine.shop import STORED, below, connected, looked_up
from tests.engine.visits import Visit, some, visits
from tests.engine.wild import wild

pytestmark = [pytest.mark.anyio, pytest.mark.integration]

ERRORS = Path(__file__).parents[2] / "docs" / "errors.md"
COUNTS = {min(tables_of(name)): name for name in list(MEASURES)[::-1]}
"""A metric of each table, its first."""


def codes_of(*chapters: str) -> set[str]:
    """The codes in these chapters of the documentation."""
    text = ERRORS.read_text(encoding="utf-8")
    found = {chapter.partition("\n")[0]: chapter for chapter in text.split("\n## ")}
    return {code for name in chapters for code in re.findall(r"^### ([A-Z_]+)$", found[name], re.MULTILINE)}


REFUSALS = codes_of("The question", "The request")


@some(100)
@given(visit=visits(wild, 6))
async def test_any_question_is_answered_or_refused_by_a_documented_code(
    counter: Counter, visit: Visit
) -> None:
    await counter.load(visit.shop, visit.now)
    for question in visit.questions:
        response = await counter.ask(question, visit.week_start)

        assert {error["extensions"]["code"] for error in response.get("errors", [])} <= REFUSALS


@pytest.mark.parametrize("table", STORED)
async def test_groups_are_by_what_is_looked_up(counter: Counter, table: str) -> None:
    for name, dimension in DIMENSIONS.items():
        found = await refusal(counter, Question((COUNTS[table],), (name,)))

        assert (found is None) == (dimension.table in looked_up(table)), name


@pytest.mark.parametrize("table", STORED)
async def test_rows_below_are_a_fan_out_in_groups(counter: Counter, table: str) -> None:
    for name, dimension in DIMENSIONS.items():
        if dimension.table in below(table):
            assert await refusal(counter, Question((COUNTS[table],), (name,))) == "FAN_OUT"


@pytest.mark.parametrize("table", STORED)
async def test_filters_are_by_what_is_looked_up_or_below(counter: Counter, table: str) -> None:
    for name, dimension in DIMENSIONS.items():
        found = await refusal(counter, Question((COUNTS[table],), filters={name: {"isNull": True}}))

        assert (found is None) == (dimension.table in looked_up(table) | below(table)), name


@pytest.mark.parametrize("table", STORED)
async def test_what_no_join_leads_to_is_not_reachable(counter: Counter, table: str) -> None:
    for name, dimension in DIMENSIONS.items():
        if dimension.table not in connected(table):
            assert await refusal(counter, Question((COUNTS[table],), (name,))) == "DIMENSION_NOT_REACHABLE"


@pytest.mark.parametrize("table", sorted(set(STORED) - set(OWN_TIME)))
async def test_a_table_without_a_time_takes_no_range(counter: Counter, table: str) -> None:
    question = Question((COUNTS[table],), date_range={"startDate": "2024-01-01", "endDate": "2024-01-31"})

    assert await refusal(counter, question) == "INVALID_DATE_RANGE"


async def refusal(counter: Counter, question: Question) -> str | None:
    """The code of a refusal."""
    response = await counter.ask(question)
    return response["errors"][0]["extensions"]["code"] if "errors" in response else None
