"""Keys that find nothing where they are looked up."""

import pytest

from db.postgres import PostgresDatabase
from db.settings import PoolSettings
from model.load import model_of_text
from servery.check.catalog import read_catalog
from servery.check.joins import joins
from servery.check.looks import Looks
from servery.check.orphans import keys_that_find_nothing
from tests.check.holding import FULL, MODEL, TABLES, found, read, run, told

pytestmark = [pytest.mark.anyio, pytest.mark.integration]

LOST = "update sales set store_id = 900 + id where id <= 5"


async def test_keys_that_find_nothing_are_noted_with_their_number(database_url: str) -> None:
    await run(database_url, TABLES, FULL, LOST)

    findings = await found(database_url)

    assert told(findings) == [
        (
            "advice: 5 of 200 rows of public.sales that were looked at find nothing in stores (store_id), "
            "and count under null there."
        )
    ]
    assert findings[0].path == ("tables", "sales", "joins", "stores")
    assert sorted(row["store_id"] for row in await read(database_url, findings[0].sql)) == list(
        range(901, 906)
    )


async def test_a_null_key_is_meant_to_find_nothing(database_url: str) -> None:
    await run(database_url, TABLES, FULL, "alter table sales alter store_id drop not null")
    await run(database_url, "update sales set store_id = null where id <= 5")

    assert told(await found(database_url)) == []


async def test_what_a_foreign_key_keeps_is_not_looked_at(database_url: str) -> None:
    # Nobody checks a key that is said to be valid while triggers sleep.
    await run(database_url, TABLES, FULL, "alter table sales add foreign key (store_id) references stores")
    await run(database_url, f"set session_replication_role = replica; {LOST}")

    assert told(await found(database_url)) == []


async def test_a_foreign_key_that_was_never_validated_promises_nothing(database_url: str) -> None:
    key = "alter table sales add foreign key (store_id) references stores not valid"
    await run(database_url, TABLES, FULL, LOST, key)

    assert len(await found(database_url)) == 1


async def test_a_table_that_only_some_rows_have_may_lack_the_others(database_url: str) -> None:
    await run(database_url, TABLES, FULL, "create table deliveries (sale_id int primary key, city text)")
    model = MODEL.replace("      stores: {on", "      deliveries: {on: {id: sale_id}}\n      stores: {on")
    model = model.replace(
        "  sales:\n", "  deliveries:\n    key: sale_id\n    dimensions:\n      city: {}\n  sales:\n", 1
    )

    assert told(await found(database_url, model)) == []


async def test_the_look_at_rows_is_bounded(database_url: str) -> None:
    await run(database_url, TABLES, FULL, "update sales set store_id = 900")
    model, database = model_of_text(MODEL), PostgresDatabase(PoolSettings(database_url))
    try:
        catalog = await read_catalog(database, tuple(model.tables.values()))
        looks = Looks(database, most_rows=7)
        findings = [each async for each in keys_that_find_nothing(model, list(joins(model)), catalog, looks)]
    finally:
        await database.close()

    assert [each.message.split(" of public")[0] for each in findings] == ["7 of 7 rows"]
