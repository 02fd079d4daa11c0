"""Functions that a model lists, and that give another result the next time."""

import pytest

from servery.check.finding import Severity
from tests.check.holding import FULL, MODEL, TABLES, found, of, run, told

pytestmark = [pytest.mark.anyio, pytest.mark.integration]

FUNCTION = (
    "create function slug(value text, length int = 3) returns text language sql {} return left(value, length)"
)


def with_function(text: str) -> str:
    return "functions: [slug]\n" + MODEL.replace("    metrics:\n", f"{text}\n    metrics:\n")


@pytest.mark.parametrize(
    "text",
    [
        "      short: {sql: slug(status)}",
        "    segments:\n      short: {sql: slug(status) = 'pai'}",
        "    row_filter: slug(status) = 'pai'",
    ],
)
async def test_a_volatile_function_is_an_error_wherever_it_is_called(database_url: str, text: str) -> None:
    await run(database_url, TABLES, FULL, FUNCTION.format("volatile"))

    findings = of(Severity.ERROR, await found(database_url, with_function(text)))

    assert len(findings) == 1
    assert "slug() in " in findings[0].message
    assert " is volatile: it gives another result each time." in findings[0].message


async def test_the_place_is_that_of_the_call(database_url: str) -> None:
    await run(database_url, TABLES, FULL, FUNCTION.format("volatile"))
    model = "functions: [slug]\n" + MODEL.replace("where: status = 'paid'", "where: slug(status) = 'pai'")

    findings = await found(database_url, model)

    assert [each.path for each in findings] == [("tables", "sales", "metrics", "revenue")]


async def test_a_stable_function_is_a_warning(database_url: str) -> None:
    await run(database_url, TABLES, FULL, FUNCTION.format("stable"))

    findings = await found(database_url, with_function("      short: {sql: slug(status)}"))

    assert told(findings) == [
        "warning: slug() in 'short' is not immutable: its result changes while answers are kept."
    ]


async def test_an_immutable_function_is_no_finding(database_url: str) -> None:
    await run(database_url, TABLES, FULL, FUNCTION.format("immutable"))

    assert told(await found(database_url, with_function("      short: {sql: slug(status)}"))) == []


async def test_an_overload_with_other_arguments_is_another_function(database_url: str) -> None:
    other = FUNCTION.format("volatile").replace("length int = 3", "length int, extra int")
    await run(database_url, TABLES, FULL, FUNCTION.format("immutable"), other)

    assert told(await found(database_url, with_function("      short: {sql: 'slug(status, 2)'}"))) == []
    volatile = of(
        Severity.ERROR, await found(database_url, with_function("      short: {sql: 'slug(status, 2, 1)'}"))
    )
    assert len(volatile) == 1


async def test_a_function_that_is_not_there_is_told_by_postgresql(database_url: str) -> None:
    await run(database_url, TABLES, FULL)

    findings = await found(database_url, with_function("      short: {sql: slug(status)}"))

    assert told(findings) == ["error: PostgreSQL refuses 'short': function slug(text) does not exist."]
