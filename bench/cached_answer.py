"""How fast is a cached answer, beside an app on the same server that sends the same bytes?

    python -m bench.cached_answer [--seconds 2] [--rounds 5] [--save FILE]

Everything it needs is started for it, on loopback and in a temporary folder, and is gone afterwards.
"""

import asyncio
import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any, Final

import orjson
import typer
from rich.console import Console

from bench.comparison import Comparison, Measurement, table_of
from bench.faults import NotMeasured
from bench.load import Generator, Target, best_generator
from bench.machine import machine, placement, versions
from bench.report import Report, markdown, show
from bench.servers import (
    App,
    Cores,
    Reply,
    Server,
    cores_of_this_machine,
    pin,
    pinned_here,
    plain_app,
    post,
    served,
    servery_app,
)
from servery.demo.load import load_example
from servery.embedded.errors import EmbeddedError
from servery.embedded.postgres import EmbeddedPostgres
from servery.embedded.valkey import EmbeddedValkey

UNTIL: Final = date(2026, 6, 14)
SALES: Final = 20_000
CONNECTIONS: Final = (1, 32, 100)
QUESTION: Final = """{
  analytics(
    metrics: [faturamento, ticket_medio, qtd_vendas]
    dimensions: [store, channel]
    dateRange: {startDate: "2025-06-15", endDate: "2026-06-14"}
    orderBy: [{name: faturamento, direction: DESC}]
    limit: 100
  ) {
    data
    metadata { source totalRows }
  }
}"""
STATS: Final = "{ cacheStats { hits misses } }"
ASKED_BEFORE: Final = 4
"""So many times the question is asked before it counts as cached, at every level there is."""

SECONDS_TO_RECOVER: Final = 1.5
"""After the warm-up: a cache that was given up for slow is tried again within a second."""

SECONDS_OF_REST: Final = 0.1
"""Between slices: what one left unfinished must not be done in the next."""


@dataclass(frozen=True, slots=True)
class Cached:
    """A question whose answer is in the cache, and that reply, which does not change any more."""

    question: bytes
    reply: Reply
    source: str
    rows: int
    columns: int


@dataclass(frozen=True, slots=True)
class Pace:
    """How long and how often: `seconds` for each server at each number of connections in each round."""

    seconds: int
    rounds: int
    connections: Sequence[int] = CONNECTIONS


@dataclass(frozen=True, slots=True)
class Found:
    cached: Cached
    comparisons: tuple[Comparison, ...]


def compare(app: App, generator: Generator, pace: Pace, folder: Path, cores: Cores | None) -> Found:
    """`app` beside the plain one. Raises NotMeasured when an answer was no hit, or not the same bytes."""
    with served(app, folder, cores) as servery:
        cached = cache_answer(servery)
        limit = plain_app(cached.reply, folder)
        with served(limit, folder, cores) as plain, pinned_here(cores.load if cores else None):
            if post(plain.port, cached.question) != cached.reply:
                raise NotMeasured("The plain app does not send what Servery sends.")
            for server in (servery, plain):
                _warm_up(server, cached, generator, pace)
            before = _stats(servery)
            comparisons = _rounds((servery, plain), cached, generator, pace)
            _check_hits(before, _stats(servery))
    return Found(cached, comparisons)


def cache_answer(servery: Server) -> Cached:
    """Ask until the answer comes from the cache, as the same bytes but for the word that says so."""
    question = orjson.dumps({"query": QUESTION})
    loaded = post(servery.port, question).body
    for _ in range(ASKED_BEFORE):
        reply = post(servery.port, question)
    source = _analytics(reply.body)["metadata"]["source"]
    if source == "DATABASE":
        raise NotMeasured("The answer is not cached: it came from the database again.")
    if loaded.replace(b'"DATABASE"', f'"{source}"'.encode()) != reply.body:
        raise NotMeasured("The cached answer is not the one that was loaded.")
    rows = _analytics(reply.body)["data"]
    return Cached(question, reply, source, len(rows), len(rows[0]))


def _warm_up(server: Server, cached: Cached, generator: Generator, pace: Pace) -> None:
    """Fill pools and caches; no answer is judged yet, only the last one must be right again."""
    target = Target(server.port, cached.question, cached.reply.body)
    for connections in sorted(pace.connections):
        generator.drive(target, connections, seconds=1)
    time.sleep(SECONDS_TO_RECOVER)
    if post(server.port, cached.question) != cached.reply:
        raise NotMeasured(f"After its warm-up {server.name} did not answer from the cache.")


