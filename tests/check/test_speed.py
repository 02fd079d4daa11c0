"""Indexes and statistics that are missed on large tables, and are not once their SQL has run."""

import pytest

from servery.check.finding import Finding, Severity
from servery.check.statistics import plain
from tests.check.holding import FULL, MODEL, TABLES, bare, found, of, run, told

pytestmark = [pytest.mark.anyio, pytest.mark.integration]

BARE = "drop index sales_sold_at_idx; drop index sales_store_id_idx;"


async def advised(url: str, model: str = MODEL, large: int = 100) -> list[Finding]:
    return of(Severity.ADVICE, await found(url, model, large=large))


async def test_what_a_large_table_misses_comes_as_sql_that_cures_it(database_url: str) -> None:
    await run(database_url, TABLES, FULL, BARE)

    advice = await advised(database_url)

    assert sorted(bare(each.sql) for each in advice) == [
        "create index concurrently on public.sales (sold_at);",
        "create index concurrently on public.sales (store_id);",
        (
            "create statistics public.sales_hour on "
            "(EXTRACT(HOUR FROM sold_at AT TIME ZONE 'Europe/Lisbon')) from public.sales;\n"
            "analyze public.sales;"
        ),
    ]
    assert sorted(each.path for each in advice) == [
        ("tables", "sales", "dimensions", "hour"),
        ("tables", "sales", "dimensions", "sold_at"),
        ("tables", "sales", "joins", "stores"),
    ]
    for each in advice:
        await run(database_url, *each.sql.splitlines())
    assert told(await found(database_url, large=100)) == []


async def test_a_small_table_needs_none(database_url: str) -> None:
    await run(database_url, TABLES, FULL, BARE)

    assert told(await found(database_url, large=201)) == []


async def test_a_table_that_was_never_analyzed_is_judged_by_its_size(database_url: str) -> None:
    await run(database_url, TABLES, BARE, FULL.split("analyze")[0])

    assert len(await advised(database_url, large=50)) == 3


async def test_a_key_with_few_values_needs_no_index(database_url: str) -> None:
    await run(database_url, TABLES, FULL, BARE, "update sales set store_id = 1 + id % 5", "analyze sales")

    assert "store_id" not in " ".join(each.sql for each in await advised(database_url))


@pytest.mark.parametrize(
    ("index", "helps"),
    [
        ("create index on sales (sold_at, store_id)", True),
        ("create index on sales using brin (sold_at)", True),
        ("create index on sales (store_id, sold_at)", False),
        ("create index on sales (sold_at) where amount > 0", False),
    ],
)
async def test_only_an_index_that_begins_with_the_column_helps(
    database_url: str, index: str, *, helps: bool
) -> None:
    await run(database_url, TABLES, FULL, BARE, index)

    wanted = "create index concurrently on public.sales (sold_at);"
    assert (wanted not in [bare(each.sql) for each in await advised(database_url)]) is helps


async def test_an_index_on_an_expression_has_statistics_of_its_own(database_url: str) -> None:
    index = "create index on sales (extract(hour from sold_at at time zone 'Europe/Lisbon'))"
    await run(database_url, TABLES, FULL, index)

    assert await advised(database_url) == []


async def test_statistics_in_another_time_zone_are_others(database_url: str) -> None:
    other = "create statistics s on (extract(hour from sold_at at time zone 'Europe/Paris')) from sales"
    await run(database_url, TABLES, FULL, other)

    assert [each.path[-1] for each in await advised(database_url)] == ["hour"]


async def test_a_partitioned_table_is_judged_as_a_whole_and_indexed_plainly(database_url: str) -> None:
    await run(
        database_url,
        TABLES,
        FULL,
        "alter table sales rename to early",
        "create table sales (like early) partition by range (id)",
        "alter table sales add primary key (id)",
        "alter table sales attach partition early for values from (1) to (1000)",
    )

    advice = await advised(database_url)

    assert sorted(bare(each.sql).splitlines()[0] for each in advice)[:2] == [
        "create index on public.sales (sold_at);",
        "create index on public.sales (store_id);",
    ]
    for each in advice:
        await run(database_url, *each.sql.splitlines())
    assert told(await found(database_url, large=100)) == []


def test_brackets_and_aliases_make_no_difference_between_expressions() -> None:
    stored = "EXTRACT(hour FROM (sold_at AT TIME ZONE 'Europe/Lisbon'::text))"

    assert plain("EXTRACT(hour FROM (sales.sold_at AT TIME ZONE 'Europe/Lisbon'::text))") == plain(stored)
    assert plain(f"({stored})") == plain(stored)
    assert plain("EXTRACT(hour FROM sold_at AT TIME ZONE 'Europe/Lisbon'::text)") == plain(stored)
    assert plain("EXTRACT(hour FROM (sold_at AT TIME ZONE 'UTC'::text))") != plain(stored)
    assert plain("(a + b) * c") != plain("a + b * c")
