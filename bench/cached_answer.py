"""How fast is a cached answer, beside an app on the same server that sends the same bytes?

    python -m bench.cached_answer [--seconds 2] [--rounds 5] [--rows 100] [--save FILE]

Everything it needs is started for it, on loopback and in a temporary folder, and is gone afterwards.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Annotated, Final

import typer

from bench.cached import QUESTIONS, Cached, cache_answer, check_hits, stats_of
from bench.comparison import Comparison, table_of
from bench.example import Example, example
from bench.faults import NotMeasured
from bench.load import Target, best_generator
from bench.machine import lane, machine, placement, versions
from bench.report import Report
from bench.run import run
from bench.servers import (
    App,
    Cores,
    Server,
    all_served,
    cores_of_this_machine,
    pinned_here,
    plain_app,
    plain_redis_app,
    post,
)
from bench.turns import Load, Pace, Way, compared, warm_up

MEMORY: Final = "Servery, memory"
REDIS: Final = "Servery, Redis"
STRAWBERRY: Final = "Servery, lane off"
PLAIN: Final = "plain ASGI"
PLAIN_REDIS: Final = "plain ASGI, one GET"
LIMITS: Final[Mapping[str, str]] = {MEMORY: PLAIN, REDIS: PLAIN_REDIS, STRAWBERRY: PLAIN}

JUDGED_AT: Final = 32
"""The number of connections for which the targets are."""

LEAST_OF_MEMORY: Final = 0.80
LEAST_OF_REDIS: Final = 0.75
MOST_P99: Final = 1.5
MOST_STRAWBERRY_US: Final = 500


@dataclass(frozen=True, slots=True)
class Found:
    """One size: the answer, and what was measured."""

    cached: Cached
    comparisons: tuple[Comparison, ...]

    def at(self, name: str, connections: int) -> Comparison | None:
        for each in self.comparisons:
            if each.name == name and each.labels[-1] == str(connections):
                return each
        return None


def apps_of(data: Example) -> dict[str, App]:
    """Each way that Servery has, by its name."""
    return {
        MEMORY: data.servery(MEMORY),
        REDIS: data.servery(REDIS, SERVERY_MEMORY_BYTES="0"),
        STRAWBERRY: data.servery(STRAWBERRY, SERVERY_FAST_LANE="false"),
    }


def compare(servers: Mapping[str, Server], text: str, redis_url: str, load: Load, folder: Path) -> Found:
    """Each of `servers` beside its limit. Raises NotMeasured when an answer was no hit, or not the same."""
    cores = cores_of_this_machine()
    cached = {name: cache_answer(server, text) for name, server in servers.items()}
    limits = {
        PLAIN: plain_app(cached[MEMORY].reply, folder),
        PLAIN_REDIS: plain_redis_app(cached[REDIS].reply, redis_url),
    }
    with all_served(limits, folder, cores) as plain, pinned_here(cores.load if cores else None):
        ways = [_limit(name, server, cached) for name, server in plain.items()]
        ways += [_way(name, server, cached[name]) for name, server in servers.items()]
        warm_up(ways, load)
        before = {name: stats_of(server) for name, server in servers.items()}
        found = compared(ways, load, f"{cached[MEMORY].rows:,}")
        for name, server in servers.items():
            check_hits(name, before[name], stats_of(server))
    return Found(cached[MEMORY], tuple(found))


def _way(name: str, server: Server, cached: Cached) -> Way:
    return Way(name, server, Target(server.port, cached.question, cached.reply.body), LIMITS[name])


def _limit(name: str, server: Server, cached: Mapping[str, Cached]) -> Way:
    held = cached[REDIS if name == PLAIN_REDIS else MEMORY]
    if post(server.port, held.question) != held.reply:
        raise NotMeasured(f"{name} does not send what Servery sends.")
    return Way(name, server, Target(server.port, held.question, held.reply.body))


def targets(found: Sequence[Found]) -> str:
    """How each stands to what it should be, at as many connections as that is for."""
    told = [line for each in found for line in _targets(each)]
    return "; ".join(told) or f"none: they are for {JUDGED_AT} connections"


def _targets(found: Found) -> Iterator[str]:
    rows = f"{found.cached.rows:,} rows"
    if memory := found.at(MEMORY, JUDGED_AT):
        rate, p99 = memory.ratio("requests/s").median, memory.ratio("p99 ms").median
        yield f"{rows}: memory {rate:.2f} (at least {LEAST_OF_MEMORY:.2f})"
        yield f"its p99 {p99:.2f} (at most {MOST_P99})"
    if redis := found.at(REDIS, JUDGED_AT):
        yield f"Redis {redis.ratio('requests/s').median:.2f} (at least {LEAST_OF_REDIS:.2f})"
    if strawberry := found.at(STRAWBERRY, JUDGED_AT):
        pairs = zip(strawberry.measured, strawberry.limit, strict=True)
        beside = median(ours.cpu_us - plain.cpu_us for ours, plain in pairs)
        yield f"lane off {beside:,.0f} µs of CPU beside the plain app's (at most {MOST_STRAWBERRY_US})"


def method(found: Sequence[Found], load: Load, cores: Cores | None, place: str) -> dict[str, str]:
    """What a reader must know to judge the figures; `place` is the machine as it was at the start."""
    return {
        f"targets, at {JUDGED_AT} connections": targets(found),
        "answers": "; ".join(each.cached.size for each in found)
        + "; compared byte for byte in the warm-up, and while measuring up to 64 kB, above that by length",
        PLAIN: "an app that sends the same bytes and headers, on the same uvicorn settings: uvloop, "
        "httptools, no access log, one worker",
        MEMORY: "`servery serve` has a protocol class of its own on uvicorn's: bytes that came before are "
        "answered there",
        PLAIN_REDIS: "the same app, with one GET by redis.asyncio for the body of each answer",
        REDIS: "SERVERY_MEMORY_BYTES=0: every answer and its tokens are looked up in Redis",
        STRAWBERRY: "SERVERY_FAST_LANE=false: through GraphQL, from memory",
        "fast lane": lane(),
        "rounds": f"{load.pace.rounds}, of {load.pace.seconds} s for each server and number of connections, "
        "in turn; medians, and of the ratios also the least and the most",
        "load": f"{load.generator.name}; {placement(cores)}",
        "settings": "the default ones, but answers are kept for a day",
        "versions": versions(),
        "machine": place,
    }


def main(
    seconds: Annotated[int, typer.Option(help="How long each measurement takes.", min=1)] = 2,
    rounds: Annotated[int, typer.Option(help="How often each is repeated.", min=1)] = 5,
    rows: Annotated[int, typer.Option(help="Only this size: 10, 100 or 5000.")] = 0,
    save: Annotated[Path | None, typer.Option(help="Write the report to this file, as Markdown.")] = None,
) -> None:
    """Measure cached answers beside plain ASGI apps that send the same bytes."""
    pace = Pace(seconds, rounds)
    sizes = {rows: QUESTIONS[rows]} if rows in QUESTIONS else QUESTIONS
    ways = len(LIMITS) + len(set(LIMITS.values()))
    run(lambda home: [measured(home, sizes, pace)], save, len(sizes) * pace.lasts(ways) + 30)


def measured(home: Path, sizes: Mapping[int, str], pace: Pace) -> Report:
    place, cores = machine(), cores_of_this_machine()
    load = Load(best_generator(home), pace)
    with example(home, cores) as data, all_served(apps_of(data), home, cores) as servers:
        found = [compare(servers, text, data.redis_url, load, home) for text in sizes.values()]
    told = method(found, load, cores, place)
    table = table_of(("rows", "connections"), [each.comparisons for each in found])
    return Report("A cached answer beside plain ASGI apps", told, table)


if __name__ == "__main__":
    typer.run(main)
