"""How much more do two workers answer than one, on two cores, and do they act as one?

    python -m bench.workers [--seconds 3] [--rounds 5] [--save FILE]

`servery serve --workers N`, as users start it. The load has the same cores, so what it takes itself is told,
and so is what two workers of another app make of them.
"""

import resource
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from typing import Annotated, Final

import orjson
import psutil
import typer

from bench import burning
from bench.arrivals import Rush, ask
from bench.cached import QUESTIONS, check_hits, stats_of
from bench.example import Example, example
from bench.faults import NotMeasured
from bench.lateness import Lateness, lateness
from bench.load import Generator, Target, best_generator
from bench.machine import lane, machine, versions
from bench.report import Cells, Report, Table, short
from bench.run import run
from bench.servers import ADMINISTRATOR, App, Server, all_served, post, served
from bench.sql_count import SETTINGS, Counted, Statements
from bench.turns import settle

CONNECTIONS: Final = 32
CALLERS: Final = 100
TIMES: Final = 40
"""So often is a question asked, by a new connection each time, that every worker was asked."""

LEAST: Final = 1.7
COUNTS: Final = (1, 2)
COLD: Final = """{
  analytics(metrics: [faturamento] dimensions: [store, channel] limit: %d) { data metadata { totalRows } }
}"""
HEADER: Final = (
    "cached, 100 rows",
    "1 worker: requests/s",
    "2 workers",
    "ratio",
    "at least",
    "at most",
    "of the yardstick's",
    "load of the CPU",
    "most possible",
    "the workers' shares",
    "CPU µs/request",
)


@dataclass(frozen=True, slots=True)
class Slice:
    """One measurement. `load` is the load's share of all CPU that was used; `cpu_us` is without it."""

    per_second: float
    load: float
    shares: tuple[float, ...]
    cpu_us: float


def drive(server: Server, target: Target, generator: Generator, seconds: int) -> Slice:
    before, load_before = _used(server), _load_seconds()
    sample = generator.drive(target, CONNECTIONS, seconds)
    load = _load_seconds() - load_before
    each = [now - before.get(pid, 0.0) for pid, now in _used(server).items()]
    if sample.wrong or not sample.requests:
        raise NotMeasured(f"{server.name}: {sample.wrong} wrong answers beside {sample.requests}.")
    busy = sorted((used for used in each if used > sum(each) / 100), reverse=True)
    total = sum(each)
    return Slice(
        sample.requests / sample.seconds,
        load / (load + total),
        tuple(used / total for used in busy),
        total / sample.requests * 1e6,
    )


def _used(server: Server) -> dict[int, float]:
    """CPU seconds of each process."""
    found = {}
    for process in server.processes():
        times = process.cpu_times()
        found[process.pid] = float(times.user + times.system)
    return found


def _load_seconds() -> float:
    """Of this process and of the generators that it has run."""
    told = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in told)


def throughput(servers: Mapping[str, Server], generator: Generator, seconds: int, rounds: int) -> Table:
    """A row for each way; its one worker and its two workers in turn."""
    ours = {name: server for name, server in servers.items() if not name.startswith(YARDSTICK)}
    targets = {name: target_of(server) if name in ours else plain(server) for name, server in servers.items()}
    for name, target in targets.items():
        settle(name, target, generator, CONNECTIONS)
    before = {name: stats_of(server) for name, server in ours.items()}
    found: dict[str, list[Slice]] = {name: [] for name in servers}
    for turn in range(rounds):
        for name in list(servers)[:: -1 if turn % 2 else 1]:
            found[name].append(drive(servers[name], targets[name], generator, seconds))
    for name, server in ours.items():
        check_hits(name, before[name], stats_of(server))
    rows = tuple(row(way, found) for way in (*WAYS, YARDSTICK))
    return Table(HEADER, (rows,), frozenset({HEADER[0]}))


def plain(server: Server) -> Target:
    """Of the yardstick, which answers everything alike."""
    question = b"{}"
    return Target(server.port, question, post(server.port, question).body)


def target_of(server: Server) -> Target:
    """100 rows, once every worker has them. The answer does not say where it is from.

    On a busy machine a worker looks into Redis now and then instead of trusting its memory.
    """
    question = orjson.dumps({"query": QUESTIONS[100].replace("source ", "")})
    for _ in range(TIMES):
        answer = post(server.port, question).body
    return Target(server.port, question, answer)


def row(way: str, found: Mapping[str, Sequence[Slice]]) -> Cells:
    one, two = (found[_name(way, count)] for count in COUNTS)
    ratios = ratios_of(way, found)
    beside_yardstick = median(ratios) / median(ratios_of(YARDSTICK, found))
    alone, beside = (median(each.load for each in some) for some in (one, two))
    # One worker has a core for itself; of two cores the load leaves so much to two workers.
    most = 2 * (1 - beside)
    shares = [median(each.shares[place] for each in two) for place in range(min(len(s.shares) for s in two))]
    return (
        way,
        *(short(median(each.per_second for each in some)) for some in (one, two)),
        *map(short, (median(ratios), min(ratios), max(ratios))),
        "" if way == YARDSTICK else short(beside_yardstick),
        f"{alone:.0%}, {beside:.0%}",
        short(most),
        ", ".join(f"{share:.0%}" for share in shares),
        ", ".join(short(median(each.cpu_us for each in some)) for some in (one, two)),
    )


