"""Indexes and statistics that are missed on large tables, and are not once their SQL has run."""

import json

import pytest

from db.postgres import PostgresDatabase
from db.settings import PoolSettings
from model.load import model_of_text
from model.query import Query
from model.viewer import ANONYMOUS
from plan.limits import Limits
from plan.plan import make_plan
from plan.sql import render
from servery.check.finding import Finding, Severity
from servery.check.statistics import plain
from tests.check.holding import FULL, MODEL, TABLES, bare, found, of, run, told

pytestmark = [pytest.mark.anyio, pytest.mark.integration]

BARE = "drop index sales_sold_at_idx; drop index sales_store_id_idx;"
UNKNOWN = "drop statistics sales_days, sales_months"


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


async def test_days_and_months_of_a_large_table_want_statistics_that_the_questions_use(
    database_url: str,
) -> None:
    await run(database_url, TABLES, FULL, UNKNOWN)

    advice = [each for each in await advised(database_url) if each.path[-1] == "sold_at"]

    assert [bare(each.sql).splitlines()[0] for each in advice] == [
        (
            "create statistics public.sales_sold_at_day on "
            "(CAST(sold_at AT TIME ZONE 'Europe/Lisbon' AS DATE)) from public.sales;"
        ),
        (
            "create statistics public.sales_sold_at_month on "
            "(CAST(DATE_TRUNC('month', sold_at AT TIME ZONE 'Europe/Lisbon') AS DATE)) from public.sales;"
        ),
    ]
    for each in advice:
        await run(database_url, *each.sql.splitlines())
    assert "sold_at" not in [each.path[-1] for each in await advised(database_url)]


@pytest.mark.parametrize("grain", ["day", "month"])
async def test_with_its_statistics_a_question_by_that_bucket_is_known_to_have_few_groups(
    database_url: str, grain: str
) -> None:
    await run(database_url, TABLES, FULL, UNKNOWN)
    before = await groups_expected(database_url, grain)
    for each in await advised(database_url):
        await run(database_url, *each.sql.splitlines())

    assert before == 200
    assert await groups_expected(database_url, grain) < 11


async def groups_expected(url: str, grain: str) -> int:
    """As PostgreSQL plans the question that the service would send."""
    model = model_of_text(MODEL)
    query = Query(metrics=("made",), dimensions=(f"time__{grain}",), timezone=model.timezone)
    statement = render(model, make_plan(model, query, ANONYMOUS, Limits()))
    database = PostgresDatabase(PoolSettings(url))
    try:
        rows = (await database.fetch(f"explain (format json) {statement.text}", statement.args)).rows
    finally:
        await database.close()
    plan = json.loads(rows[0][0])[0]["Plan"]
    while "Aggregate" not in plan["Node Type"]:
        (plan,) = plan["Plans"]
    return int(plan["Plan Rows"])


async def test_days_that_are_dates_are_known_by_their_column(database_url: str) -> None:
    await run(database_url, TABLES, FULL, UNKNOWN, "alter table sales alter sold_at type date")
    model = MODEL.replace("{type: timestamptz}", "{type: date}").replace(
        "extract(hour from local(sold_at))", "id"
    )

    assert await advised(database_url, model) == []


SEGMENT = "    segments:\n      large: {{sql: {}}}\n    metrics:\n"


async def test_what_a_segment_compares_wants_statistics(database_url: str) -> None:
    await run(database_url, TABLES, FULL)
    weekend = "'extract(isodow from local(sold_at)) in (6, 7) and amount > 3'"
    model = MODEL.replace("    metrics:\n", SEGMENT.format(weekend))

    advice = [each for each in await advised(database_url, model) if each.path[-2] == "segments"]

    assert [bare(each.sql).splitlines()[0] for each in advice] == [
        (
            "create statistics public.sales_large on "
            "(EXTRACT(ISODOW FROM sold_at AT TIME ZONE 'Europe/Lisbon')) from public.sales;"
        )
    ]
    assert advice[0].path == ("tables", "sales", "segments", "large")
    await run(database_url, *advice[0].sql.splitlines())
    assert [each.path[-1] for each in await advised(database_url, model)] == ["hour"]


async def test_what_a_dimension_has_already_asked_for_is_not_asked_for_again(database_url: str) -> None:
    await run(database_url, TABLES, FULL)
    late = "'extract(hour from local(sold_at)) >= 22'"

    advice = await advised(database_url, MODEL.replace("    metrics:\n", SEGMENT.format(late)))

    assert [each.path[-1] for each in advice] == ["hour"]


@pytest.mark.parametrize(
    "sql", ["amount >= 100", "status in ('a', 'b') or amount < 3", "id % 2 < store_id % 3"]
)
async def test_what_columns_tell_wants_no_statistics(database_url: str, sql: str) -> None:
    await run(database_url, TABLES, FULL)

    advice = await advised(database_url, MODEL.replace("    metrics:\n", SEGMENT.format(f'"{sql}"')))

    assert [each.path[-1] for each in advice] == ["hour"]


async def test_a_dimension_that_is_true_or_false_is_known_by_what_it_compares(database_url: str) -> None:
    await run(database_url, TABLES, FULL)
    model = MODEL.replace(
        "      status: {}",
        "      big: {type: boolean, sql: amount > 100}\n"
        "      odd: {type: boolean, sql: 'id % 2 = 1'}\n      status: {}",
    )

    advice = await advised(database_url, model)

    assert [bare(each.sql).splitlines()[0] for each in advice][:1] == [
        "create statistics public.sales_odd on (id % 2) from public.sales;"
    ]
    assert [each.path[-1] for each in advice] == ["odd", "hour"]
