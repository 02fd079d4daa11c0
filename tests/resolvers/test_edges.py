"""Answers at the edges: the ends of the calendar, enumerated types, validity on a wall clock, odd months."""

from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest

from model.load import model_of_text
from tests.service import Service, service_over

pytestmark = [pytest.mark.anyio, pytest.mark.integration]

TABLES = """
create type state as enum ('open', 'closed');
create table ranks (cust int, vf timestamp, vt timestamp, level text, primary key (cust, vf));
create table visits (
  id int primary key, cust int, at timestamptz, wall timestamp, day date, st state, qty int
);
insert into ranks values
  (1, '2024-01-01', '2024-02-01 12:00', 'before noon'), (1, '2024-02-01 12:00', null, 'after noon');
insert into visits values
  (1, 1, '2024-02-01 11:30-05', '2024-02-01 11:30', '2024-02-01', 'open', 1),
  (2, 1, '2024-02-01 12:30-05', '2024-02-01 12:30', 'infinity', 'closed', 2),
  (3, 2, '2018-11-02 10:00Z', '2018-11-02 10:00', '0044-03-15 BC', null, 4);
"""
MODEL = model_of_text("""
timezone: America/New_York
tables:
  ranks:
    key: [cust, vf]
    dimensions:
      level: {}
      valid_from: {column: vf, type: timestamp, zone: America/New_York}
      valid_to: {column: vt, type: timestamp, zone: America/New_York}
  visits:
    key: id
    time: at
    joins: {ranks: {on: {cust: cust}, valid: {at: at, from: vf, to: vt}}}
    dimensions:
      at: {type: timestamptz}
      wall: {type: timestamp, zone: America/New_York}
      day: {type: date}
      st: {}
    metrics:
      seen: {type: count}
      bought: {type: sum, sql: qty}
      last_wall: {type: max, sql: wall}
""")


@pytest.fixture
async def service(database_url: str) -> AsyncIterator[Service]:
    connection = await asyncpg.connect(database_url)
    try:
        await connection.execute(TABLES)
    finally:
        await connection.close()
    async with service_over(MODEL, database_url) as found:
        yield found


async def asked(service: Service, arguments: str) -> dict[str, Any]:
    return await service.ask(f"{{ analytics({arguments}) {{ data totals }} }}")


async def rows(service: Service, arguments: str) -> list[dict[str, Any]]:
    response = await asked(service, arguments)
    assert "errors" not in response, response["errors"]
    found: list[dict[str, Any]] = response["data"]["analytics"]["data"]
    return found


async def code(service: Service, arguments: str) -> str:
    found: str = (await asked(service, arguments))["errors"][0]["extensions"]["code"]
    return found


async def test_what_was_valid_on_a_wall_clock_is_valid_at_an_instant(service: Service) -> None:
    found = await rows(service, "metrics: [bought], dimensions: [level]")

    assert {row["level"]: row["bought"] for row in found} == {"before noon": 1, "after noon": 2, None: 4}


async def test_a_filter_reaches_the_first_and_the_last_year(service: Service) -> None:
    early = await rows(service, 'metrics: [seen], filters: {wall: {gt: "0001-01-01T00:00:00Z"}}')
    late = await rows(service, 'metrics: [seen], filters: {wall: {lt: "9999-12-31T23:59:59Z"}}')

    assert (early, late) == ([{"seen": 3}], [{"seen": 3}])


async def test_a_window_looks_back_no_further_than_the_calendar(service: Service) -> None:
    found = await rows(
        service,
        """metrics: [seen], dimensions: [time__year], windows: [{metric: seen, rolling: 3}],
           dateRange: {startDate: "0001-01-02", endDate: "9999-12-30"}""",
    )

    assert [row["seen__rolling_3"] for row in found] == [1, 2]


async def test_an_enumerated_type_can_be_searched(service: Service) -> None:
    by_part = await rows(service, 'metrics: [seen], filters: {st: {contains: "lose"}}')
    by_search = await rows(service, 'dimensions: [st], search: "OPEN"')

    assert (by_part, by_search) == ([{"seen": 1}], [{"st": "open"}])


async def test_a_day_without_an_end_is_no_day_of_the_calendar(service: Service) -> None:
    found = await rows(service, "metrics: [seen], dimensions: [day]")

    assert {row["day"] for row in found} == {"2024-02-01", "infinity", "0044-03-15 BC"}


async def test_the_last_of_a_wall_clock_is_an_instant_of_the_zone_that_is_asked(service: Service) -> None:
    found = await rows(service, 'metrics: [last_wall], timezone: "Asia/Kolkata"')

    assert found == [{"last_wall": "2024-02-01T23:00:00+05:30"}]


async def test_a_month_to_date_along_weeks_is_refused(service: Service) -> None:
    arguments = "metrics: [bought], dimensions: [time__week], windows: [{metric: bought, toDate: MONTH}]"

    assert await code(service, arguments) == "INVALID_WINDOW"


@pytest.mark.parametrize(
    ("modifier", "refusal"),
    [
        ("fill: true", "INVALID_FILL"),
        (
            'dateRange: {startDate: "2024-01-01", endDate: "2024-03-31"}, compare: {to: PREVIOUS_PERIOD}',
            "INVALID_COMPARE",
        ),
    ],
    ids=["fill", "compare"],
)
async def test_a_part_of_time_beside_made_up_or_moved_buckets_is_refused(
    service: Service, modifier: str, refusal: str
) -> None:
    arguments = f"metrics: [seen], dimensions: [time__month, time__quarter_of_year], {modifier}"

    assert await code(service, arguments) == refusal


async def test_a_moving_average_divides_by_its_buckets(service: Service) -> None:
    found = await rows(
        service,
        """metrics: [bought], dimensions: [time__day], windows: [{metric: bought, rolling: 2, mean: true}],
           dateRange: {startDate: "2024-02-01", endDate: "2024-02-02"}, fill: true""",
    )

    assert [float(row["bought__rolling_mean_2"]) for row in found] == [1.5, 1.5]


async def test_an_empty_zone_is_no_zone(service: Service) -> None:
    response = await asked(service, 'metrics: [seen], timezone: ""')

    assert response["errors"][0]["extensions"]["code"] == "INVALID_TIMEZONE"


async def test_a_zone_in_small_letters_is_recognised(service: Service) -> None:
    response = await asked(service, 'metrics: [seen], timezone: "utc"')

    assert response["errors"][0]["extensions"]["suggestions"] == ["UTC"]
