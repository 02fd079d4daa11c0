"""The shop behind the service: a data set is loaded, questions are asked in GraphQL."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import asyncpg

from model.load import model_of_text
from model.viewer import ADMIN, Viewer
from tests.engine.clock import Clock
from tests.engine.grouping import World
from tests.engine.question import Question
from tests.engine.shop import STORED, Shop, create_statements
from tests.engine.sight import guarded
from tests.service import Service, service_over

MODEL = (Path(__file__).parent / "model.yml").read_text(encoding="utf-8")
OPERATOR = Viewer(roles=frozenset({ADMIN}))
DEFAULT_ZONE = "America/New_York"
WEEKDAYS = {1: "monday", 6: "saturday", 7: "sunday"}
ARGUMENTS = """{ __type(name: "Query") { fields { name args { name type {
  name kind ofType { name kind ofType { name kind ofType { name kind ofType { name kind } } } } } } } } }"""


@dataclass(slots=True)
class Now:
    """A clock that is set by hand."""

    at: datetime = field(default_factory=lambda: datetime(2024, 6, 15, 12, tzinfo=UTC))

    def __call__(self) -> datetime:
        return self.at


@dataclass(slots=True, repr=False)
class Counter:
    """Where questions are asked: one service for each first day of the week, over one database.

    In `guarded`, a viewer sees some rows only: those that `visible` leaves.
    """

    connection: asyncpg.Connection
    services: Mapping[int, Service]
    guarded: Service
    now: Now
    document: str

    async def load(self, shop: Shop, now: datetime) -> None:
        """Nothing but this data set, and nothing remembered of another."""
        self.now.at = now
        await self.connection.execute(f"truncate {', '.join(STORED)}")
        for name, table in STORED.items():
            rows = [tuple(row[column] for column in table.columns) for row in shop[name]]
            await self.connection.copy_records_to_table(name, records=rows, columns=list(table.columns))
        for service in (*self.services.values(), self.guarded):
            await service.services.admin.clear("analytics:*", OPERATOR)

    async def ask(self, question: Question, week_start: int = 1) -> dict[str, Any]:
        """The response to a question."""
        return await self.services[week_start].ask(self.document, **question.variables)

    async def both_ways(self, question: Question, week_start: int = 1) -> tuple[bytes, bytes]:
        """The bytes of `data`: put together row by row, and as PostgreSQL writes them, where it does."""
        service = self.services[week_start]
        loads = service.services.analytics._loads
        loads._many_rows = 1
        loads._packed.clear()
        asked = {**question.variables, "cache": "BYPASS"}
        row_by_row = await service.raw_data(self.document, OPERATOR, **asked)
        return row_by_row, await service.raw_data(self.document, OPERATOR, **asked)

    async def raw(self, question: Question, week_start: int = 1) -> bytes:
        """The bytes of `data`."""
        return await self.services[week_start].raw_data(self.document, **question.variables)


ANSWER = """
  data totals subtotals columns { name kind type }
  metadata {
    totalRows truncated fromCache cacheKey timezone groupCount notes
    dateRange { start end startDate endDate } compareRange { startDate endDate }
  }
"""


def world_of(shop: Shop, question: Question, now: datetime, week_start: int = 1) -> World:
    zone = ZoneInfo(question.timezone or DEFAULT_ZONE)
    return World(shop, Clock(zone, week_start), now)


@asynccontextmanager
async def opened_counter(database_url: str) -> AsyncIterator[Counter]:
    now = Now()
    async with AsyncExitStack() as stack:
        connection = await asyncpg.connect(database_url)
        stack.push_async_callback(connection.close)
        await connection.execute(f"set lock_timeout = '10s'; {create_statements()}")

        async def opened(text: str) -> Service:
            return await stack.enter_async_context(service_over(model_of_text(text), database_url, now=now))

        services = {number: await opened(f"week_start: {name}\n{MODEL}") for number, name in WEEKDAYS.items()}
        yield Counter(connection, services, await opened(guarded(MODEL)), now, await _document(services[1]))


async def _document(service: Service) -> str:
    """One document for every question: what is no variable of a request has its default."""
    answer = await service.ask(ARGUMENTS)
    fields = answer["data"]["__type"]["fields"]
    found = next(each["args"] for each in fields if each["name"] == "analytics")
    told = ", ".join(f"${each['name']}: {_type(each['type']).removesuffix('!')}" for each in found)
    passed = ", ".join(f"{each['name']}: ${each['name']}" for each in found)
    return f"query ({told}) {{ analytics({passed}) {{ {ANSWER} }} }}"


def _type(told: Mapping[str, Any]) -> str:
    match told["kind"]:
        case "NON_NULL":
            return f"{_type(told['ofType'])}!"
        case "LIST":
            return f"[{_type(told['ofType'])}]"
    return str(told["name"])
