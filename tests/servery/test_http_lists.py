"""Several requests in one POST: answered as a list, in order, each by itself."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from httpx2 import Response
from starlette.types import Message

from cache import Cache
from model.viewer import ANONYMOUS
from resolvers.admin import Admin
from resolvers.analytics import Analytics
from resolvers.rules import Rules
from schema.build import Schema
from schema.context import Services
from servery.endpoint import GraphQLEndpoint
from servery.observe import report_internal
from servery.pages import graphiql_page
from tests.cache.fakes import FakeStore, settle
from tests.fakes import NOW, TOKEN, FakeDatabase, Service, restaurant, running

MODERN = "application/graphql-response+json"
ADMIN = {"Authorization": f"Bearer {TOKEN}"}
CLEAR = "mutation { clearCache { deleted } }"
SOURCE = "{ analytics(metrics: [faturamento], dimensions: [channel]) { metadata { source } } }"


@pytest.fixture
def service() -> Iterator[Service]:
    with running() as service:
        yield service


def posted(service: Service, *queries: str, **headers: str) -> Response:
    return service.client.post("/graphql", json=[{"query": each} for each in queries], headers=headers)


def question(limit: int) -> str:
    return f"{{ analytics(metrics: [faturamento], dimensions: [channel], limit: {limit}) {{ data }} }}"


def sources(answer: Response) -> list[str]:
    return [
        each["data"]["analytics"]["metadata"]["source"]
        for each in answer.json()
        if "analytics" in each["data"]
    ]


@pytest.mark.parametrize("accept", ["application/json", MODERN])
def test_answers_come_in_the_order_of_the_questions(service: Service, accept: str) -> None:
    answer = posted(service, "{ a: __typename }", "{", "{ b: __typename }", Accept=accept)

    first, second, third = answer.json()
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith(accept)
    assert answer.headers["cache-control"] == "no-store"
    assert (first, third) == ({"data": {"a": "Query"}}, {"data": {"b": "Query"}})
    assert second["errors"][0]["extensions"]["code"] == "GRAPHQL_PARSE_FAILED"


def test_a_list_of_one_is_answered_by_a_list_of_one(service: Service) -> None:
    assert posted(service, "{ __typename }").json() == [{"data": {"__typename": "Query"}}]


def test_a_list_has_a_limit_that_can_be_set() -> None:
    with running(max_batch=2) as service:
        assert posted(service, *["{ __typename }"] * 2).status_code == 200

        refused = posted(service, *["{ __typename }"] * 3)

    assert refused.status_code == 400
    assert refused.json()["errors"][0]["extensions"] == {"code": "LIMIT_EXCEEDED", "max": 2, "asked": 3}


async def sent_by_hand(endpoint: GraphQLEndpoint, body: Any, gone: asyncio.Event) -> list[Message]:
    """What is sent for one POST, whose client hangs up when `gone`."""
    received = [{"type": "http.request", "body": json.dumps(body).encode()}]
    sent: list[Message] = []

    async def receive() -> Message:
        if received:
            return received.pop()
        await gone.wait()
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    headers = [(b"content-type", b"application/json")]
    await endpoint({"type": "http", "method": "POST", "query_string": b"", "headers": headers}, receive, send)
    return sent


@dataclass(slots=True)
class Waiting:
    """A list of three questions under way, all of which wait in the database."""

    database: FakeDatabase
    gone: asyncio.Event
    sent: asyncio.Task[list[Message]]


@pytest.fixture
async def waiting() -> AsyncIterator[Waiting]:
    database, cache, gone = FakeDatabase(gate=asyncio.Event()), Cache(FakeStore()), asyncio.Event()
    analytics = Analytics(restaurant(), database, cache, lambda: NOW, Rules())
    services = Services(analytics, Admin(cache, analytics))
    schema = Schema(restaurant(), report_internal)
    endpoint = GraphQLEndpoint(schema, services, lambda _: ANONYMOUS, lambda _: graphiql_page(""))
    body = [{"query": question(limit)} for limit in (1, 2, 3)]
    sent = asyncio.create_task(sent_by_hand(endpoint, body, gone))
    async with asyncio.timeout(5):
        while len(database.statements) < 3:
            await settle()
    yield Waiting(database, gone, sent)
    await cache.close()


@pytest.mark.anyio
async def test_questions_of_a_list_are_asked_at_the_same_time(waiting: Waiting) -> None:
    assert waiting.database.gate
    waiting.database.gate.set()

    async with asyncio.timeout(5):
        _, body = await waiting.sent
    assert len(json.loads(body["body"])) == 3


@pytest.mark.anyio
async def test_all_of_a_list_are_cancelled_when_the_client_has_gone(waiting: Waiting) -> None:
    waiting.gone.set()

    async with asyncio.timeout(5):
        assert await waiting.sent == []
        while waiting.database.cancelled < 3:
            await settle()


def test_with_a_mutation_in_it_a_list_is_done_one_after_the_other(service: Service) -> None:
    answer = posted(service, SOURCE, SOURCE, CLEAR, SOURCE, CLEAR, SOURCE, **ADMIN)

    assert sources(answer) == ["DATABASE", "REDIS", "DATABASE", "DATABASE"]
    assert [each["data"]["clearCache"]["deleted"] for each in answer.json() if "clearCache" in each["data"]]


def test_a_mutation_of_a_list_needs_the_token_as_any_other(service: Service) -> None:
    first, second = posted(service, CLEAR, "{ __typename }").json()

    assert first["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert second == {"data": {"__typename": "Query"}}


def test_a_name_that_is_not_known_is_an_answer_and_no_concern_of_the_others(service: Service) -> None:
    unknown = {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": "0" * 64}}}

    first, second = service.client.post("/graphql", json=[unknown, {"query": "{ __typename }"}]).json()

    assert first["errors"][0]["extensions"]["code"] == "PERSISTED_QUERY_NOT_FOUND"
    assert second == {"data": {"__typename": "Query"}}
