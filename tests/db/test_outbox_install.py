"""What is made in a database, what fits a model, and that nothing stays behind."""

import asyncio
from typing import Any

import asyncpg
import pytest

from db.errors import Refused
from db.outbox.install import Occupied
from db.outbox.source import Axis, Source, TimeType
from tests.db.telling import (
    SALES,
    TABLE,
    connected,
    installed,
    reading,
    removed,
    role,
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


async def run(url: str, *statements: str) -> None:
    async with connected(url) as connection:
        for statement in statements:
            await connection.execute(statement)


async def read(url: str, statement: str) -> list[Any]:
    async with connected(url) as connection:
        return [row[0] for row in await connection.fetch(statement)]


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


async def test_a_table_in_use_is_told_and_the_others_are_made(database_url: str) -> None:
    await run(database_url, TABLE, "create table public.stores (id int)")
    async with connected(database_url) as writer:
        await writer.execute("begin; insert into sales values (1)")

        found = await installed(database_url, SALES, Source("stores", "public", "stores"))

    assert found.failures == {"public.sales": "it is in use by another transaction; run this again."}
    fits = {each.relation.title: each.fits for each in (await standing(database_url)).standings}
    assert fits == {"public.sales": False}


async def test_a_table_in_use_keeps_its_triggers_and_the_rest_waits_for_it(database_url: str) -> None:
    await run(database_url, TABLE)
    await installed(database_url)
    async with connected(database_url) as writer:
        await writer.execute("begin; insert into sales values (1)")

        assert set((await removed(database_url)).failures) == {"public.sales"}

    assert (await standing(database_url)).standings[0].fits
    assert (await removed(database_url)).failures == {}


async def test_only_the_owner_of_a_table_may_install(database_url: str) -> None:
    await run(database_url, TABLE)
    async with role(database_url, "grant create on database {database} to {role}") as (_, url):
        found = await installed(url)

    assert found.failures == {"public.sales": "only its owner may add triggers; run this as servery."}


async def test_who_may_not_make_a_schema_is_told_so(database_url: str) -> None:
    async with role(database_url) as (_, url):
        with pytest.raises(Refused) as refused:
            await installed(url)

    assert "permission denied for database" in refused.value.detail


async def test_a_role_that_was_granted_may_read_and_no_more(database_url: str) -> None:
    await run(database_url, TABLE)
    async with role(database_url) as (name, url):
        await installed(database_url, grant_to=[name])
        async with reading(url) as reader, connected(url) as service:
            await run(database_url, "insert into sales values (1, '2026-01-15')")

            assert await reader.months() == ("2026-01",)
            for statement in ("delete from servery.changes", "select servery.tell('a', null, null)"):
                with pytest.raises(asyncpg.InsufficientPrivilegeError):
                    await service.execute(statement)


async def test_a_role_that_is_not_there_is_told(database_url: str) -> None:
    with pytest.raises(Refused) as refused:
        await installed(database_url, grant_to=["nobody at all"])

    assert 'role "nobody at all" does not exist' in refused.value.detail
