"""What is installed fits the model, or is made to."""

import pytest

from db.outbox.source import Axis, Source, TimeType
from tests.db.outbox.running import read, run
from tests.db.telling import (
    SALES,
    TABLE,
    installed,
    reading,
    standing,
)

pytestmark = [pytest.mark.anyio, pytest.mark.integration]


async def test_a_changed_model_is_met_by_installing_again(database_url: str) -> None:
    await run(database_url, TABLE)
    await installed(database_url)
    in_utc = Source("sales", "public", "sales", Axis("sold_at", TimeType.TIMESTAMPTZ, "UTC"))
    assert not (await standing(database_url, in_utc)).standings[0].fits

    await installed(database_url, in_utc)

    assert (await standing(database_url, in_utc)).standings[0].fits
    async with reading(database_url) as reader:
        await run(database_url, "insert into sales values (1, '2026-02-01 00:30+00')")
        assert await reader.months() == ("2026-02",)


async def test_a_table_that_left_the_model_loses_its_triggers(database_url: str) -> None:
    await run(database_url, TABLE, "create table public.stores (id int)")
    stores = Source("stores", "public", "stores")
    await installed(database_url, SALES, stores)

    await installed(database_url, stores)

    assert await read(database_url, "select distinct tgrelid::regclass::text from pg_trigger") == ["stores"]
    assert await read(database_url, "select relation from servery.tables") == ["public.stores"]
    assert (
        len(await read(database_url, "select proname from pg_proc where proname ~ '^on_[0-9a-f]{16}$'")) == 1
    )


async def test_tables_of_another_model_may_be_kept(database_url: str) -> None:
    await run(database_url, TABLE, "create table public.stores (id int)")
    stores = Source("stores", "public", "stores")
    await installed(database_url, SALES)

    await installed(database_url, stores, keep=True)

    found = await standing(database_url, stores)
    assert found.strangers == ("public.sales",)
    assert found.standings[0].fits
    assert (await standing(database_url, SALES)).standings[0].fits


async def test_a_column_of_another_type_is_told_and_every_change_counts_for_all_months(
    database_url: str,
) -> None:
    await run(database_url, "create table public.sales (sold_at timestamp)")

    found = await installed(database_url)

    assert found.relations[0].doubts == (
        "sold_at is timestamp, not timestamptz: every change counts for all months.",
    )
    async with reading(database_url) as reader:
        await run(database_url, "insert into sales values ('2026-01-15')")
        assert await reader.news() == {("public.sales", None)}


async def test_a_new_partition_is_missed_until_installed_again(database_url: str) -> None:
    await run(database_url, "create table public.sales (sold_at timestamptz) partition by range (sold_at)")
    await installed(database_url)
    await run(database_url, "create table part partition of public.sales default")
    found = (await standing(database_url)).standings[0]
    assert (found.parts, found.covered, found.fits) == (2, 1, False)

    await installed(database_url)

    assert (await standing(database_url)).standings[0].fits


async def test_a_partition_that_left_loses_its_triggers(database_url: str) -> None:
    await run(
        database_url,
        "create table public.sales (sold_at timestamptz) partition by range (sold_at)",
        "create table part partition of public.sales default",
    )
    await installed(database_url)
    await run(database_url, "alter table public.sales detach partition part")

    await installed(database_url)

    assert await read(database_url, "select distinct tgrelid::regclass::text from pg_trigger") == ["sales"]


@pytest.mark.parametrize(
    "change", ["disable trigger all", "disable trigger servery_update", "enable trigger servery_update"]
)
async def test_disabled_triggers_are_seen_and_mended(database_url: str, change: str) -> None:
    await run(database_url, TABLE)
    await installed(database_url)
    await run(database_url, f"alter table sales {change}")
    assert not (await standing(database_url)).standings[0].fits

    await installed(database_url)

    assert (await standing(database_url)).standings[0].fits
