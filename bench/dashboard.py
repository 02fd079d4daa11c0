"""What does a dashboard of twelve cached questions cost, and how long do its users wait?

    python -m bench.dashboard [--seconds 2] [--rounds 5] [--save FILE]

Three tables: the dashboard beside one question; 100 users at a fixed rate; 100 users at once, nothing cached.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Annotated, Final

import orjson
import typer

from bench.arrivals import Arrivals, Rush, Waits, ask
from bench.board import BATCH, DOCUMENT, QUESTIONS, cached_reply
from bench.cached import stats_of
from bench.comparison import table_of
from bench.example import example
from bench.faults import NotMeasured
from bench.load import Target, best_generator
from bench.machine import lane, machine, placement, versions
from bench.report import Cells, Report, Table, short
from bench.run import run
from bench.servers import (
    ADMINISTRATOR,
    Reply,
    Server,
    all_served,
    cores_of_this_machine,
    pinned_here,
    plain_app,
    post,
)
from bench.sql_count import SETTINGS, Counted, Statements
from bench.turns import Load, Pace, Way, compared, warm_up

USERS: Final = 100
ANSWERS_A_SECOND: Final = 1_000
MOST_CPU: Final = 2.5
MOST_P95_MS: Final = 8.0
CLEAR: Final = orjson.dumps({"query": "mutation { clearCache { __typename } }"})
OFF: Final = "lane off"
ON: Final = "Servery"
PLAIN: Final = "plain ASGI, the dashboard's bytes"


@dataclass(frozen=True, slots=True)
class Board:
    """What a server answers to each form of the dashboard; the batch is empty where it takes none."""

    document: bytes
    batch: bytes
    questions: tuple[bytes, ...]

    @classmethod
    def of(cls, server: Server) -> "Board":
        """Once it is cached."""
        questions = tuple(cached_reply(server, question) for question in QUESTIONS)
        try:
            batch = cached_reply(server, BATCH)
        except RuntimeError:
            batch = b""
        return cls(cached_reply(server, DOCUMENT), batch, questions)

    @property
    def typical(self) -> int:
        """The question whose answer is of the middle length."""
        lengths = sorted(range(len(self.questions)), key=lambda number: len(self.questions[number]))
        return lengths[len(lengths) // 2]


def ways_of(servers: Mapping[str, Server], boards: Mapping[str, Board]) -> list[Way]:
    """The plain app first; each form of the dashboard is held against one question."""
    plain, whole = servers[PLAIN], boards[ON].document
    ways = [Way(PLAIN, plain, Target(plain.port, DOCUMENT, whole))]
    for name in (ON, OFF):
        server, board, one = servers[name], boards[name], f"{name}: one question"
        first = Target(server.port, QUESTIONS[board.typical], board.questions[board.typical])
        ways.append(Way(one, server, first))
        ways.append(
            Way(f"{name}: 12 in a document", server, Target(server.port, DOCUMENT, board.document), one)
        )
        if board.batch:
            ways.append(Way(f"{name}: 12 in a batch", server, Target(server.port, BATCH, board.batch), one))
    return ways


def cost_of(servers: Mapping[str, Server], boards: Mapping[str, Board], load: Load) -> tuple[Table, str]:
    """The table, and how it stands to the target."""
    ways = ways_of(servers, boards)
    warm_up(ways, load)
    found = compared(ways, load)
    told = [
        f"{each.name} {each.ratio('CPU µs/request').median:.2f}"
        for each in found
        if each.limit and each.labels == ("32",) and each.name.startswith(ON)
    ]
    if not boards[ON].batch:
        told.append("a batch is not taken by this version")
    return table_of(("connections",), [found]), "; ".join(told)


@dataclass(frozen=True, slots=True)
class Crowd:
    """One line of the second table: so many requests a second, of these in turn."""

    name: str
    server: Server
    targets: tuple[Target, ...]
    per_second: float


def crowds_of(servers: Mapping[str, Server], boards: Mapping[str, Board]) -> list[Crowd]:
    server, plain, board = servers[ON], servers[PLAIN], boards[ON]
    each = tuple(
        Target(server.port, question, answer)
        for question, answer in zip(QUESTIONS, board.questions, strict=True)
    )
    document = (Target(server.port, DOCUMENT, board.document),)
    limit = (Target(plain.port, DOCUMENT, board.document),)
    return [
        Crowd("plain ASGI, the dashboard's bytes", plain, limit, ANSWERS_A_SECOND),
        Crowd("each question by itself", server, each, ANSWERS_A_SECOND),
        Crowd("12 in a document: 1,000 questions", server, document, ANSWERS_A_SECOND / len(QUESTIONS)),
        Crowd("12 in a document: 12,000 questions", server, document, ANSWERS_A_SECOND),
    ]


CROWD_HEADER: Final = (
    "what users ask",
    "requests/s wanted",
    "answered/s",
    "p50 ms",
    "p95 ms",
    "p99 ms",
    "most ms",
    "of a core",
    "not in time",
    "load late ms",
)


def waits_of(crowds: Sequence[Crowd], seconds: float, rounds: int) -> Table:
    found: dict[str, list[tuple[Waits, float]]] = {crowd.name: [] for crowd in crowds}
    for turn in range(rounds):
        for crowd in crowds[:: -1 if turn % 2 else 1]:
            before = crowd.server.cpu_seconds()
            waits = ask(crowd.targets, Arrivals(USERS, crowd.per_second, seconds))
            used = (crowd.server.cpu_seconds() - before) / waits.seconds
            if waits.wrong:
                raise NotMeasured(f"{crowd.name}: {waits.wrong} answers were wrong.")
            found[crowd.name].append((waits, used))
    rows = tuple(_crowd_row(crowd, found[crowd.name]) for crowd in crowds)
    return Table(CROWD_HEADER, (rows,), frozenset({"what users ask"}))


def _crowd_row(crowd: Crowd, found: Sequence[tuple[Waits, float]]) -> Cells:
    percentiles = (median(waits.percentile(each) for waits, _ in found) for each in (50, 95, 99, 100))
    return (
        crowd.name,
        short(crowd.per_second),
        short(median(waits.per_second for waits, _ in found)),
        *map(short, percentiles),
        f"{median(used for _, used in found):.0%}",
        f"{sum(waits.unanswered for waits, _ in found):,}",
        short(median(waits.lag_ms for waits, _ in found)),
    )


COLD_HEADER: Final = (
    "nothing cached, 100 users at once",
    "requests",
    "questions",
    "loads",
    "SQL statements",
    "p50 ms",
    "p95 ms",
)


def cold(server: Server, statements: Counted, rounds: int) -> Table:
    """Each form once per user, after a clear. An answer is any that has no error."""
    rows = []
    for name, asked in (("12 in a document", (DOCUMENT,)), ("each by itself", QUESTIONS)):
        targets = [Target(server.port, question, b"") for question in asked]
        waits, loads, counted = [], [], []
        for _ in range(rounds):
            post(server.port, CLEAR, Authorization=f"Bearer {ADMINISTRATOR}")
            statements.begin()
            before = stats_of(server)["loads"]
            found = ask(targets, Rush(USERS))
            if found.wrong or found.unanswered:
                raise NotMeasured(f"{found.wrong + found.unanswered} users were not answered.")
            waits.append(found)
            loads.append(stats_of(server)["loads"] - before)
            counted.append(statements.so_far())
        rows.append(
            (
                name,
                f"{USERS * len(asked):,}",
                str(len(QUESTIONS)),
                _span(loads),
                _span(counted),
                *(short(median(each.percentile(percent) for each in waits)) for percent in (50, 95)),
            )
        )
    return Table(COLD_HEADER, (tuple(rows),), frozenset({COLD_HEADER[0]}))


def _span(counts: Sequence[int]) -> str:
    least, most = min(counts), max(counts)
    return str(least) if least == most else f"{least} to {most}"


def main(
    seconds: Annotated[int, typer.Option(help="How long each measurement takes.", min=1)] = 2,
    rounds: Annotated[int, typer.Option(help="How often each is repeated.", min=1)] = 5,
    save: Annotated[Path | None, typer.Option(help="Write the report to this file, as Markdown.")] = None,
) -> None:
    """Measure a dashboard of twelve questions."""
    pace = Pace(seconds, rounds, (32,))
    run(lambda home: measured(home, pace), save, pace.lasts(7) + 4 * (seconds * 2 + 1) * rounds + 25)


def measured(home: Path, pace: Pace) -> list[Report]:
    place, cores = machine(), cores_of_this_machine()
    load = Load(best_generator(home), pace)
    with example(home, cores, SETTINGS) as data:
        apps = {
            ON: data.servery(ON, SERVERY_ADMIN_TOKEN=ADMINISTRATOR),
            OFF: data.servery(OFF, SERVERY_FAST_LANE="false"),
        }
        with all_served(apps, home, cores) as servers, pinned_here(cores.load if cores else None):
            boards = {name: Board.of(server) for name, server in servers.items()}
            reply = Reply(post(servers[ON].port, DOCUMENT).headers, boards[ON].document)
            with all_served({PLAIN: plain_app(reply, home, PLAIN)}, home, cores) as plain:
                every = {**servers, **plain}
                costs, told = cost_of(every, boards, load)
                crowds = waits_of(crowds_of(every, boards), pace.seconds * 2, pace.rounds)
                colds = cold(servers[ON], Statements(data.database_url), pace.rounds)
    machinery = {"cores": placement(cores), "versions": versions(), "machine": place}
    return [
        Report(
            "A dashboard beside one question", {**cost_method(boards[ON], load, told), **machinery}, costs
        ),
        Report(f"{USERS} users with the same dashboard", {**crowd_method(load), **machinery}, crowds),
        Report(f"{USERS} users at once, nothing cached", {**cold_method(pace), **machinery}, colds),
    ]


def cost_method(board: Board, load: Load, told: str) -> dict[str, str]:
    one = len(board.questions[board.typical])
    return {
        "target": f"CPU ratio at most {MOST_CPU}: {told}",
        "dashboard": f"12 questions of the restaurant example, {len(board.document):,} bytes, all cached",
        "one question": f"the one whose answer is of the middle length, {one:,} bytes",
        "fast lane": lane(),
        "rounds": f"{load.pace.rounds}, of {load.pace.seconds} s for each, in turn; medians",
        "load": load.generator.name,
    }


def crowd_method(load: Load) -> dict[str, str]:
    return {
        "target": f"p95 below {MOST_P95_MS:g} ms at {ANSWERS_A_SECOND:,} answers a second",
        "load": "a generator of our own; requests come at random at the mean rate, the same ones in every "
        "run, each from the next user, and wait where that user's last one is not answered; how long is "
        "counted from when they were due",
        "load late": "99 of 100 requests were sent within this time; where it is long the machine was busy, "
        "and the higher percentiles are the load's own",
        "rounds": f"{load.pace.rounds}, of {load.pace.seconds * 2} s for each, in turn; medians",
        "not in time": "requests without an answer 2 s after the last one was due, in all rounds",
        "fast lane": lane(),
    }


def cold_method(pace: Pace) -> dict[str, str]:
    return {
        "target": "as many loads and statements as there are questions",
        "loads": "counted by cacheStats",
        "SQL statements": "over tables of the example, counted by PostgreSQL (pg_stat_statements)",
        "rounds": f"{pace.rounds}, each after clearCache; of counts the least and the most",
    }


if __name__ == "__main__":
    typer.run(main)
