"""What a job tells by `servery.changed`."""

from typing import Any

import asyncpg
import pytest

from db.outbox.source import Source
from tests.db.telling import SALES, Reader, connected, installed, reading, role

pytestmark = [pytest.mark.anyio, pytest.mark.integration]


async def test_what_a_person_tells_has_the_months_of_the_days(writer: Any, reader: Reader) -> None:
    await writer.execute("select servery.changed('sales', date '2026-01-31', date '2026-03-01')")

    assert await reader.months() == ("2026-01", "2026-02", "2026-03")


@pytest.mark.parametrize(
    "call",
    [
        "changed('sales')",
        "changed('sales', date '2026-01-01')",
        "changed('sales', null, date '2026-01-01')",
        "changed('sales', date '2000-01-01', date '2026-01-01')",
        "changed('sales', '-infinity', date '2026-01-01')",
        "changed('sales', first => '2026-01-01', last => 'infinity')",
    ],
)
async def test_a_range_without_an_end_or_too_long_is_any_month(
    writer: Any, reader: Reader, call: str
) -> None:
    await writer.execute(f"select servery.{call}")

    assert await reader.news() == {("public.sales", None)}


@pytest.mark.parametrize("name", ["sales", "public.sales", "vendas"])
async def test_a_table_is_known_by_its_names_in_the_model_and_in_the_database(
    writer: Any, database_url: str, name: str
) -> None:
    await installed(database_url, Source("vendas", "public", "sales", SALES.axis))
    async with reading(database_url) as reader:
        await writer.execute("select servery.changed($1)", name)

        assert await reader.news() == {("public.sales", None)}


async def test_a_wrong_name_is_refused_with_those_that_there_are(writer: Any) -> None:
    with pytest.raises(
        asyncpg.UndefinedTableError, match="There is no table 'salse' in the model"
    ) as refused:
        await writer.execute("select servery.changed('salse')")

    assert refused.value.hint == "Known are: sales."


async def test_days_in_the_wrong_order_are_refused(writer: Any) -> None:
    with pytest.raises(asyncpg.InvalidParameterValueError, match="2026-02-01 comes after 2026-01-01"):
        await writer.execute("select servery.changed('sales', date '2026-02-01', date '2026-01-01')")


async def test_what_is_rolled_back_was_never_told_by_anybody(writer: Any, reader: Reader) -> None:
    await writer.execute("begin; select servery.changed('sales'); rollback")

    assert await reader.news() == set()


async def test_a_job_needs_only_the_right_to_use_the_schema(
    writer: Any, reader: Reader, database_url: str
) -> None:
    grant = "grant usage on schema servery to {role}"
    async with role(database_url, grant) as (_, url), connected(url) as job:
        await job.execute("select servery.changed('sales')")

        assert await reader.news() == {("public.sales", None)}