def ratios_of(way: str, found: Mapping[str, Sequence[Slice]]) -> list[float]:
    """Of each round."""
    one, two = (found[_name(way, count)] for count in COUNTS)
    return [ours.per_second / theirs.per_second for ours, theirs in zip(two, one, strict=True)]


YARDSTICK: Final = "yardstick"
WAYS: Final[Mapping[str, dict[str, str]]] = {
    "lane off": {"SERVERY_FAST_LANE": "false"},
    "default settings": {},
}


def _name(way: str, workers: int) -> str:
    return f"{way}, {workers}"


def together(server: Server, statements: Counted, rounds: int) -> tuple[str, str]:
    """What is said of one flight, and of coherence."""
    counted = []
    for number in range(rounds):
        question = orjson.dumps({"query": COLD % (50 + number)})
        statements.begin()
        waits = ask([Target(server.port, question, b"")], Rush(CALLERS))
        if waits.wrong or waits.unanswered:
            raise NotMeasured(f"{waits.wrong + waits.unanswered} callers were not answered.")
        counted.append(statements.so_far())
    late = lateness(server, ADMINISTRATOR, rounds * 10)
    flights = (
        f"{CALLERS} callers at once on each of {rounds} new questions: "
        f"{', '.join(map(str, counted))} SQL statements, counted by PostgreSQL"
    )
    return flights, told(late)


def told(late: Lateness) -> str:
    return (
        f"{late.clears} clears while {late.connections} connections asked: {late.answers:,} answers that "
        f"were asked for after the clear had returned, {len(late.old_ms)} of them older than it"
        + (f", the last {short(max(late.old_ms))} ms after it" if late.old_ms else "")
        + f"; {late.workers} workers answered"
    )


def apps_of(data: Example) -> dict[str, App]:
    """Each way with each number of workers, and the yardstick."""
    ours = [app_of(data, way, count, **settings) for way, settings in WAYS.items() for count in COUNTS]
    sticks = [App(_name(YARDSTICK, count), "", {}, command=burning.command(count)) for count in COUNTS]
    return {app.name: app for app in (*ours, *sticks)}


def app_of(data: Example, way: str, workers: int, **settings: str) -> App:
    app = data.servery(_name(way, workers), SERVERY_ADMIN_TOKEN=ADMINISTRATOR, **settings)
    return replace(app, workers=workers)


def measured(home: Path, seconds: int, rounds: int) -> list[Report]:
    place = machine()
    generator = best_generator(home)
    with example(home, None, SETTINGS) as data:
        with all_served(apps_of(data), home, None) as servers:
            table = throughput(servers, generator, seconds, rounds)
        with served(app_of(data, "together", 2), home, None) as server:
            flights, coherence = together(server, Statements(data.database_url), rounds)
    method = {
        "target": f"with the lane off at least {LEAST}: there the load is small beside the work",
        "one flight": flights,
        "coherence": coherence,
        "yardstick": "an ASGI app that executes a GraphQL document of about as much work for each request, "
        "with the same uvicorn settings; what two workers of it have less than twice one is the machine's",
        "load of the CPU": f"what {generator.name} used of all CPU time used, beside one and beside two "
        "workers",
        "most possible": "twice what one worker answers, less what the load takes of the two workers' cores; "
        "with one worker the load has the other core",
        "the workers' shares": "of the CPU time of both",
        "CPU µs/request": "of all processes of the service, with one and with two workers; where both are "
        "alike and the ratio is small, others had the cores",
        "fast lane": lane(),
        "rounds": f"{rounds}, of {seconds} s for each, in turn; medians",
        "cores": f"nothing is pinned: {psutil.cpu_count()} cores for workers, load, Valkey and PostgreSQL; "
        f"{CONNECTIONS} connections",
        "versions": versions(),
        "machine": place,
    }
    return [Report("Two workers beside one", method, table)]


def main(
    seconds: Annotated[int, typer.Option(help="How long each measurement takes.", min=1)] = 3,
    rounds: Annotated[int, typer.Option(help="How often each is repeated.", min=1)] = 5,
    save: Annotated[Path | None, typer.Option(help="Write the report to this file, as Markdown.")] = None,
) -> None:
    """Measure `servery serve --workers 2` beside `--workers 1`."""
    run(lambda home: measured(home, seconds, rounds), save, 6 * seconds * rounds + 5 * rounds + 50)


if __name__ == "__main__":
    typer.run(main)
