"""Those who write are neither hindered nor passed over."""

import asyncio
from typing import Any

import asyncpg
import pytest

from db.outbox.source import Source
from tests.db.telling import SALES, Reader, connected, installed, role

pytestmark = [pytest.mark.anyio, pytest.mark.integration]

JANUARY = "2026-01-15 12:00+00"


async def test_a_session_without_triggers_is_told_too(writer: Any, reader: Reader) -> None:
    await writer.execute("set session_replication_role = replica")

    await writer.execute(f"insert into sales values (1, '{JANUARY}')")

    assert await reader.months() == ("2026-01",)


@pytest.mark.parametrize(
    "change",
    [
        "alter table sales rename sold_at to sold",
        "alter table sales drop sold_at",
        "alter table sales alter sold_at type text",
    ],
)
async def test_nobodys_statement_fails_when_the_column_becomes_another(
    writer: Any, reader: Reader, change: str
) -> None:
    await writer.execute(f"insert into sales values (1, '{JANUARY}')")
    await reader.batch()
    await writer.execute(change)

    await writer.execute("insert into sales values (2)")

    assert await reader.months() is None


async def test_a_cast_of_somebody_else_never_runs_with_the_rights_of_the_trigger(
    writer: Any, reader: Reader
) -> None:
    await writer.execute(
        "create table spoils (who text);"
        "create type odd as (text text);"
        "create function spoil(odd) returns timestamptz language plpgsql as "
        "$$ begin insert into public.spoils values ('cast'); return now(); end $$;"
        "create cast (odd as timestamptz) with function spoil(odd) as implicit;"
        "alter table sales alter sold_at type odd using null"
    )

    await writer.execute("insert into sales values (1, row('x')::odd)")

    assert await reader.months() is None
    assert await writer.fetchval("select count(*) from spoils") == 0


async def test_a_writer_needs_no_rights_on_our_schema(writer: Any, reader: Reader, database_url: str) -> None:
    async with role(database_url, "grant insert on sales to {role}") as (_, url), connected(url) as clerk:
        await clerk.execute(f"insert into sales values (1, '{JANUARY}')")

        assert await reader.months() == ("2026-01",)
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await clerk.execute("select count(*) from servery.changes")


async def test_serializable_transactions_do_not_meet_in_our_tables(writer: Any, database_url: str) -> None:
    await writer.execute("create table visits (day date)")
    await installed(database_url, SALES, Source("visits", "public", "visits"))
    async with connected(database_url) as other:
        for number in range(10):
            await writer.execute("begin isolation level serializable")
            await other.execute("begin isolation level serializable")
            await writer.execute(f"insert into sales values ({2 * number}, '{JANUARY}')")
            await other.execute(f"insert into sales values ({2 * number + 1}, '{JANUARY}')")
            await writer.execute("insert into visits values ('2026-01-15')")
            await other.execute("insert into visits values ('2026-01-15')")
            await writer.execute("commit")
            await other.execute("commit")

    assert await writer.fetchval("select count(*) from servery.changes") == 40


async def test_writers_that_clean_do_not_wait_for_each_other(writer: Any, database_url: str) -> None:
    await writer.execute(f"insert into sales values (1, '{JANUARY}')")
    # A mark behind that row.
    await writer.execute(
        "insert into servery.marks"
        " select now() - interval '61 minutes', pg_snapshot_xmax(pg_current_snapshot()), system_identifier"
        " from pg_control_system()"
    )
    async with connected(database_url) as other:
        await writer.execute("begin; select servery.clean()")
        assert await writer.fetchval("select count(*) from servery.changes") == 0

        async with asyncio.timeout(5):
            await other.execute(f"insert into sales values (2, '{JANUARY}'); select servery.clean()")
        await writer.execute("commit")


async def test_a_table_that_is_published_can_be_cleaned(writer: Any) -> None:
    await writer.execute("create publication everything for all tables")
    await writer.execute(f"insert into sales (id, sold_at) values (1, '{JANUARY}')")

    await writer.execute("delete from servery.changes")

    assert await writer.fetchval("select count(*) from servery.changes") == 0
