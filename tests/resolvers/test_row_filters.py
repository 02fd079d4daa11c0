"""Row filters: a viewer sees their rows and no others, whatever they ask and however."""

from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest

from model.load import model_of_text
from model.viewer import ADMIN, ANONYMOUS, Viewer
from tests.service import Service, service_over

pytestmark = [pytest.mark.anyio, pytest.mark.integration]

TABLES = """
create table shops (id int primary key, name text, tenant text);
create table sales (id int primary key, shop_id int, amount int, tenant text, at timestamptz, kind text);
create table notes (id int primary key, sale_id int, word text, tenant text);
insert into shops values (1, 'north', 'acme'), (2, 'south', 'beta'), (3, 'west', 'acme');
insert into sales values
  (1, 1, 10, 'acme', '2026-01-01Z', 'a'), (2, 2, 20, 'beta', '2026-01-01Z', 'a'),
  (3, 3, 40, 'acme', '2026-01-02Z', 'b'), (4, 2, 80, 'acme', '2025-12-31Z', 'b');
insert into notes values (1, 1, 'good', 'acme'), (2, 3, 'good', 'beta'), (3, 2, 'bad', 'beta');
"""
MODEL = model_of_text("""
tables:
  shops:
    key: id
    row_filter: tenant = :tenant or 'auditor' = any(:roles)
    dimensions: {shop: {column: name}}
  sales:
    key: id
    time: at
    row_filter: tenant = :tenant or 'auditor' = any(:roles)
    joins: {shops: {on: {shop_id: id}}}
    dimensions: {at: {type: timestamptz}, kind: {}, sale: {column: id, type: integer}}
    metrics: {revenue: {type: sum, sql: amount}, sold: {type: count}}
  notes:
    key: id
    row_filter: tenant = :tenant or 'auditor' = any(:roles)
    joins: {sales: {on: {sale_id: id}}}
    dimensions: {word: {}}
    metrics: {written: {type: count}}
""")
ACME, BETA = Viewer("ann", "acme"), Viewer("bob", "beta")
AUDITOR = Viewer("eve", "acme", frozenset({"auditor"}))


@pytest.fixture
async def service(database_url: str) -> AsyncIterator[Service]:
    connection = await asyncpg.connect(database_url)
    try:
        await connection.execute(TABLES)
    finally:
        await connection.close()
    async with service_over(MODEL, database_url) as found:
        yield found


async def answer(service: Service, arguments: str, viewer: Viewer) -> dict[str, Any]:
    asked = f"{{ analytics({arguments}) {{ data totals subtotals metadata {{ groupCount fromCache }} }} }}"
    found: dict[str, Any] = (await service.ask(asked, viewer))["data"]["analytics"]
    return found


async def test_each_tenant_sees_its_own_sum(service: Service) -> None:
    found = [await answer(service, "metrics: [revenue]", viewer) for viewer in (ACME, BETA, AUDITOR)]

    assert [each["data"][0]["revenue"] for each in found] == [130, 20, 150]


async def test_who_has_no_tenant_sees_nothing(service: Service) -> None:
    found = await answer(service, "metrics: [sold]", ANONYMOUS)

    assert found["data"] == [{"sold": 0}]


async def test_one_tenant_fills_the_cache_and_another_misses(service: Service) -> None:
    await answer(service, "metrics: [revenue]", ACME)

    again, other = [await answer(service, "metrics: [revenue]", viewer) for viewer in (ACME, BETA)]

    assert again["metadata"]["fromCache"]
    assert not other["metadata"]["fromCache"]


async def test_an_or_of_the_question_does_not_widen_it(service: Service) -> None:
    wide = 'metrics: [sold], filters: {or: [{kind: {eq: "a"}}, {kind: {ne: "a"}}, {sale: {gt: 0}}]}'

    found = await answer(service, wide, BETA)

    assert found["data"] == [{"sold": 1}]


async def test_a_row_of_another_tenant_is_not_looked_up(service: Service) -> None:
    found = await answer(service, "metrics: [revenue], dimensions: [shop]", ACME)

    assert found["data"] == [
        {"shop": None, "revenue": 80},
        {"shop": "west", "revenue": 40},
        {"shop": "north", "revenue": 10},
    ]


async def test_values_of_a_dimension_are_the_tenants_own(service: Service) -> None:
    found = await answer(service, "dimensions: [shop], groupCount: true", ACME)

    assert [row["shop"] for row in found["data"]] == ["north", "west"]
    assert found["metadata"]["groupCount"] == 2


async def test_a_semi_join_finds_only_rows_of_the_tenant(service: Service) -> None:
    found = await answer(service, 'metrics: [revenue], filters: {word: {eq: "good"}}', ACME)

    assert found["data"] == [{"revenue": 10}]


async def test_deduplicated_groups_hold_only_rows_of_the_tenant(service: Service) -> None:
    found = await answer(
        service, "metrics: [revenue], dimensions: [word], fanout: DEDUPLICATE, totals: true", ACME
    )

    assert found["data"] == [{"word": None, "revenue": 120}, {"word": "good", "revenue": 10}]
    assert found["totals"] == {"revenue": 130}


async def test_totals_subtotals_shares_and_other_ranges_are_the_tenants_own(service: Service) -> None:
    arguments = """
        metrics: [revenue], dimensions: [time__day, kind], totals: true, subtotals: [[kind]],
        shares: [{metric: revenue}], dateRange: {startDate: "2026-01-01", endDate: "2026-01-02"},
        compare: {to: PREVIOUS_PERIOD}
    """

    found = await answer(service, arguments, ACME)

    assert (found["totals"]["revenue"], found["totals"]["revenue__previous"]) == (50, 80)
    assert {row["kind"]: row["revenue"] for row in found["subtotals"][0]["rows"]} == {"a": 10, "b": 40}
    assert [float(row["revenue__share"]) for row in found["data"] if row["revenue"]] == [0.2, 0.8]


async def test_a_ranking_ranks_only_rows_of_the_tenant(service: Service) -> None:
    arguments = "metrics: [revenue], dimensions: [kind], top: {n: 1, by: revenue, others: true}"

    found = await answer(service, arguments, BETA)

    assert found["data"] == [{"kind": "a", "kind__others": False, "revenue": 20}]


async def test_administrators_have_no_other_rows(service: Service) -> None:
    found = await answer(service, "metrics: [sold]", Viewer("root", roles=frozenset({ADMIN})))

    assert found["data"] == [{"sold": 0}]
