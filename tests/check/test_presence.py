"""Tables and columns that a model names and the database does not have."""

import secrets
from dataclasses import replace
from urllib.parse import urlsplit, urlunsplit

import pytest

from model.load import model_of_text
from servery.check.finding import Severity
from tests.check.holding import FULL, MODEL, TABLES, found, of, run, told

pytestmark = [pytest.mark.anyio, pytest.mark.integration]


async def test_a_model_that_fits_has_no_findings(database_url: str) -> None:
    await run(database_url, TABLES, FULL)

    assert told(await found(database_url)) == []


async def test_an_absent_table_is_told_once_with_the_one_that_was_meant(database_url: str) -> None:
    await run(database_url, "create schema shop", "set search_path to shop;" + TABLES)

    findings = await found(database_url)

    assert told(findings) == [
        "error: The database has no table stores.",
        "error: The database has no table sales.",
    ]
    assert findings[0].path == ("tables", "stores", "source")
    assert findings[0].remedy == "Did you mean 'shop.stores'?"


async def test_an_absent_column_is_told_once_where_it_is_named(database_url: str) -> None:
    await run(database_url, TABLES, FULL, "alter table sales rename amount to amounts")

    findings = await found(database_url)

    assert told(findings) == ["error: public.sales has no column 'amount'."]
    assert findings[0].path == ("tables", "sales", "metrics", "revenue")
    assert findings[0].remedy == "Did you mean 'amounts'?"


@pytest.mark.parametrize("column", ["store_id", "id", "sold_at", "status"])
async def test_keys_joins_dimensions_and_conditions_name_columns(database_url: str, column: str) -> None:
    await run(database_url, TABLES, FULL, f"alter table sales rename {column} to elsewhere")

    assert told(await found(database_url)) == [f"error: public.sales has no column '{column}'."]


async def test_the_condition_of_a_metric_names_columns_as_well(database_url: str) -> None:
    await run(database_url, TABLES, FULL)

    findings = await found(database_url, MODEL.replace("where: status = 'paid'", "where: paid"))

    assert told(findings) == ["error: public.sales has no column 'paid'."]
    assert findings[0].path == ("tables", "sales", "metrics", "revenue")


async def test_a_name_that_needs_quotes_is_found(database_url: str) -> None:
    await run(
        database_url,
        TABLES,
        FULL,
        'create schema "The Shop"',
        'alter table sales set schema "The Shop"',
        'alter table "The Shop".sales rename to "All Sales"',
    )

    model = MODEL.replace("  sales:\n", "  sales:\n    source: The Shop.All Sales\n")

    assert told(await found(database_url, model)) == []


async def test_a_table_that_may_not_be_read_comes_with_its_grants(database_url: str) -> None:
    name = f"reader_{secrets.token_hex(4)}"
    await run(database_url, TABLES, FULL, f"create role {name} login password 'x'")
    parts = urlsplit(database_url)
    reader = urlunsplit(parts._replace(netloc=f"{name}:x@{parts.hostname}:{parts.port}"))
    await run(database_url, f"grant select on stores to {name}")
    try:
        findings = await found(reader)
        await run(database_url, *findings[0].sql.splitlines())
        afterwards = await found(reader)
    finally:
        await run(database_url, f"drop owned by {name}", f"drop role {name}")

    assert told(findings) == [f"error: {name} may not read public.sales."]
    assert of(Severity.ERROR, afterwards) == []


async def test_a_time_zone_that_postgresql_does_not_know_is_an_error(database_url: str) -> None:
    await run(database_url, TABLES, FULL)
    model = model_of_text(MODEL.replace(", sql: extract(hour from local(sold_at))", ", column: id"))

    findings = await found(database_url, replace(model, timezone="Mars/Olympus"))

    assert told(findings) == ["error: PostgreSQL knows no time zone 'Mars/Olympus'."]
    assert findings[0].path == ("timezone",)


async def test_the_zone_of_a_timestamp_is_looked_up_too(database_url: str) -> None:
    await run(database_url, TABLES, FULL, "alter table sales alter sold_at type timestamp")
    text = MODEL.replace("{type: timestamptz}", "{type: timestamp, zone: Europe/Lisbon}")
    model = model_of_text(text.replace(", sql: extract(hour from local(sold_at))", ", column: id"))
    there = replace(model.dimensions["sold_at"], zone="Mars/Olympus")

    findings = await found(database_url, replace(model, dimensions=dict(model.dimensions, sold_at=there)))

    assert ("tables", "sales", "dimensions", "sold_at", "zone") in [each.path for each in findings]
    assert "error: PostgreSQL knows no time zone 'Mars/Olympus'." in told(findings)
    assert told(await found(database_url, model)) == []
