"""A database that answers what it is told, and the whole app around it, without a socket."""

import asyncio
from collections.abc import Iterator, MutableSequence, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from starlette.testclient import TestClient
from structlog.testing import capture_logs
from structlog.typing import EventDict

from cache.pattern import owned
from db.database import Column, Result
from model.load import load_model
from model.model import Model
from servery.app import Parts, create_app
from servery.settings import Settings
from tests.cache.fakes import PREFIX, FakeStore

HOUSE = Path(__file__).parents[1]
RESTAURANT = HOUSE / "examples" / "restaurant" / "model.yml"
TOKEN = "the admin token of the tests"
NOW = datetime(2026, 3, 15, 12, tzinfo=UTC)
ANSWER = Result(
    (Column("channel", "text"), Column("faturamento", "numeric")), [("iFood", "1234.50"), (None, "0.10")], 1.0
)


@dataclass(slots=True)
class FakeDatabase:
    """Answers every statement with `answer`, or fails with `error`. While `gate` is closed it waits."""

    answer: Result = ANSWER
    error: Exception | None = None
    gate: asyncio.Event | None = None
    statements: list[tuple[str, tuple[object, ...]]] = field(default_factory=list)
    limits: list[int | None] = field(default_factory=list)
    cancelled: int = 0
    closed: bool = False

    async def fetch(self, text: str, args: Sequence[object] = (), *, timeout_ms: int | None = None) -> Result:
        self.statements.append((text, tuple(args)))
        self.limits.append(timeout_ms)
        try:
            if self.gate is not None:
                await self.gate.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        if self.error is not None:
            raise self.error
        return self.answer

    async def ready(self) -> float:
        if self.error is not None:
            raise self.error
        return 1.0

    async def close(self) -> None:
        self.closed = True


class FencedStore(FakeStore):
    """Refuses names that are not ours, as the real store does."""

    async def delete(self, name: str) -> bool:
        owned(name, PREFIX)
        return await super().delete(name)


def settings_of_tests(**given: Any) -> Settings:
    """Cheap answers are written at once: what a fake database answers costs nothing."""
    return Settings(**{"model": RESTAURANT, "admin_token": SecretStr(TOKEN), "cheap_ms": 0, **given})


@dataclass(frozen=True, slots=True)
class Service:
    """A running app in this process, with a client and everything behind it in the test's hand."""

    client: TestClient
    database: FakeDatabase
    store: FakeStore
    logs: MutableSequence[EventDict]

    def ask(self, query: str, *, token: str | None = None, **variables: object) -> dict[str, Any]:
        """The response map, whatever its status."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        body = {"query": query, "variables": variables}
        found: dict[str, Any] = self.client.post("/graphql", json=body, headers=headers).json()
        return found


@contextmanager
def running(
    model: Model | None = None,
    database: FakeDatabase | None = None,
    store: FakeStore | None = None,
    **settings: Any,
) -> Iterator[Service]:
    """The app, started up, over fakes."""
    database, store = database or FakeDatabase(), store or FencedStore()
    parts = Parts(database, store, now=lambda: NOW)
    app = create_app(settings_of_tests(**settings), model or restaurant(), parts=parts)
    with capture_logs() as logs, TestClient(app, raise_server_exceptions=False) as client:
        yield Service(client, database, store, logs)


_MODELS: dict[Path, Model] = {}


def restaurant() -> Model:
    """The example's model, read once."""
    if RESTAURANT not in _MODELS:
        _MODELS[RESTAURANT] = load_model(RESTAURANT)
    return _MODELS[RESTAURANT]
