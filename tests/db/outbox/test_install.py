"""What is made in a database, and that nothing stays behind."""

import asyncio

import pytest

from db.outbox.install import Occupied
from db.outbox.source import Axis, Source, TimeType
from tests.db.outbox.running import read, run
from tests.db.telling import (
    SALES,
    TABLE,
    connected,
    installed,
    reading,
    removed,
    standing,
)

pytestmark = [pytest.mark.anyio, pytest.mark.integration]

FAR = "create foreign data wrapper far; create server far foreign data wrapper far"
FAR_PARTITION = """
create table public.seen (id int) partition by range (id);
create foreign table part partition of public.seen default server far
"""

# Everything that is not PostgreSQL's own.
THINGS = """
select 'schema ' || nspname from pg_namespace where nspname !~ '^pg_' and nspname <> 'information_schema'
union all select 'trigger ' || tgname from pg_trigger where not tgisinternal
union all select relkind::text || ' ' || relname from pg_class where relnamespace not in
    (select oid from pg_namespace where nspname ~ '^pg_' or nspname = 'information_schema')
union all select 'function ' || proname from pg_proc where pronamespace not in
    (select oid from pg_namespace where nspname ~ '^pg_' or nspname = 'information_schema')
order by 1
"""


async def test_what_was_removed_leaves_nothing(database_url: str) -> None:
    await run(database_url, TABLE)
    before = await read(database_url, THINGS)

    await installed(database_url)
    assert await read(database_url, THINGS) != before
    done = await removed(database_url)

    assert (done.was_there, done.failures, done.others) == (True, {}, "")
    assert await read(database_url, THINGS) == before


async def test_removing_what_is_not_there_is_told(database_url: str) -> None:
    assert not (await removed(database_url)).was_there


async def test_a_second_install_changes_nothing_and_waits_for_nobody(database_url: str) -> None:
    await run(database_url, TABLE)
    await installed(database_url)
    things = await read(database_url, "select oid::text from pg_trigger union select oid::text from pg_proc")

    async with connected(database_url) as writer:
        await writer.execute("begin; insert into sales values (1)")
        async with asyncio.timeout(2):
            again = await installed(database_url)

    assert again.failures == {}
    assert set(things) == set(
        await read(database_url, "select oid::text from pg_trigger union select oid::text from pg_proc")
    )
    assert (await standing(database_url)).standings[0].fits


async def test_things_of_others_in_the_schema_stay(database_url: str) -> None:
    await run(database_url, TABLE, "create schema servery", "create table servery.mine (id int)")
    before = await read(database_url, THINGS)

    await installed(database_url)
    done = await removed(database_url)

    assert done.others == "mine"
    assert await read(database_url, THINGS) == before


async def test_an_empty_schema_that_was_there_before_stays(database_url: str) -> None:
    await run(database_url, TABLE, "create schema servery")

    await installed(database_url)
    await removed(database_url)

    assert await read(database_url, "select 1 from pg_namespace where nspname = 'servery'") == [1]


@pytest.mark.parametrize("name", ["changes", "tables"])
async def test_a_table_of_others_under_our_name_is_left_alone(database_url: str, name: str) -> None:
    await run(database_url, TABLE, "create schema servery", f"create table servery.{name} (id int)")

    with pytest.raises(Occupied, match=f"the table {name}"):
        await installed(database_url)

    assert not (await removed(database_url)).was_there
    assert await read(database_url, f"select count(*) from servery.{name}") == [0]


async def test_a_trigger_of_others_under_our_name_is_left_alone(database_url: str) -> None:
    await run(
        database_url,
        TABLE,
        "create function mine() returns trigger language plpgsql as $$ begin return new; end $$",
        "create trigger servery_insert before insert on sales for each row execute function mine()",
    )

    found = await installed(database_url)

    assert "already exists" in found.failures["public.sales"]
    await removed(database_url)
    assert await read(database_url, "select tgname from pg_trigger where not tgisinternal") == [
        "servery_insert"
    ]


@pytest.mark.parametrize(
    ("made", "obstacle"),
    [
        ("create view public.seen as select * from sales", "a view"),
        ("create materialized view public.seen as select * from sales", "a materialized view"),
        (f"{FAR}; create foreign table public.seen (id int) server far", "a foreign table"),
        (f"{FAR}; {FAR_PARTITION}", "partly a foreign table"),
    ],
)
async def test_what_can_have_no_triggers_is_told(database_url: str, made: str, obstacle: str) -> None:
    await run(database_url, TABLE, made)

    found = await installed(database_url, SALES, Source("seen", "public", "seen"))

    assert {each.title: each.obstacle for each in found.relations} == {
        "public.sales": "",
        "public.seen": obstacle,
    }
    assert found.failures == {}
    assert await read(
        database_url, "select function_name from servery.tables where relation = 'public.seen'"
    ) == [None]


async def test_a_missing_table_is_told_and_the_others_are_made(database_url: str) -> None:
    await run(database_url, TABLE)
    missing = Source("stores", "shop", "stores")

    found = await installed(database_url, SALES, missing)

    assert found.missing == (missing,)
    status = await standing(database_url, SALES, missing)
    assert status.missing == (missing,)
    assert status.standings[0].fits


async def test_a_table_that_is_polled_is_not_touched(database_url: str) -> None:
    await run(database_url, TABLE)

    await installed(database_url, Source("sales", "public", "sales", SALES.axis, polled=True))

    assert await read(database_url, "select tgname from pg_trigger where not tgisinternal") == []


async def test_a_table_that_one_of_two_polls_has_triggers(database_url: str) -> None:
    await run(database_url, TABLE)

    await installed(database_url, SALES, Source("more", "public", "sales", polled=True))

    assert len(await read(database_url, "select tgname from pg_trigger where not tgisinternal")) == 4


@pytest.mark.parametrize(
    "name",
    ["Mixed Case", "with \"quotes\" and 'more'", "select", "é" * 31, "x" * 63, "back\\slash %I %1$L", "$$"],
)
async def test_any_name_of_schema_table_and_column_will_do(database_url: str, name: str) -> None:
    quoted = '"' + name.replace('"', '""') + '"'
    await run(
        database_url,
        f"create schema {quoted}",
        f"create table {quoted}.{quoted} ({quoted} timestamptz)",
    )
    odd = Source("odd", name, name, Axis(name, TimeType.TIMESTAMPTZ, "UTC"))

    found = await installed(database_url, odd)

    assert found.failures == {}
    assert (await standing(database_url, odd)).standings[0].fits
    async with reading(database_url) as reader:
        await run(database_url, f"insert into {quoted}.{quoted} values ('2026-01-15')")
        assert await reader.months() == ("2026-01",)
    await removed(database_url)
    assert await read(database_url, "select 1 from pg_namespace where nspname = 'servery'") == []
