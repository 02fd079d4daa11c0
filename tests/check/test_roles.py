"""Dimensions that play a role: found over joins of their own, and told where they are declared."""

from dataclasses import replace

import pytest

from model.load import model_of_text
from servery.check.finding import path_of
from tests.check.holding import bare, found, run, told

pytestmark = [pytest.mark.anyio, pytest.mark.integration]

TABLES = """
create table addresses (id int primary key, country text not null, opened_at timestamp);
create table sales (id int primary key, address_id int, billing_id int, amount numeric);
create index on sales (address_id);
create index on sales (billing_id);
insert into addresses select n, 'C' || n from generate_series(1, 50) as n;
insert into sales select n, 1 + n % 50, 1 + n % 40, n from generate_series(1, 200) as n;
analyze addresses;
analyze sales;
"""

MODEL = """
tables:
  addresses:
    key: id
    dimensions:
      country: {}
      opened_at: {type: timestamp, zone: Europe/Lisbon}
  sales:
    key: id
    joins:
      addresses: {on: {address_id: id}}
      billing: {to: addresses, on: {billing_id: id}}
    paths: {addresses: [addresses]}
    dimensions:
      billing_country: {dimension: country, via: billing}
      billing_opened: {dimension: opened_at, via: billing}
    metrics:
      revenue: {type: sum, sql: amount}
      home_revenue: {type: sum, sql: amount, only: {billing_country: C1}}
"""

ROLE = ("tables", "sales", "dimensions", "billing_country")


async def test_roles_that_fit_are_no_finding(database_url: str) -> None:
    await run(database_url, TABLES)

    assert told(await found(database_url, MODEL, large=100)) == []


def test_the_place_of_a_role_is_where_it_is_declared() -> None:
    assert path_of(model_of_text(MODEL).dimensions["billing_country"]) == ROLE


@pytest.mark.parametrize(
    ("change", "said", "place"),
    [
        (
            "alter table sales alter billing_id type text",
            "sales.billing_id is text and addresses.id is int4; PostgreSQL does not compare these.",
            ("tables", "sales", "joins", "billing"),
        ),
        (
            "alter table addresses alter country type int using 1",
            "'country' is declared string, and 'country' is int4.",
            ("tables", "addresses", "dimensions", "country"),
        ),
        (
            "alter table addresses rename country to land",
            "public.addresses has no column 'country'.",
            ("tables", "addresses", "dimensions", "country"),
        ),
        (
            "alter table addresses alter opened_at type timestamptz",
            "'opened_at' is declared timestamp, and 'opened_at' is timestamptz.",
            ("tables", "addresses", "dimensions", "opened_at"),
        ),
    ],
)
async def test_what_is_wrong_with_a_join_or_a_dimension_is_told_once_and_not_of_its_roles(
    database_url: str, change: str, said: str, place: tuple[str, ...]
) -> None:
    await run(database_url, TABLES, change)

    findings = await found(database_url, MODEL)

    assert told(findings) == [f"error: {said}"]
    assert findings[0].path == place


async def test_types_that_are_alike_and_cannot_be_compared_are_told_by_postgresql(database_url: str) -> None:
    await run(
        database_url,
        TABLES,
        "drop index sales_billing_id_idx",
        "alter table sales alter billing_id type point using point(1, 1)",
        "create table places (id point, name text)",
    )
    model = MODEL.replace("to: addresses", "to: places").replace(
        "      billing_country: {dimension: country, via: billing}\n"
        "      billing_opened: {dimension: opened_at, via: billing}\n",
        "      billing_place: {dimension: place, via: billing}\n",
    )
    model = model.replace(", only: {billing_country: C1}", "").replace(
        "  sales:\n", "  places:\n    key: id\n    dimensions:\n      place: {column: name}\n  sales:\n"
    )

    errors = [each for each in told(await found(database_url, model)) if each.startswith("error")]

    assert errors == ["error: PostgreSQL refuses the join 'billing': operator does not exist: point = point."]


async def test_the_join_of_a_role_wants_its_index_like_any_other(database_url: str) -> None:
    await run(database_url, TABLES, "drop index sales_billing_id_idx")

    findings = await found(database_url, MODEL, large=100)

    assert [bare(each.sql) for each in findings] == [
        "create index concurrently on public.sales (billing_id);"
    ]
    assert findings[0].path == ("tables", "sales", "joins", "billing")


async def test_the_zone_of_a_role_is_told_once(database_url: str) -> None:
    await run(database_url, TABLES)
    model = model_of_text(MODEL)
    gone = {
        name: replace(each, zone="Mars/Olympus") if each.zone else each
        for name, each in model.dimensions.items()
    }

    findings = await found(database_url, replace(model, dimensions=gone))

    zones = [each.path for each in findings if "no time zone" in each.message]
    assert zones == [("tables", "addresses", "dimensions", "opened_at", "zone")]
