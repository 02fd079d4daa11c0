"""Who may install and read, and what is in use meanwhile."""

import asyncpg
import pytest

from db.errors import Refused
from db.outbox.source import Source
from tests.db.outbox.running import run
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
