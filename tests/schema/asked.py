"""A schema whose questions are answered by the book: the same answer each time, and all that it was asked."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, cast
from zlib import crc32

from cache.hit import Source
from model.viewer import ANONYMOUS, Viewer
from resolvers.analytics import Answer
from resolvers.question import Question
from resolvers.resolved import Resolver
from resolvers.rules import Rules
from resolvers.traffic import Count
from schema.build import Request, Schema
from schema.context import Context, Services
from tests.resolvers.kiosk import KIOSK

NOW = datetime(2026, 3, 15, 12, tzinfo=UTC)


@dataclass(slots=True)
class Book:
    """Stands for `Analytics` and `Traffic`. Answers come in an order of their own."""

    age_ms: int = 7
    heard: list[object] = field(default_factory=list)
    resolver: Resolver = field(default_factory=lambda: Resolver(KIOSK, Rules(), lambda: NOW))

    async def answer(self, question: Question, viewer: Viewer, *told: object) -> Answer:
        self.heard.append((question, told[0]))
        drawn = crc32(repr(question).encode())
        for _ in range(drawn % 5):
            await asyncio.sleep(0)
        resolved = self.resolver.resolve(question, viewer)
        return Answer(
            data=b"[%d]" % drawn,
            totals=b"{}" if question.totals else b"null",
            subtotals=b"[]" if question.subtotals else b"null",
            rows=drawn % 100,
            truncated=drawn % 2 == 0,
            source=list(Source)[drawn % len(Source)],
            age_ms=self.age_ms,
            as_of=NOW,
            took_ms=0.12345,
            resolved=resolved,
            types=("int8",) * len(resolved.plan.names),
            group_count=drawn % 1_000 if question.group_count else None,
            cost_ms=3,
            lifetime=None,
        )

    def note(self, key: str, question: Question, cost_ms: float, viewer: Viewer, text: Any) -> Count:
        self.heard.append((key, question, cost_ms, viewer, text()))
        return Count()

    def explained(self, *_: object) -> bytes:
        return b'"explained"'

    def sql(self, *_: object) -> str:
        return "select"


@dataclass(frozen=True, slots=True)
class Told:
    """What came of a request: the response to the letter, all that was asked for it, and on which way."""

    response: str
    heard: tuple[str, ...]
    was_prepared: bool


async def asked(
    schema: Schema, query: str, variables: Any = None, name: str | None = None, book: Book | None = None
) -> Told:
    book = book or Book()
    services = Services(cast("Any", book), cast("Any", None), cast("Any", book))
    context = Context(services, ANONYMOUS, "test")
    response: Mapping[str, Any] = await schema.execute(Request(query, variables, name), context)
    heard = [*book.heard, {key: (each.freshness, each.answer.data) for key, each in context.answers.items()}]
    return Told(repr(response), tuple(map(repr, heard)), bool(context.told))


def schema_of_the_kiosk() -> Schema:
    return Schema(KIOSK, lambda *_: None)
