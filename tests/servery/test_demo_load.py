from datetime import date

import pytest

from db.copy import fetch_value, run_script, session
from servery.demo.load import load_example
from servery.demo.marker import FORMAT, Loaded, LoadRefused, claim, example_until
from servery.demo.rows import TARGETS
from servery.demo.statements import by_table

pytestmark = [pytest.mark.anyio, pytest.mark.integration]

UNTIL = date(2026, 11, 22)
SALES = 2_000

CHECKSUM = """
select md5(string_agg(md5(whole::text), '' order by whole::text)) from restaurant.{} whole
"""


async def checksums(url: str) -> dict[str, object]:
    tables = sorted(by_table("indexes.sql"))
    return {table: await fetch_value(url, CHECKSUM.format(table)) for table in tables}


async def test_a_database_without_an_example_says_so(database_url: str) -> None:
    assert await example_until(database_url) is None


async def test_a_loaded_example_says_until_when_it_reaches(database_url: str) -> None:
    loaded = await load_example(database_url, until=UNTIL, sales=SALES)

    assert loaded == Loaded(UNTIL, seed=7, sales=SALES)
    assert await example_until(database_url) == UNTIL


async def test_the_same_arguments_give_the_same_rows_in_every_table(database_url: str) -> None:
    await load_example(database_url, until=UNTIL, sales=SALES)
    first = await checksums(database_url)

    await load_example(database_url, until=UNTIL, sales=SALES)

    assert await checksums(database_url) == first
    assert None not in first.values()


async def test_another_seed_gives_other_sales(database_url: str) -> None:
    await load_example(database_url, until=UNTIL, sales=SALES)
    first = await checksums(database_url)

    await load_example(database_url, until=UNTIL, sales=SALES, seed=8)

    second = await checksums(database_url)
    assert [table.table for table in TARGETS if first[table.table] == second[table.table]] == []


async def test_a_load_that_broke_off_is_no_example_and_is_built_anew(database_url: str) -> None:
    async with session(database_url) as own:
        await claim(own)
    assert await example_until(database_url) is None

    await load_example(database_url, until=UNTIL, sales=SALES)

    assert await example_until(database_url) == UNTIL


async def test_an_example_of_an_older_form_is_no_example(database_url: str) -> None:
    await load_example(database_url, until=UNTIL, sales=SALES)
    await run_script(database_url, f"update restaurant.loaded set format = {FORMAT - 1}")

    assert await example_until(database_url) is None


async def test_a_schema_of_somebody_else_is_neither_dropped_nor_taken_for_the_example(
    database_url: str,
) -> None:
    await run_script(
        database_url, "create schema restaurant; create table restaurant.loaded (until date, guests int)"
    )

    with pytest.raises(LoadRefused, match="not the example"):
        await load_example(database_url, until=UNTIL, sales=SALES)

    assert await example_until(database_url) is None
    assert await fetch_value(database_url, "select count(*) from restaurant.loaded") == 0


async def test_an_empty_schema_is_filled(database_url: str) -> None:
    await run_script(database_url, "create schema restaurant")

    await load_example(database_url, until=UNTIL, sales=SALES)

    assert await example_until(database_url) == UNTIL


@pytest.mark.parametrize(
    "user",
    [
        "create view mine as select count(*) from restaurant.sales",
        "create table mine (store_id int references restaurant.stores)",
    ],
)
async def test_what_others_built_on_the_example_stops_a_reload(database_url: str, user: str) -> None:
    await load_example(database_url, until=UNTIL, sales=SALES)
    await run_script(database_url, user)

    with pytest.raises(LoadRefused, match=r"public\.mine"):
        await load_example(database_url, until=UNTIL, sales=SALES)

    assert await fetch_value(database_url, "select count(*) from restaurant.sales") == SALES


async def test_other_schemas_stay_as_they_are(database_url: str) -> None:
    await run_script(database_url, "create table public.sales as select 1 as id")
    await load_example(database_url, until=UNTIL, sales=SALES)

    await load_example(database_url, until=UNTIL, sales=SALES)

    assert await fetch_value(database_url, "select count(*) from public.sales") == 1


async def test_two_loads_never_meet(database_url: str) -> None:
    async with session(database_url) as other:
        await claim(other)

        with pytest.raises(LoadRefused, match="Another load"):
            await load_example(database_url, until=UNTIL, sales=SALES)


async def test_arguments_that_cannot_be_drawn_leave_the_example_that_is_there(database_url: str) -> None:
    await load_example(database_url, until=UNTIL, sales=SALES)

    with pytest.raises(ValueError, match="0 sales"):
        await load_example(database_url, until=UNTIL, sales=0)

    assert await example_until(database_url) == UNTIL


async def test_a_failure_half_way_is_told_plainly_and_leaves_no_example(database_url: str) -> None:
    def fail(step: str, done: int, _total: int) -> None:
        if step == "indexes" and done > 20:
            raise ConnectionError("gone")

    with pytest.raises(ConnectionError, match="gone"):
        await load_example(database_url, until=UNTIL, sales=SALES, progress=fail)

    assert await example_until(database_url) is None


async def test_progress_names_its_steps_and_each_reaches_its_total(database_url: str) -> None:
    told: dict[str, list[tuple[int, int]]] = {}

    def note(step: str, done: int, total: int) -> None:
        told.setdefault(step, []).append((done, total))

    await load_example(database_url, until=UNTIL, sales=SALES, progress=note)

    assert sorted(told) == ["indexes", "keys", "sales"]
    assert all(steps == sorted(steps) and steps[-1][0] == steps[-1][1] for steps in told.values())
    assert told["sales"][-1] == (SALES, SALES)