def _rounds(
    servers: tuple[Server, Server], cached: Cached, generator: Generator, pace: Pace
) -> tuple[Comparison, ...]:
    measured: dict[tuple[str, int], list[Measurement]] = {}
    for turn in range(pace.rounds):
        for connections in pace.connections:
            # Whoever comes first in one round comes second in the next.
            for server in servers[:: -1 if turn % 2 else 1]:
                slices = measured.setdefault((server.name, connections), [])
                slices.append(_measure(server, cached, generator, connections, pace.seconds))
    servery, plain = (server.name for server in servers)
    return tuple(
        Comparison(each, tuple(measured[servery, each]), tuple(measured[plain, each]))
        for each in pace.connections
    )


def _measure(
    server: Server, cached: Cached, generator: Generator, connections: int, seconds: int
) -> Measurement:
    target = Target(server.port, cached.question, cached.reply.body)
    time.sleep(SECONDS_OF_REST)
    before = server.cpu_seconds()
    sample = generator.drive(target, connections, seconds)
    used = server.cpu_seconds() - before
    if sample.wrong or not sample.requests:
        raise NotMeasured(
            f"{server.name} at {connections} connections: {sample.wrong} failures or answers that are "
            f"not the cached one, beside {sample.requests} answers. When Redis answers too late the "
            "database is asked: try again when the machine is quiet."
        )
    per_second = sample.requests / sample.seconds
    return Measurement(per_second, sample.p50_ms, sample.p99_ms, used / sample.requests * 1e6)


def _stats(servery: Server) -> dict[str, int]:
    answer = orjson.loads(post(servery.port, orjson.dumps({"query": STATS})).body)
    found: dict[str, int] = answer["data"]["cacheStats"]
    return found


def _check_hits(before: dict[str, int], after: dict[str, int]) -> None:
    if after["misses"] > before["misses"] or after["hits"] <= before["hits"]:
        raise NotMeasured(f"Not every answer was a hit: from {before} to {after}.")


def _analytics(answer: bytes) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(answer)["data"]["analytics"]
    return found


@contextmanager
def example_app(home: Path, cores: Cores | None) -> Iterator[App]:
    """Servery over a PostgreSQL with the example and a Valkey; both are erased with the block."""
    postgres, valkey = EmbeddedPostgres(home), EmbeddedValkey(home)
    try:
        asyncio.run(load_example(postgres.start(), until=UNTIL, sales=SALES))
        redis_url = valkey.start()
        if valkey.pid:
            pin(valkey.pid, cores.store if cores else None)
        yield servery_app(postgres.url, redis_url)
    finally:
        valkey.stop()
        postgres.erase()


def method(
    cached: Cached, generator: Generator, pace: Pace, cores: Cores | None, place: str
) -> dict[str, str]:
    """What a reader must know to judge the figures; `place` is the machine as it was at the start."""
    size = f"{cached.rows} rows x {cached.columns} columns, {len(cached.reply.body):,} bytes"
    return {
        "question": f"{size}, answered from {cached.source}; every answer was compared byte for byte",
        "plain ASGI": "an app that sends the same bytes, on the same uvicorn settings: uvloop, httptools, "
        "no access log, one worker",
        "rounds": f"{pace.rounds}, of {pace.seconds} s for each server and number of connections, in turn; "
        "medians, and of the ratios also the least and the most",
        "load": f"{generator.name}; {placement(cores)}",
        "settings": "the default ones, but the answer is kept for a day",
        "versions": versions(),
        "machine": place,
    }


def main(
    seconds: Annotated[int, typer.Option(help="How long each measurement takes.", min=1)] = 2,
    rounds: Annotated[int, typer.Option(help="How often each is repeated.", min=1)] = 5,
    save: Annotated[Path | None, typer.Option(help="Write the report to this file, as Markdown.")] = None,
) -> None:
    """Measure a cached answer beside a plain ASGI app that sends the same bytes."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    console, pace = Console(), Pace(seconds, rounds)
    console.print(f"About {2 * seconds * rounds * len(CONNECTIONS) + 25} seconds ...", highlight=False)
    try:
        report = _measured(pace)
    except (NotMeasured, EmbeddedError) as error:
        typer.echo(f"Not measured: {error}", err=True)
        raise typer.Exit(1) from None
    show(report, console)
    if save:
        save.write_text(markdown(report), encoding="utf-8")


def _measured(pace: Pace) -> Report:
    place, cores = machine(), cores_of_this_machine()
    with TemporaryDirectory(prefix="servery-bench-") as home, example_app(Path(home), cores) as app:
        generator = best_generator(Path(home))
        found = compare(app, generator, pace, Path(home), cores)
    told = method(found.cached, generator, pace, cores, place)
    return Report("A cached answer beside a plain ASGI app", told, table_of(found.comparisons))


if __name__ == "__main__":
    typer.run(main)
