"""Whoever asks what was warmed finds it in the cache: the same question, under the same key."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from model.viewer import ANONYMOUS, Viewer
from resolvers.traffic import Traffic
from servery.auth import ADMINISTRATOR
from tests.fakes import FakeDatabase, running
from tests.plan.questions import RESTAURANT
from tests.service import Service, service_over

pytestmark = [pytest.mark.anyio, pytest.mark.integration]

LAST_DAYS = "metrics: [faturamento], dimensions: [channel], dateRange: {last: {n: 30, unit: DAY}}"
STORES = 'metrics: [qtd_vendas], dimensions: [store], filters: {channel: {in: ["iFood", "Rappi"]}}, limit: 5'
BY_VARIABLES = """query($channels: [String], $n: Int!) {
  analytics(
    metrics: [faturamento]
    filters: {channel: {in: $channels}}
    dateRange: {last: {n: $n, unit: DAY}}
  ) {
    data metadata { cacheKey fromCache dateRange { endDate } }
  }
}"""
CHANNELS: dict[str, Any] = {"channels": ["Rappi", "iFood"], "n": 7}
ACME = Viewer("ana", "acme")


@dataclass(slots=True)
class Day:
    """The day on which questions are asked."""

    now: datetime = datetime(2026, 5, 15, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@dataclass(frozen=True, slots=True)
class Shop:
    """A service that counts what it is asked, and can be warmed."""

    service: Service
    traffic: Traffic
    day: Day

    async def ask(self, query: str, viewer: Viewer = ANONYMOUS, **variables: Any) -> dict[str, Any]:
        answer = await self.service.ask(query, viewer, **variables)
        assert "errors" not in answer, answer["errors"]
        found: dict[str, Any] = answer["data"]["analytics"]
        return found

    async def metadata(self, arguments: str, viewer: Viewer = ANONYMOUS) -> Mapping[str, Any]:
        query = f"{{ analytics({arguments}) {{ data metadata {{ fromCache cacheKey totalRows }} }} }}"
        return (await self.ask(query, viewer))["metadata"]  # type: ignore[no-any-return]

    async def warm(self, arguments: str = "") -> dict[str, Any]:
        told = "question tenant cacheKey source totalRows queryTimeMs error errorCode"
        called = f"warmCache({arguments})" if arguments else "warmCache"
        answer = await self.service.ask(
            f"mutation {{ {called} {{ warmed failed skipped results {{ {told} }} }} }}", ADMINISTRATOR
        )
        assert "errors" not in answer, answer["errors"]
        found: dict[str, Any] = answer["data"]["warmCache"]
        return found

    async def clear(self) -> None:
        await self.service.ask("mutation { clearCache { deleted } }", ADMINISTRATOR)


@asynccontextmanager
async def shop_over(database_url: str, *listed: str) -> AsyncIterator[Shop]:
    day = Day()
    async with service_over(replace(RESTAURANT, warm=listed), database_url, now=day) as service:
        assert service.services.traffic is not None
        yield Shop(service, service.services.traffic, day)


async def test_whoever_asks_first_what_the_model_lists_finds_it_in_the_cache(restaurant_url: str) -> None:
    async with shop_over(restaurant_url, LAST_DAYS, STORES) as shop:
        done = await shop.warm()
        asked = [await shop.metadata(each) for each in (LAST_DAYS, STORES)]

    assert (done["warmed"], done["failed"], done["skipped"]) == (2, 0, 0)
    assert all(each["fromCache"] for each in asked)
    assert [(each["cacheKey"], each["totalRows"]) for each in asked] == [
        (each["cacheKey"], each["totalRows"]) for each in done["results"]
    ]
    assert [(each["question"], each["source"]) for each in done["results"]] == [
        (LAST_DAYS, "DATABASE"),
        (STORES, "DATABASE"),
    ]


async def test_what_people_ask_is_warmed_after_a_clear_as_they_asked_it(restaurant_url: str) -> None:
    async with shop_over(restaurant_url) as shop:
        first = await shop.ask(BY_VARIABLES, **CHANNELS)
        await shop.clear()
        done = await shop.warm()
        again = await shop.ask(BY_VARIABLES, **CHANNELS)

    assert (done["warmed"], done["failed"]) == (1, 0)
    assert again["metadata"]["fromCache"]
    assert (again["data"], again["metadata"]["cacheKey"]) == (first["data"], first["metadata"]["cacheKey"])


async def test_a_relative_question_of_yesterday_is_warmed_for_today(restaurant_url: str) -> None:
    async with shop_over(restaurant_url) as shop:
        yesterday = await shop.ask(BY_VARIABLES, **CHANNELS)
        shop.day.now += timedelta(days=1)
        done = await shop.warm()
        today = await shop.ask(BY_VARIABLES, **CHANNELS)

    assert done["warmed"] == 1
    assert today["metadata"]["fromCache"]
    assert [each["metadata"]["dateRange"]["endDate"] for each in (yesterday, today)] == [
        "2026-05-14",
        "2026-05-15",
    ]


async def test_a_tenants_question_is_warmed_for_that_tenant_alone(restaurant_url: str) -> None:
    async with shop_over(restaurant_url) as shop:
        await shop.metadata(STORES, ACME)
        await shop.clear()
        done = await shop.warm()
        acme, nobody = await shop.metadata(STORES, ACME), await shop.metadata(STORES)

    assert [each["tenant"] for each in done["results"]] == ["acme"]
    assert (acme["fromCache"], nobody["fromCache"]) == (True, False)


async def test_what_is_there_is_skipped_unless_a_refresh_is_ordered(restaurant_url: str) -> None:
    async with shop_over(restaurant_url, STORES) as shop:
        done = [await shop.warm(arguments) for arguments in ("", "", "refresh: true")]

    assert [(each["warmed"], each["skipped"]) for each in done] == [(1, 0), (0, 1), (1, 0)]


async def test_only_the_dearest_of_the_traffic_and_only_what_is_ordered_is_warmed(
    restaurant_url: str,
) -> None:
    async with shop_over(restaurant_url, LAST_DAYS) as shop:
        for _ in range(50):
            await shop.metadata(STORES)
        await shop.metadata("metrics: [clientes_unicos], limit: 1")
        (dearest,) = shop.traffic.top(1)
        of_traffic = await shop.warm("top: 1, from: [TRAFFIC]")
        of_model = await shop.warm("from: [MODEL]")

    assert [each["question"] for each in of_traffic["results"]] == [dearest.asked.text]
    assert [each["question"] for each in of_model["results"]] == [LAST_DAYS]


async def test_questions_that_fail_say_why_and_the_others_are_warmed(restaurant_url: str) -> None:
    bad = (
        "metrics: [fatura]",
        "metrics: [faturamento]) { data } b: catalog(",
        "limit: $n, metrics: [faturamento]",
    )
    async with shop_over(restaurant_url, *bad, STORES) as shop:
        done = await shop.warm()
        asked = await shop.metadata(STORES)

    assert (done["warmed"], done["failed"]) == (1, 3)
    assert [each["errorCode"] for each in done["results"]] == [
        "UNKNOWN_METRIC",
        "GRAPHQL_PARSE_FAILED",
        "GRAPHQL_VALIDATION_FAILED",
        None,
    ]
    assert done["results"][0]["error"].startswith("There is no metric called 'fatura'.")
    assert asked["fromCache"]


async def test_warming_is_no_traffic(restaurant_url: str) -> None:
    async with shop_over(restaurant_url, STORES) as shop:
        await shop.warm()

        assert shop.traffic.top(10) == []


async def test_only_answers_count_as_traffic_each_for_who_asked(restaurant_url: str) -> None:
    async with shop_over(restaurant_url) as shop:
        await shop.service.ask("{ analytics(metrics: [fatura]) { data } }")
        await shop.service.ask("{ analytics(metrics: [faturamento], dimensions: [product]) { data } }")
        await shop.metadata(STORES, ACME)
        await shop.metadata(STORES, ACME)

        assert [(each.asked.text, each.asked.viewer, round(each.count)) for each in shop.traffic.top(10)] == [
            (STORES, ACME, 2)
        ]


def test_only_administrators_may_warm() -> None:
    database = FakeDatabase()
    with running(database=database) as service:
        (error,) = service.ask("mutation { warmCache { warmed } }")["errors"]

    assert error["extensions"]["code"] == "UNAUTHENTICATED"
    assert database.statements == []
