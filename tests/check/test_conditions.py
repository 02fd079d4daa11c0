"""Segments and row filters: what they name is there, and they are true or false."""

import pytest

from servery.check.finding import Severity
from tests.check.holding import FULL, MODEL, TABLES, bare, found, of, run, told

pytestmark = [pytest.mark.anyio, pytest.mark.integration]

SEGMENT = ("tables", "sales", "segments", "large")
ROW_FILTER = ("tables", "sales", "row_filter")


def segment(sql: str) -> str:
    return MODEL.replace("    metrics:\n", f'    segments:\n      large: {{sql: "{sql}"}}\n    metrics:\n', 1)


def filtered(sql: str) -> str:
    return MODEL.replace("    metrics:\n", f'    row_filter: "{sql}"\n    metrics:\n', 1)


@pytest.mark.parametrize(
    "sql", ["amount >= 100", "extract(isodow from local(sold_at)) in (6, 7)", "status like 'p%'"]
)
async def test_a_segment_that_fits_is_no_finding(database_url: str, sql: str) -> None:
    await run(database_url, TABLES, FULL)

    assert told(await found(database_url, segment(sql))) == []


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("amounts >= 100", "public.sales has no column 'amounts'."),
        ("amount", "'large' is 'amount', which is numeric and neither true nor false."),
        ("amount > status", "PostgreSQL refuses 'large': operator does not exist: numeric > text."),
        ("100 / (amount - 1) > 2", "PostgreSQL refuses 'large': division by zero."),
        ("status::int > 2", "PostgreSQL refuses 'large': invalid input syntax for type integer: \"paid\"."),
    ],
)
async def test_a_segment_that_does_not_fit_is_an_error_at_its_place(
    database_url: str, sql: str, said: str
) -> None:
    await run(database_url, TABLES, FULL)

    findings = await found(database_url, segment(sql))

    assert told(findings) == [f"error: {said}"]
    assert findings[0].path == SEGMENT


@pytest.mark.parametrize(
    "sql",
    [
        "status = :tenant",
        "status = any(:roles)",
        "store_id = :tenant::int or status = :subject",
        "status = lower(:subject) and amount > 0",
    ],
)
async def test_a_row_filter_that_fits_is_no_finding(database_url: str, sql: str) -> None:
    await run(database_url, TABLES, FULL)

    assert told(await found(database_url, filtered(sql))) == []


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("tenant = :tenant", "public.sales has no column 'tenant'."),
        (
            "status || :tenant",
            "The row filter of sales is 'status || :tenant', which is text and neither true nor false.",
        ),
        (
            "store_id = :tenant",
            "PostgreSQL refuses the row filter of sales: operator does not exist: integer = text.",
        ),
        (
            "store_id = any(:roles)",
            "PostgreSQL refuses the row filter of sales: operator does not exist: integer = text.",
        ),
        ("1 / (amount - 1) > 0", "PostgreSQL refuses the row filter of sales: division by zero."),
    ],
)
async def test_a_row_filter_that_does_not_fit_is_told_once_and_not_of_every_metric(
    database_url: str, sql: str, said: str
) -> None:
    await run(database_url, TABLES, FULL)

    findings = await found(database_url, filtered(sql))

    assert told(findings) == [f"error: {said}"]
    assert findings[0].path == ROW_FILTER


async def test_other_faults_of_a_table_are_told_beside_its_row_filter(database_url: str) -> None:
    await run(database_url, TABLES, FULL)

    findings = await found(
        database_url, filtered("store_id = :tenant").replace("sql: amount,", "sql: amount / 0,")
    )

    assert told(findings) == [
        "error: PostgreSQL refuses the row filter of sales: operator does not exist: integer = text.",
        "error: PostgreSQL refuses 'revenue': division by zero.",
    ]


async def test_what_is_made_of_a_metric_that_fails_is_not_told_as_well(database_url: str) -> None:
    await run(database_url, TABLES, FULL)

    findings = await found(database_url, MODEL.replace("sql: amount,", "sql: amount + status,"))

    assert [each.path[-1] for each in findings] == ["revenue"]


async def test_a_table_without_a_row_filter_that_looks_up_one_with_it_gets_a_note(database_url: str) -> None:
    await run(database_url, TABLES, FULL)
    model = MODEL.replace(
        "  stores:\n    key: id\n", "  stores:\n    key: id\n    row_filter: name = :tenant\n"
    )

    findings = await found(database_url, model)

    assert told(findings) == [
        (
            "advice: The row filter of stores hides rows of stores only: sales, without one, counts every "
            "row for everybody, under null where the row looked up is hidden."
        )
    ]
    assert findings[0].path == ("tables", "stores", "row_filter")


async def test_a_row_filter_that_nobody_looks_up_needs_no_note(database_url: str) -> None:
    await run(database_url, TABLES, FULL)
    both = filtered("status = :tenant").replace(
        "  stores:\n    key: id\n", "  stores:\n    key: id\n    row_filter: name = :tenant\n"
    )

    assert told(await found(database_url, filtered("status = :tenant"))) == []
    assert told(await found(database_url, both)) == []


TENANTS = "alter table sales add tenant text; update sales set tenant = 't' || id % 50; analyze sales"


@pytest.mark.parametrize(
    "sql", ["tenant = :tenant", "amount > 0 and (tenant = :tenant)", "tenant in (:tenant, 'all')"]
)
async def test_a_row_filter_over_a_large_table_wants_an_index(database_url: str, sql: str) -> None:
    await run(database_url, TABLES, FULL, TENANTS)

    findings = await found(database_url, filtered(sql), large=100)

    wanted = [each for each in findings if each.path == ROW_FILTER]
    assert [bare(each.sql) for each in wanted] == [
        "create index concurrently on public.sales (tenant, sold_at);"
    ]
    await run(database_url, *wanted[0].sql.splitlines())
    assert ROW_FILTER not in [each.path for each in await found(database_url, filtered(sql), large=100)]


@pytest.mark.parametrize("index", ["(tenant)", "(tenant, amount)"])
async def test_an_index_that_begins_with_the_filtered_column_is_enough(database_url: str, index: str) -> None:
    await run(database_url, TABLES, FULL, TENANTS, f"create index on sales {index}")

    findings = await found(database_url, filtered("tenant = :tenant"), large=100)

    assert ROW_FILTER not in [each.path for each in findings]


@pytest.mark.parametrize("sql", ["tenant = :tenant or :subject = 'boss'", "amount = 3", "tenant <> :tenant"])
async def test_what_no_index_would_serve_wants_none(database_url: str, sql: str) -> None:
    await run(database_url, TABLES, FULL, TENANTS)

    findings = await found(database_url, filtered(sql), large=100)

    assert of(Severity.ERROR, findings) == []
    assert ROW_FILTER not in [each.path for each in findings]
