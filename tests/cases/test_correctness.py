"""Every correctness case, through GraphQL, over a real PostgreSQL, on a miss and again on a hit."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import asyncpg
import pytest

from model.viewer import Viewer
from tests.cases.conftest import CaseDatabase
from tests.cases.fixtures import documents, model_of
from tests.cases.notation import column, dimension, document, row_keys, shown_row, variables
from tests.service import NOW, service_over

pytestmark = [pytest.mark.anyio, pytest.mark.integration]

CASES = [case for document in documents() for case in document["cases"]]
EVERY = pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])


@EVERY
async def test_the_answer_is_the_expected_one(case: dict[str, Any], case_database: CaseDatabase) -> None:
    now = datetime.fromisoformat(case["query"].get("now", NOW.isoformat()))

    async with service_over(model_of(case["fixture"]), case_database(case), now=lambda: now) as service:
        viewer = Viewer(tenant=case.get("context", {}).get("tenant"))
        question, given = document(case["query"]), variables(case["query"])
        first = await service.ask(question, viewer, **given)
        second = await service.ask(question, viewer, **given)

    if "errors" in first:
        assert first["errors"][0]["extensions"]["code"] in _accepted_codes(case), first["errors"]
        return
    rows = _rows(first, case)
    assert _matches(rows, case), f"{rows} instead of {case['expected']}"
    if "expected_total" in case:
        totals = first["data"]["analytics"]["totals"]
        found = [totals[column(metric)] for metric in case["query"]["metrics"]]
        assert _same_row(found, case["expected_total"]), f"{found} instead of {case['expected_total']}"
    if "expected_subtotals" in case:
        sums = _subtotals(first, case)
        assert _same_sets(sums, case["expected_subtotals"]), f"{sums} instead of {case['expected_subtotals']}"
    if "expected_count" in case:
        assert first["data"]["analytics"]["metadata"]["groupCount"] == case["expected_count"]
    assert second["data"]["analytics"]["totals"] == first["data"]["analytics"]["totals"]
    assert second["data"]["analytics"]["data"] == first["data"]["analytics"]["data"]
    assert second["data"]["analytics"]["metadata"]["fromCache"]


@EVERY
async def test_the_expectation_itself_is_what_plain_sql_says(
    case: dict[str, Any], case_database: CaseDatabase
) -> None:
    if "oracle_sql" not in case:
        pytest.fail(f"{case['id']} has no oracle_sql")
    connection = await asyncpg.connect(case_database(case))
    try:
        await connection.execute("set timezone = 'UTC'")
        found = [await _told(connection, sql) for sql, _ in _oracles(case)]
    finally:
        await connection.close()

    assert _same_sets(found, [rows for _, rows in _oracles(case)]), found


def _oracles(case: dict[str, Any]) -> list[tuple[str, Any]]:
    """Each statement of a case with the rows that it must give."""
    found = [(case["oracle_sql"], case["expected"])]
    if "oracle_total_sql" in case:
        found.append((case["oracle_total_sql"], [case["expected_total"]]))
    if "oracle_count_sql" in case:
        found.append((case["oracle_count_sql"], [[case["expected_count"]]]))
    return found + list(
        zip(case.get("oracle_subtotals_sql", []), case.get("expected_subtotals", []), strict=True)
    )


async def _told(connection: asyncpg.Connection, sql: str) -> list[list[Any]]:
    return [[_plain(value) for value in row] for row in await connection.fetch(sql)]


def _same_sets(found: Sequence[Any], expected: Sequence[Any]) -> bool:
    """One set of rows after the other, each in any order."""
    return len(found) == len(expected) and all(
        _same_rows(rows, other, ordered=False) for rows, other in zip(found, expected, strict=True)
    )


def _accepted_codes(case: dict[str, Any]) -> set[str]:
    return {each["error"] for each in case.get("accept", []) if "error" in each}


def _rows(response: dict[str, Any], case: dict[str, Any]) -> list[list[Any]]:
    keys = row_keys(case)
    return [shown_row(row, keys) for row in response["data"]["analytics"]["data"]]


def _subtotals(response: dict[str, Any], case: dict[str, Any]) -> list[list[list[Any]]]:
    """The rows of each subtotal: its dimensions as they were asked, then the metrics."""
    metrics = [column(metric) for metric in case["query"]["metrics"]]
    asked = [[dimension(name) for name in by] for by in case["query"]["subtotals"]]
    return [
        [[row[key] for key in (*by, *metrics)] for row in each["rows"]]
        for by, each in zip(asked, response["data"]["analytics"]["subtotals"], strict=True)
    ]


def _matches(rows: list[list[Any]], case: dict[str, Any]) -> bool:
    ordered = bool(case.get("ordered"))
    if _same_rows(rows, case["expected"], ordered=ordered):
        return True
    others = [each["rows"] for each in case.get("accept", []) if "rows" in each]
    return any(_same_rows(rows, other, ordered=ordered) for other in others)


def _same_rows(rows: Sequence[Any], expected: Sequence[Any], *, ordered: bool) -> bool:
    if len(rows) != len(expected):
        return False
    if ordered:
        return all(map(_same_row, rows, expected))
    left = list(expected)
    for row in rows:
        found = next((each for each in left if _same_row(row, each)), None)
        if found is None:
            return False
        left.remove(found)
    return True


def _same_row(row: Sequence[Any], expected: Sequence[Any]) -> bool:
    return len(row) == len(expected) and all(map(_same_value, row, expected))


def _same_value(value: Any, expected: Any) -> bool:
    """A string of the case is exact; a number is met by a number or a string of digits, within 1e-9."""
    if value is None or expected is None or isinstance(expected, bool):
        return value is expected
    if isinstance(expected, int | float):
        try:
            return abs(float(value) - expected) <= 1e-9 * max(1.0, abs(expected))
        except ValueError:
            return False
    return str(value) == str(expected)


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, int | float) else str(value)
