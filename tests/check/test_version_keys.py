"""The key of versions, the index that finds them, and rows of a time that has none."""

import pytest

from servery.check.finding import Severity
from tests.check.holding import bare, found, of, read, run, told
from tests.check.versions import FULL, JOIN, MODEL, TABLES, VALID, warned

pytestmark = [pytest.mark.anyio, pytest.mark.integration]

LOOSE = "alter table prices drop constraint prices_pkey"
BY_SKU = MODEL.replace("key: [sku, valid_from]", "key: sku")


async def test_a_key_that_all_versions_share_is_told_with_the_whole_one(database_url: str) -> None:
    await run(database_url, TABLES, FULL)

    findings = await warned(database_url, BY_SKU)

    assert told(findings) == [
        ("warning: (sku) is declared the key of public.prices, whose rows are versions by (sku, valid_from).")
    ]
    assert findings[0].remedy == "Write 'key: [sku, valid_from]'."
    assert findings[0].path == ("tables", "prices", "key")


async def test_versions_that_begin_together_repeat_their_key(database_url: str) -> None:
    await run(database_url, TABLES, FULL, LOOSE, "insert into prices values ('S7', '2026-01-01', null, 9)")

    findings = await warned(database_url, BY_SKU)

    assert (
        "error: (sku, valid_from) is what tells versions apart in public.prices, and 1 of its values repeat: "
        "rows of sales would count twice."
    ) in told(findings)


@pytest.mark.parametrize("model", [MODEL, BY_SKU])
async def test_what_keeps_versions_apart_is_a_unique_index_over_key_and_beginning(
    database_url: str, model: str
) -> None:
    await run(database_url, TABLES, FULL, LOOSE)

    cures = [bare(each.sql) for each in await warned(database_url, model) if each.sql]

    assert cures == ["create unique index concurrently on public.prices (sku, valid_from);"]


async def test_a_large_table_of_versions_wants_an_index_on_key_and_beginning(database_url: str) -> None:
    await run(database_url, TABLES, FULL, LOOSE, "alter table prices add primary key (valid_from, sku)")

    findings = of(Severity.ADVICE, await found(database_url, MODEL, large=100))

    assert [bare(each.sql) for each in findings] == [
        "create index concurrently on public.prices (sku, valid_from);"
    ]
    assert findings[0].path == VALID
    await run(database_url, findings[0].sql)
    assert told(await found(database_url, MODEL, large=100)) == []


async def test_rows_of_a_time_without_a_version_are_noted(database_url: str) -> None:
    await run(database_url, TABLES, FULL, "update sales set sold_on = '2025-12-31' where id <= 3")

    findings = await found(database_url, MODEL)

    assert told(findings) == [
        (
            "advice: 3 of 200 rows of public.sales that were looked at find nothing in prices "
            "that was valid at sold_on (sku), and count under null there."
        )
    ]
    assert findings[0].path == JOIN
    assert len(await read(database_url, findings[0].sql)) == 3
