"""What does a question cost whose answer is in no cache, beside what PostgreSQL itself does for it?

    python -m bench.miss [--questions 20] [--rounds 12] [--save FILE]

Everything it needs is started for it, on loopback and in a temporary folder, and is gone afterwards.
"""

import signal
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from http.client import HTTPConnection
from itertools import islice, product
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Annotated, Any, Final

import orjson
import typer
from rich.console import Console

from bench.comparison import Ratio
from bench.example import example_app
from bench.faults import NotMeasured
from bench.fetching import STATEMENT
from bench.machine import machine, placement, versions
from bench.report import Cells, Report, Table, markdown, short, show
from bench.servers import (
    SECONDS_TO_ANSWER,
    App,
    Cores,
    Server,
    cores_of_this_machine,
    pinned_here,
    post,
    served,
)
from bench.yardstick import CONNECTIONS, PLAIN, cpu_seconds, yardstick
from model.dates import Days
from model.load import load_model
from model.query import Direction, OrderBy
from model.viewer import ANONYMOUS
from plan.limits import Limits
from plan.plan import make_plan
from plan.sql import render
from plan.statement import Statement
from resolvers.question import Question, query_of
from servery.demo.run import example_model
from servery.embedded.errors import EmbeddedError
from servery.embedded.port import HOST

NOW: Final = datetime(2026, 6, 15, 12, tzinfo=UTC)
METRICS: Final = ("faturamento", "ticket_medio", "qtd_vendas")
LAST: Final = date(2026, 6, 14)
FIRST: Final = date(2025, 3, 1)
DAYS: Final = 60
"""The range of a question begins and ends within so many days, so that there are many of them."""

WARM_UP: Final = 10


@dataclass(frozen=True, slots=True)
class Size:
    """A question by how many rows answer it."""

    rows: int
    dimensions: tuple[str, ...]

    @property
    def document(self) -> str:
        """The same for all ranges, so that it is known from the second question on."""
        return (
            "query Q($range: DateRangeInput) { analytics("
            f"metrics: [{', '.join(METRICS)}] dimensions: [{', '.join(self.dimensions)}] dateRange: $range "
            f"orderBy: [{{name: {METRICS[0]}, direction: DESC}}] limit: {self.rows}"
            ") { data metadata { source totalRows } } }"
        )

    def asked(self, days: Days) -> bytes:
        """The request for one range."""
        given = {"startDate": str(days.first), "endDate": str(days.last)}
        return orjson.dumps({"query": self.document, "variables": {"range": given}})

    def statement(self, days: Days) -> Statement:
        """The SQL that Servery answers it by."""
        question = Question(
            METRICS,
            self.dimensions,
            date_range=days,
            order_by=(OrderBy(METRICS[0], Direction.DESC),),
            limit=self.rows,
        )
        model = load_model(example_model())
        query = query_of(question, model, NOW, default_limit=self.rows)
        return render(model, make_plan(model, query, ANONYMOUS, Limits()))


SIZES: Final = (Size(100, ("store", "channel")), Size(5_000, ("time__day", "store", "channel")))
OTHERS: Final[Mapping[str, str]] = {
    "asyncpg + orjson": "bench.fetching:bare_app",
    "first design": "bench.fetching:first_app",
}
OURS: Final = "Servery"
CALLERS: Final = (1, 8, 32)
"""One asks and waits, so that a server is woken for all that it does; of several some always work."""


def ranges() -> Iterator[Days]:
    """Each once, but for the whole one, which is asked before them."""
    for before, after in product(range(1, DAYS + 1), repeat=2):
        yield Days(FIRST + timedelta(after), LAST - timedelta(before))


@dataclass(frozen=True, slots=True)
class Pace:
    """So many questions to each server in each round, from each number of callers."""

    questions: int
    rounds: int


Measured = Mapping[tuple[int, int, str], Sequence[float]]
"""Milliseconds of the processor for one question, round by round, by rows, callers and server."""


def measure(
    app: App, pace: Pace, folder: Path, cores: Cores | None, sizes: Sequence[Size] = SIZES
) -> Measured:
    """Raises NotMeasured when an answer came from a cache, or is not the one that the statement gives."""
    found: dict[tuple[int, int, str], list[float]] = {}
    for size in sizes:
        news = {name: ranges() for name in (app.name, *OTHERS)}
        with ExitStack() as stack:
            servers = {
                each.name: stack.enter_context(served(each, folder, cores)) for each in _apps(app, size)
            }
            stack.enter_context(pinned_here(cores.load if cores else None))
            _check_same(servers, size, Days(FIRST, LAST))
            plain = stack.enter_context(
                yardstick(servers[OURS], size.asked(Days(FIRST, LAST)), folder, cores)
            )
            for name, server in servers.items():
                _ask(server, size, _some(news[name], WARM_UP), max(CALLERS))
            for turn, callers in product(range(pace.rounds), CALLERS):
                # Whoever comes first in one round comes last in the next.
                for name, server in list(servers.items())[:: -1 if turn % 2 else 1]:
                    used = _ask(server, size, _some(news[name], pace.questions), callers)
                    key = size.rows, callers, name
                    found.setdefault(key, []).append(used / pace.questions * 1e3)
                found.setdefault((size.rows, callers, PLAIN), []).append(plain() * 1e3)
    return found


def _some(new: Iterator[Days], count: int) -> Sequence[Days]:
    taken = list(islice(new, count))
    if len(taken) < count:
        raise NotMeasured(f"There are only {DAYS**2} ranges; ask for fewer --questions or --rounds.")
    return taken


