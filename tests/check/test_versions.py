"""Joins to the version that was valid: their columns, the types of these, and ranges that are wrong."""

import pytest

from servery.check.finding import Severity
from tests.check.holding import found, read, run, told
from tests.check.versions import FULL, MODEL, TABLES, VALID, warned

pytestmark = [pytest.mark.anyio, pytest.mark.integration]

OVERLAP = "update prices set valid_to = '2026-01-15' where sku = 'S7' and valid_from = '2026-01-01'"


async def test_versions_that_fit_are_no_finding(database_url: str) -> None:
    await run(database_url, TABLES, FULL)

    assert told(await found(database_url, MODEL, large=1000)) == []


@pytest.mark.parametrize(
    ("key", "table", "column"),
    [("at", "sales", "sold_on"), ("from", "prices", "valid_from"), ("to", "prices", "valid_to")],
)
async def test_the_columns_of_a_range_are_there(database_url: str, key: str, table: str, column: str) -> None:
    await run(database_url, TABLES, FULL, f"alter table {table} rename {column} to elsewhere")
    model = MODEL.replace("key: [sku, valid_from]", "key: sku")

    findings = await warned(database_url, model)

    assert told(findings)[:1] == [f"error: public.{table} has no column '{column}'."]
    assert findings[0].path == (*VALID, key)


@pytest.mark.parametrize(
    ("change", "key", "said"),
    [
        (
            "alter table sales alter sold_on type text",
            "at",
            "sales.sold_on is text and prices.valid_from is date; PostgreSQL does not compare these.",
        ),
        (
            "alter table prices alter valid_to type int using 1",
            "to",
            "sales.sold_on is date and prices.valid_to is int4; PostgreSQL does not compare these.",
        ),
    ],
)
async def test_the_times_of_a_range_can_be_compared(
    database_url: str, change: str, key: str, said: str
) -> None:
    await run(database_url, TABLES, FULL, change)

    findings = await warned(database_url)

    assert told(findings) == [f"error: {said}"]
    assert findings[0].path == (*VALID, key)


async def test_ranges_may_be_of_numbers(database_url: str) -> None:
    numbers = [
        f"alter table {table} alter {column} type {kind} using extract(epoch from {column})"
        for table, column, kind in [
            ("sales", "sold_on", "bigint"),
            ("prices", "valid_from", "int"),
            ("prices", "valid_to", "numeric"),
        ]
    ]
    await run(database_url, TABLES, FULL, *numbers)

    assert await warned(database_url) == ()


INSTANTS = "alter table sales alter sold_on type timestamptz"
DECLARED = MODEL.replace(
    "    metrics:\n", "    dimensions:\n      sold_on: {type: timestamptz}\n    metrics:\n"
).replace("price: {type: decimal}", "price: {type: decimal}\n      valid_from: {type: date}")


async def test_a_day_and_an_instant_that_are_not_declared_meet_in_the_wrong_zone(database_url: str) -> None:
    await run(database_url, TABLES, FULL, INSTANTS)

    findings = await warned(database_url)

    assert told(findings) == [
        (
            "warning: sales.sold_on is timestamptz and prices.valid_from is date; "
            "they are compared in UTC, and not in Europe/Lisbon."
        )
    ]
    assert findings[0].path == (*VALID, "at")


async def test_a_day_and_an_instant_that_are_declared_meet_in_the_zone_of_the_model(
    database_url: str,
) -> None:
    await run(database_url, TABLES, FULL, INSTANTS)

    assert await warned(database_url, DECLARED) == ()


async def test_a_model_in_utc_has_no_other_zone(database_url: str) -> None:
    await run(database_url, TABLES, FULL, INSTANTS)

    assert await warned(database_url, MODEL.replace("Europe/Lisbon", "UTC")) == ()


WALLS = [f"alter table prices alter {name} type timestamp" for name in ("valid_from", "valid_to")]
ON_WALLS = DECLARED.replace("valid_from: {type: date}", "valid_from: {type: timestamp, zone: Europe/Lisbon}")


async def test_a_clock_on_a_wall_that_is_declared_meets_an_instant(database_url: str) -> None:
    await run(database_url, TABLES, FULL, INSTANTS, *WALLS)

    assert await warned(database_url, ON_WALLS) == ()


async def test_an_end_of_another_type_than_the_beginning_is_declared_for_itself(database_url: str) -> None:
    await run(database_url, TABLES, FULL, INSTANTS, "alter table prices alter valid_to type timestamp")
    declared = DECLARED.replace(
        "valid_from: {type: date}",
        "valid_from: {type: date}\n      valid_to: {type: timestamp, zone: Europe/Lisbon}",
    )

    assert [each.path for each in await warned(database_url, DECLARED)] == [(*VALID, "to")]
    assert await warned(database_url, declared) == ()


async def test_ranges_that_overlap_are_an_error_with_an_example_and_a_way_to_all(database_url: str) -> None:
    await run(database_url, TABLES, FULL, OVERLAP)

    findings = await warned(database_url)

    assert told(findings) == [
        (
            "error: 1 range of public.prices overlaps the next of the same (sku), such as (S7) on 2026-01-11"
            ": rows of sales would count twice."
        )
    ]
    assert findings[0].path == VALID


async def test_the_way_to_all_overlaps_finds_them(database_url: str) -> None:
    open_ended = "update prices set valid_to = null where sku = 'S9' and valid_from < '2026-01-15'"
    await run(database_url, TABLES, FULL, OVERLAP, open_ended)

    findings = await warned(database_url)

    rows = await read(database_url, findings[0].sql)
    assert sorted((row["sku"], str(row["valid_from"])) for row in rows) == [
        ("S7", "2026-01-01"),
        ("S9", "2026-01-01"),
        ("S9", "2026-01-11"),
    ]


async def test_a_range_that_holds_several_others_overlaps(database_url: str) -> None:
    await run(database_url, TABLES, FULL, OVERLAP.replace("2026-01-15", "2027-01-01"))

    assert [each.severity for each in await warned(database_url)] == [Severity.ERROR]


async def test_ranges_of_different_keys_may_overlap(database_url: str) -> None:
    await run(database_url, TABLES, FULL, "update prices set valid_to = null where valid_from = '2026-01-31'")

    assert await warned(database_url) == ()


async def test_a_range_that_is_never_valid_overlaps_none_and_is_a_warning(database_url: str) -> None:
    await run(
        database_url,
        TABLES,
        FULL,
        "insert into prices values ('S7', '2026-01-05', '2026-01-05', 1)",
        "insert into prices values ('S8', '2026-01-25', '2026-01-15', 1)",
    )

    findings = await warned(database_url)

    assert told(findings) == [
        "warning: No row finds 2 rows of public.prices: valid_from is null there, or not before valid_to."
    ]
    assert findings[0].path == VALID
    assert sorted(row["sku"] for row in await read(database_url, findings[0].sql)) == ["S7", "S8"]


async def test_a_range_without_a_beginning_is_never_valid(database_url: str) -> None:
    nulls = "update prices set valid_from = null where sku = 'S7' and valid_from = '2026-01-01'"
    loose = (
        "alter table prices drop constraint prices_pkey; alter table prices alter valid_from drop not null;"
    )
    kept = "create unique index on prices (sku, valid_from)"
    await run(database_url, TABLES, FULL, loose, kept, nulls)

    assert "warning: No row finds 1 row of public.prices" in told(await warned(database_url))[0]
