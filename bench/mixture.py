"""A mixed load: known and new questions of all sizes, dashboards, mistakes, hang-ups and clears."""

import asyncio
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from types import MappingProxyType
from typing import Final

import orjson
import uvloop

from bench.board import DOCUMENT
from bench.load import PATIENCE, Target, request_of
from servery.embedded.port import HOST

SEED: Final = 11
USERS: Final = 16
KNOWN: Final = 300
SECONDS_BETWEEN_CLEARS: Final = 10.0
FIRST_DAY: Final = date(2024, 6, 15)
METRICS: Final = ("faturamento", "ticket_medio", "qtd_vendas", "qtd_pedidos", "valor_total_desconto")
DIMENSIONS: Final = ("store", "channel", "city", "time__month", "time__day", "weekday", "hour", "sub_brand")

WRONG: Final = (
    {"query": "{ analytics(metrics: [faturamento] { data } }"},
    {"query": "{ analytics(metrics: [nothing_like_it]) { data } }"},
    {"query": "{ analytics(metrics: [faturamento]) { no_such_field } }"},
    {"query": '{ analytics(metrics: [faturamento] dateRange: {startDate: "soon"}) { data } }'},
    {"query": "{ analytics(metrics: [faturamento] limit: -1) { data } }"},
    {"query": 7},
)
CLEARS: Final = (
    'mutation { clearCache(tags: ["date:2026-01", "channel:iFood"]) { __typename } }',
    'mutation { clearCache(tags: ["table:sales"] mode: EXPIRE) { __typename } }',
    'mutation { clearCache(pattern: "Servery:*a0*") { __typename } }',
    "mutation { clearCache { __typename } }",
)
Draw = random.Random


@dataclass(slots=True)
class Counts:
    """How many requests there were of each kind; those that failed have a kind of their own."""

    kinds: Counter[str] = field(default_factory=Counter)

    def total(self) -> int:
        return self.kinds.total()

    @property
    def told(self) -> str:
        return ", ".join(f"{count:,} {kind}" for kind, count in self.kinds.most_common())


def question(draw: Draw) -> bytes:
    """One of very many, mostly with few rows."""
    metrics = ", ".join(draw.sample(METRICS, draw.randint(1, 3)))
    dimensions = ", ".join(draw.sample(DIMENSIONS, draw.randint(0, 2)))
    start = FIRST_DAY + timedelta(days=draw.randrange(600))
    end = start + timedelta(days=draw.randrange(1, 120))
    limit = draw.choice((10, 50, 100, 1000))
    text = (
        f'{{ analytics(metrics: [{metrics}] dimensions: [{dimensions}] dateRange: {{startDate: "{start}", '
        f'endDate: "{end}"}} limit: {limit}) {{ data metadata {{ totalRows ageMs cacheKey }} }} }}'
    )
    return orjson.dumps({"query": text})


def large_question(draw: Draw) -> bytes:
    """Thousands of rows."""
    start = FIRST_DAY + timedelta(days=draw.randrange(300))
    variables = {"range": {"startDate": str(start), "endDate": "2026-06-14"}, "limit": 5000}
    text = (
        "query Large($range: DateRangeInput!, $limit: Int!) { analytics(metrics: [faturamento, qtd_vendas] "
        "dimensions: [store, time__day] dateRange: $range limit: $limit) { data columns { name } } }"
    )
    return orjson.dumps({"query": text, "variables": variables})


def wrong_request(draw: Draw) -> bytes:
    return orjson.dumps(draw.choice(WRONG))


def other_request(draw: Draw) -> bytes:
    """What is not about data."""
    texts = ("{ catalog { metrics { name } } }", "{ cacheStats { hits } }", "{ __schema { types { name } } }")
    return orjson.dumps({"query": draw.choice(texts)})


def known_question(draw: Draw) -> bytes:
    return question(Draw(draw.randrange(KNOWN)))


KINDS: Final[Mapping[str, tuple[int, Callable[[Draw], bytes]]]] = MappingProxyType(
    {
        "known questions": (60, known_question),
        "new questions": (20, question),
        "dashboards": (6, lambda _: DOCUMENT),
        "wrong requests": (6, wrong_request),
        "large answers": (4, large_question),
        "other requests": (2, other_request),
        "hang-ups": (2, question),
    }
)
"""Of a hundred requests, so many."""


@contextmanager
def mixed_load(port: int, token: str, seconds: float) -> Iterator[Counts]:
    """Asks in a thread of its own for that long; the counts are whole when the block has ended."""
    counts, ended = Counts(), []
    until = time.monotonic() + seconds

    def ask_all() -> None:
        try:
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                runner.run(_all(port, token, until, counts))
        except Exception as fault:  # noqa: BLE001  it is raised again where the block ends
            ended.append(fault)

    thread = threading.Thread(target=ask_all, name="mixed load")
    thread.start()
    try:
        yield counts
    finally:
        thread.join()
    if ended:
        raise ended[0]


async def _all(port: int, token: str, until: float, counts: Counts) -> None:
    async with asyncio.TaskGroup() as group:
        for number in range(USERS):
            group.create_task(_user(port, Draw(SEED + number), until, counts), name=f"user {number}")
        group.create_task(_clear(port, token, until, counts), name="clears")


async def _user(port: int, draw: Draw, until: float, counts: Counts) -> None:
    names = list(KINDS)
    weights = [weight for weight, _ in KINDS.values()]
    line = await _Line.to(port)
    while time.monotonic() < until:
        [kind] = draw.choices(names, weights)
        body = KINDS[kind][1](draw)
        if kind == "hang-ups":
            await line.leave(body)
            line = await _Line.to(port)
        else:
            status = await asyncio.wait_for(line.ask(body), PATIENCE)
            kind = kind if status < 500 else f"answers with {status}"
        counts.kinds[kind] += 1
    line.close()


async def _clear(port: int, token: str, until: float, counts: Counts) -> None:
    number, header = 0, f"Authorization: Bearer {token}\r\n"
    while (left := until - time.monotonic()) > 0:
        await asyncio.sleep(min(left, SECONDS_BETWEEN_CLEARS))
        body = orjson.dumps({"query": CLEARS[number % len(CLEARS)]})
        # The server would have closed an idle connection by now.
        line = await _Line.to(port)
        await asyncio.wait_for(line.ask(body, header), PATIENCE)
        line.close()
        counts.kinds["clears"] += 1
        number += 1


class _Line:
    """One connection, one question at a time."""

    def __init__(self, port: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._port = port
        self._reader = reader
        self._writer = writer

    @classmethod
    async def to(cls, port: int) -> "_Line":
        return cls(port, *await asyncio.open_connection(HOST, port))

    async def ask(self, body: bytes, header: str = "") -> int:
        """The status of the answer, which is read whole."""
        self._writer.write(self._request(body, header))
        head = await self._reader.readuntil(b"\r\n\r\n")
        status = int(head.split(b" ", 2)[1])
        for line in head.lower().split(b"\r\n"):
            name, _, value = line.partition(b":")
            if name == b"content-length":
                await self._reader.readexactly(int(value))
        return status

    async def leave(self, body: bytes) -> None:
        """Ask, and hang up before the answer."""
        self._writer.write(self._request(body, ""))
        await self._writer.drain()
        self.close()

    def close(self) -> None:
        self._writer.close()

    def _request(self, body: bytes, header: str) -> bytes:
        plain = request_of(Target(self._port, body, b""))
        return plain.replace(b"\r\n", b"\r\n" + header.encode(), 1)
