"""Which months a statement tells, in the zone of the model."""

from typing import Any

import pytest

from db.outbox.source import Axis, Source, TimeType
from tests.db.telling import SAO_PAULO, Reader, installed, reading

pytestmark = [pytest.mark.anyio, pytest.mark.integration]

JANUARY = "2026-01-15 12:00+00"


async def test_a_row_without_a_time_may_be_in_any_month(writer: Any, reader: Reader) -> None:
    await writer.execute(f"insert into sales values (1, '{JANUARY}'), (2, null)")

    assert await reader.months() is None


async def test_a_row_that_gets_or_loses_its_time_may_be_in_any_month(writer: Any, reader: Reader) -> None:
    await writer.execute("insert into sales values (1, null)")
    assert await reader.months() is None

    await writer.execute(f"update sales set sold_at = '{JANUARY}'")
    assert await reader.months() is None

    await writer.execute("update sales set sold_at = null")
    assert await reader.months() is None


@pytest.mark.parametrize("moment", ["infinity", "0044-03-15 BC", "20000-01-01"])
async def test_a_row_outside_the_calendar_may_be_in_any_month(
    writer: Any, reader: Reader, moment: str
) -> None:
    await writer.execute(f"insert into sales values (1, '{JANUARY}'), (2, '{moment}')")

    assert await reader.months() is None


@pytest.mark.parametrize(("count", "told"), [(60, 60), (61, None)])
async def test_more_than_60_months_are_any(writer: Any, reader: Reader, count: int, told: int | None) -> None:
    await writer.execute(
        "insert into sales select n, timestamptz '2001-01-15' + n * interval '1 month'"
        f" from generate_series(1, {count}) n"
    )

    months = await reader.months()
    assert (len(months) if months else None) == told


async def test_two_rows_that_are_far_apart_are_two_months(writer: Any, reader: Reader) -> None:
    await writer.execute(f"insert into sales values (1, '1996-02-03'), (2, '{JANUARY}')")

    assert await reader.months() == ("1996-02", "2026-01")


@pytest.mark.parametrize(
    ("moment", "month"),
    [
        ("2026-02-01 02:59:59+00", "2026-01"),  # 23:59:59 in Sao Paulo
        ("2026-02-01 03:00:00+00", "2026-02"),
        ("2026-01-31 23:30:00-03", "2026-01"),
        ("2018-11-04 02:59:59+00", "2018-11"),
    ],
)
async def test_months_are_those_of_the_zone_of_the_model(
    writer: Any, reader: Reader, moment: str, month: str
) -> None:
    await writer.execute(f"insert into sales values (1, '{moment}')")

    assert await reader.months() == (month,)


# In Newfoundland, the first minute of November 2009 came before the last hour of October.
OCTOBER, NOVEMBER = "2009-10-31 12:00+00", "2009-11-01 12:00+00"
FIRST_MINUTE, LAST_HOUR = "2009-11-01 02:30:30+00", "2009-11-01 03:20+00"


@pytest.mark.parametrize("moments", [(OCTOBER, FIRST_MINUTE, LAST_HOUR), (FIRST_MINUTE, LAST_HOUR, NOVEMBER)])
async def test_a_clock_that_is_put_back_over_a_month_loses_no_month(
    writer: Any, database_url: str, moments: tuple[str, ...]
) -> None:
    newfoundland = Source(
        "sales", "public", "sales", Axis("sold_at", TimeType.TIMESTAMPTZ, "America/St_Johns")
    )
    await installed(database_url, newfoundland)

    async with reading(database_url) as reader:
        rows = ", ".join(f"({number}, '{moment}')" for number, moment in enumerate(moments))
        await writer.execute(f"insert into sales values {rows}")

        assert await reader.months() == ("2009-10", "2009-11")


@pytest.mark.parametrize(
    ("column", "axis", "value", "month"),
    [
        ("date", Axis("day", TimeType.DATE, SAO_PAULO), "2026-02-01", "2026-02"),
        # Midnight in Lisbon is the evening before in Sao Paulo.
        (
            "timestamp",
            Axis("day", TimeType.TIMESTAMP, SAO_PAULO, "Europe/Lisbon"),
            "2026-02-01 00:30",
            "2026-01",
        ),
        ("timestamp", Axis("day", TimeType.TIMESTAMP, SAO_PAULO, SAO_PAULO), "2026-02-01 00:30", "2026-02"),
    ],
)
async def test_days_and_times_without_zone_are_in_their_own_months(
    writer: Any, database_url: str, column: str, axis: Axis, value: str, month: str
) -> None:
    await writer.execute(f"create table visits (day {column})")
    await installed(database_url, Source("visits", "public", "visits", axis))

    async with reading(database_url) as reader:
        await writer.execute(f"insert into visits values ('{value}')")

        assert await reader.months() == (month,)


async def test_a_table_without_a_time_tells_any_month(writer: Any, database_url: str) -> None:
    await writer.execute("create table stores (id int)")
    await installed(database_url, Source("stores", "public", "stores"))

    async with reading(database_url) as reader:
        await writer.execute("insert into stores values (1)")
        assert await reader.news() == {("public.stores", None)}
        await writer.execute("update stores set id = 2 where id = 3; delete from stores where id = 3")
        assert await reader.news() == set()
        await writer.execute("update stores set id = 2")
        assert await reader.news() == {("public.stores", None)}
