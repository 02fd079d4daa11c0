"""Declared keys, with and without something that keeps them unique."""

import pytest

from db.postgres import PostgresDatabase
from db.settings import PoolSettings
from model.load import model_of_text
from servery.check.catalog import read_catalog
from servery.check.finding import Severity
from servery.check.keys import keys_that_repeat
from servery.check.looks import Looks
from tests.check.holding import FULL, MODEL, TABLES, bare, found, of, run, told

pytestmark = [pytest.mark.anyio, pytest.mark.integration]


async def test_a_key_that_repeats_is_an_error_that_names_what_counts_twice(database_url: str) -> None:
    await run(database_url, TABLES, FULL, "alter table stores drop constraint stores_pkey")
    await run(database_url, "insert into stores values (1, 'Again'), (2, 'Again')")

    findings = await found(database_url)

    assert told(findings) == [
        (
            "error: (id) is declared the key of public.stores, and 2 of its values repeat: "
            "rows of sales would count twice."
        )
    ]
    assert findings[0].path == ("tables", "stores", "key")


async def test_a_key_that_nothing_keeps_unique_is_a_warning_until_there_is_the_index(
    database_url: str,
) -> None:
    await run(database_url, TABLES, FULL, "alter table stores drop constraint stores_pkey")

    findings = await found(database_url)

    assert [finding.severity for finding in findings] == [Severity.WARNING]
    assert bare(findings[0].sql) == "create unique index concurrently on public.stores (id);"
    await run(database_url, findings[0].sql)
    assert told(await found(database_url)) == []


@pytest.mark.parametrize(
    ("index", "keeps"),
    [
        ("create unique index on stores (id) include (name)", True),
        ("create unique index on stores (id, name)", False),
        ("create unique index on stores (id) where name <> ''", False),
        ("create unique index on stores ((id + 0))", False),
        ("create index on stores (id)", False),
        ("alter table stores add unique (id) deferrable", True),
    ],
)
async def test_only_an_index_over_the_key_of_all_rows_keeps_it_unique(
    database_url: str, index: str, *, keeps: bool
) -> None:
    await run(database_url, TABLES, FULL, "alter table stores drop constraint stores_pkey", index)

    assert (told(await found(database_url)) == []) is keeps


async def test_a_composite_key_may_be_kept_by_a_part_of_it(database_url: str) -> None:
    await run(database_url, TABLES, FULL)

    assert (
        told(
            await found(
                database_url, MODEL.replace("  sales:\n    key: id", "  sales:\n    key: [store_id, id]")
            )
        )
        == []
    )


async def test_a_view_is_looked_at_and_no_index_is_asked_for(database_url: str) -> None:
    await run(database_url, TABLES, FULL, "create view shops as select * from stores")
    model = MODEL.replace("  stores:\n    key", "  stores:\n    source: shops\n    key")

    findings = await found(database_url, model)

    assert [finding.severity for finding in findings] == [Severity.ADVICE]
    assert findings[0].sql == ""


async def test_nulls_do_not_repeat(database_url: str) -> None:
    await run(database_url, TABLES, FULL, "alter table stores drop constraint stores_pkey")
    await run(
        database_url,
        "alter table stores alter id drop not null",
        "insert into stores values (null, ''), (null, '')",
    )

    assert of(Severity.ERROR, await found(database_url)) == []


async def test_the_look_at_rows_is_bounded_and_says_so(database_url: str) -> None:
    await run(database_url, TABLES, FULL, "alter table stores drop constraint stores_pkey")
    model, database = model_of_text(MODEL), PostgresDatabase(PoolSettings(database_url))
    try:
        catalog = await read_catalog(database, tuple(model.tables.values()))
        findings = [each async for each in keys_that_repeat(model, catalog, Looks(database, most_rows=7))]
    finally:
        await database.close()

    assert [each.message for each in findings] == [
        "(id) is unique in public.stores among the 7 rows looked at, but nothing in the database keeps it so."
    ]