def _apps(app: App, size: Size) -> Iterator[App]:
    yield app
    told = {**app.environment, STATEMENT: size.statement(Days(FIRST, LAST)).text}
    yield from (App(name, factory, told) for name, factory in OTHERS.items())


def _ask(server: Server, size: Size, asked: Sequence[Days], callers: int) -> float:
    """How many seconds of the processor the server used for these questions; a connection for each caller."""
    bodies = [_body(server, size, days) for days in asked]
    with ThreadPoolExecutor(callers) as threads:
        before = cpu_seconds(server)
        shares = [bodies[number::callers] for number in range(callers)]
        list(threads.map(lambda share: _call(server, share), shares))
        return cpu_seconds(server) - before


def _call(server: Server, bodies: Sequence[bytes]) -> None:
    with closing(HTTPConnection(HOST, server.port, timeout=SECONDS_TO_ANSWER)) as connection:
        for body in bodies:
            connection.request("POST", "/graphql", body, {"Content-Type": "application/json"})
            reply = connection.getresponse().read()
            if server.name == OURS and b'"source":"DATABASE"' not in reply:
                raise NotMeasured(f"An answer did not come from the database: {reply[-200:]!r}")


def _body(server: Server, size: Size, days: Days) -> bytes:
    if server.name == OURS:
        return size.asked(days)
    return orjson.dumps([_json(each) for each in size.statement(days).args])


def _json(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value


def _check_same(servers: Mapping[str, Server], size: Size, days: Days) -> None:
    """Every server sends the same rows; Servery's statement asks for one more, to know whether there is."""
    answers = {
        name: orjson.loads(post(server.port, _body(server, size, days)).body)
        for name, server in servers.items()
    }
    ours: list[Any] = answers.pop(OURS)["data"]["analytics"]["data"]
    for name, rows in answers.items():
        if rows[: size.rows] != ours or len(ours) != size.rows:
            raise NotMeasured(f"{name} does not send the {size.rows} rows that Servery sends.")


def table_of(measured: Measured) -> Table:
    """Medians, and how Servery stands to each: round by round."""
    header = (
        "rows",
        "callers",
        "server",
        "CPU ms/question",
        "best round",
        "Servery less it",
        "Servery over it",
        "least",
        "most",
    )
    kinds = dict.fromkeys((rows, callers) for rows, callers, _ in measured)
    sections = tuple(tuple(_rows(measured, *kind)) for kind in kinds)
    return Table(header, sections, frozenset({"server"}))


def _rows(measured: Measured, rows: int, callers: int) -> Iterator[Cells]:
    ours = measured[rows, callers, OURS]
    yield (str(rows), str(callers), OURS, short(median(ours)), short(min(ours)), "", "", "", "")
    for name in (*OTHERS, PLAIN):
        theirs = measured[rows, callers, name]
        less = median(our - their for our, their in zip(ours, theirs, strict=True))
        ratio = Ratio.of(ours, theirs)
        figures = (median(theirs), min(theirs), less, ratio.median, ratio.least, ratio.most)
        yield ("", "", name, *map(short, figures))


def method(pace: Pace, cores: Cores | None, place: str) -> dict[str, str]:
    """What a reader must know to judge the figures."""
    return {
        "questions": "each of another range of days, so that no answer is in a cache; one document for all "
        "of a size, over HTTP; each caller asks one at a time, and one alone pays for waking up the server",
        "CPU": "of the app's process, user and kernel; PostgreSQL's own is not in it",
        "target": "Servery at most 2 ms for 100 rows, and 8 ms for 5,000, where a plain app takes 0.030 and "
        "0.115 ms to send their bytes: 67 and 70 times as much",
        "best round": "the least of the rounds: in it others on a shared machine added least, by cold caches",
        "asyncpg + orjson": "a plain ASGI app that runs the same statement, a connection for each caller; "
        "Decimal, and default=str for it",
        "first design": "the same with asyncpg's pool and json.dumps(default=str)",
        PLAIN: f"asked over {CONNECTIONS} connections, a second in each round: how fast the machine is then",
        "rounds": f"{pace.rounds}, of {pace.questions} questions for each server, in turn; medians",
        "settings": f"the default ones, but answers are kept for a day; {placement(cores)}",
        "versions": versions(("asyncpg", "orjson", "uvicorn", "strawberry-graphql", "sqlglot")),
        "machine": place,
    }


def main(
    questions: Annotated[int, typer.Option(help="How many in each round.", min=8)] = 20,
    rounds: Annotated[int, typer.Option(help="How often each is repeated.", min=1)] = 12,
    save: Annotated[Path | None, typer.Option(help="Write the report to this file, as Markdown.")] = None,
) -> None:
    """Measure what the app does for an answer that is in no cache."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    place, cores, pace = machine(), cores_of_this_machine(), Pace(questions, rounds)
    try:
        with TemporaryDirectory(prefix="servery-bench-") as home, example_app(Path(home), cores) as app:
            found = measure(app, pace, Path(home), cores)
    except (NotMeasured, EmbeddedError) as error:
        typer.echo(f"Not measured: {error}", err=True)
        raise typer.Exit(1) from None
    report = Report("A question whose answer is in no cache", method(pace, cores, place), table_of(found))
    show(report, Console())
    if save:
        save.write_text(markdown(report), encoding="utf-8")


if __name__ == "__main__":
    typer.run(main)
