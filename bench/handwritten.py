"""How fast is the SQL that Servery writes, beside SQL that a person writes for the same answer?

    python -m bench.handwritten [--rounds 9] [--explain NAME] [--save FILE]

A PostgreSQL with the restaurant example is started for it in a temporary folder, and is gone afterwards.
"""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter, sleep
from typing import Annotated, Final

import typer
from rich.console import Console

from bench.comparison import Ratio
from bench.equality import check_equal
from bench.faults import NotMeasured
from bench.machine import machine, versions
from bench.processor import BackendTime
from bench.questions import PAIRS, queries_in
from bench.report import Cells, Report, Table, markdown, short, show
from db.postgres import PostgresDatabase
from db.settings import PoolSettings
from model.load import load_model
from model.viewer import ANONYMOUS
from plan.limits import Limits
from plan.plan import make_plan
from plan.sql import render
from servery.demo.load import load_example
from servery.demo.run import example_model
from servery.embedded.errors import EmbeddedError
from servery.embedded.postgres import EmbeddedPostgres

UNTIL: Final = date(2026, 6, 14)
TARGET: Final = 1.1
LONG_S: Final = 0.02
LEAST_CPU_S: Final = 0.2
SHORT_MS: Final = 200
MOST_TIMES: Final = 20
"""What is over soon is asked up to so many times as often: other work on the machine disturbs it most."""

PACKAGES: Final = ("asyncpg", "sqlglot")


@dataclass(frozen=True, slots=True)
class Pair:
    """One question in two ways. `names` are the columns that are compared, `most` is a person's limit."""

    name: str
    names: tuple[str, ...]
    ours: str
    args: tuple[object, ...]
    by_hand: str
    most: int

    @property
    def ways(self) -> tuple[tuple[str, tuple[object, ...]], tuple[str, tuple[object, ...]]]:
        """Both have arguments, so that PostgreSQL plans both anew each time."""
        return (self.ours, self.args), (self.by_hand, (self.most,))


@dataclass(frozen=True, slots=True)
class Way:
    """Milliseconds round by round, and the seconds of PostgreSQL's processors over all rounds."""

    ms: tuple[float, ...]
    cpu_s: float


@dataclass(frozen=True, slots=True)
class Found:
    """Both ways in the same rounds, and how many rows both gave."""

    ours: Way
    by_hand: Way
    rows: int

    @property
    def ratio(self) -> Ratio:
        return Ratio.of(self.ours.ms, self.by_hand.ms)

    @property
    def cpu_ratio(self) -> float | None:
        """None where too little was used for the clock of a process."""
        least = min(self.ours.cpu_s, self.by_hand.cpu_s)
        return self.ours.cpu_s / self.by_hand.cpu_s if least >= LEAST_CPU_S else None


def pairs_in(folder: Path) -> tuple[Pair, ...]:
    """Every question of a folder with the SQL that lies beside it."""
    model = load_model(example_model())
    found = []
    for name, query in queries_in(folder, model).items():
        plan = make_plan(model, query, ANONYMOUS, Limits())
        statement = render(model, plan)
        by_hand = (folder / f"{name}.sql").read_text("utf-8")
        found.append(Pair(name, plan.names, statement.text, statement.args, by_hand, plan.query.limit + 1))
    return tuple(found)


async def compare(url: str, pairs: Sequence[Pair], rounds: int) -> dict[str, Found]:
    """All pairs over one connection. Raises NotMeasured when the two answers of a pair differ."""
    # The longest of them must also get through on a machine that is busy otherwise.
    settings = PoolSettings(url, min_size=1, max_size=1, statement_timeout_ms=60_000)
    database = await PostgresDatabase.open(settings)
    try:
        return {pair.name: await _compared(database, pair, rounds) for pair in pairs}
    finally:
        await database.close()


async def _compared(database: PostgresDatabase, pair: Pair, rounds: int) -> Found:
    ours, by_hand = [await database.fetch(text, args) for text, args in pair.ways]
    check_equal(pair.name, pair.names, ours, by_hand)
    more = round(SHORT_MS / max(ours.ms + by_hand.ms, 1))
    pid = (await database.fetch("select pg_backend_pid()")).rows[0][0]
    clocks = [_Clock(BackendTime.of(pid)) for _ in pair.ways]
    for turn in range(rounds * max(1, min(more, MOST_TIMES))):
        # Whoever comes first in one round comes second in the next.
        for which in (0, 1) if turn % 2 else (1, 0):
            text, args = pair.ways[which]
            with clocks[which].running():
                await database.fetch(text, args)
    return Found(clocks[0].way, clocks[1].way, len(ours.rows))


class _Clock:
    """Adds up what one way takes."""

    def __init__(self, processor: BackendTime | None) -> None:
        self._processor = processor
        self._ms: list[float] = []
        self._cpu_s = 0.0

    @property
    def way(self) -> Way:
        return Way(tuple(self._ms), self._cpu_s)

    @contextmanager
    def running(self) -> Iterator[None]:
        before, began = self._used(), perf_counter()
        yield
        took = perf_counter() - began
        if took > LONG_S:
            # The time of parallel workers is known when they have ended, a moment after the answer.
            sleep(LONG_S)
        self._ms.append(took * 1000)
        self._cpu_s += self._used() - before

    def _used(self) -> float:
        return self._processor.seconds() if self._processor else 0.0


async def explained(url: str, pair: Pair) -> str:
    """What PostgreSQL does for either way."""
    database = await PostgresDatabase.open(PoolSettings(url, max_size=1, statement_timeout_ms=60_000))
    told = []
    try:
        for name, (text, args) in zip(("Servery", "by hand"), pair.ways, strict=True):
            plan = await database.fetch(f"explain (analyze, buffers off) {text}", args)
            told += [f"{pair.name}: {name}", text, *(f"  {row[0]}" for row in plan.rows), ""]
    finally:
        await database.close()
    return "\n".join(told)


def table_of(found: Mapping[str, Found]) -> Table:
    header = ("question", "rows", "Servery ms", "by hand ms", "ratio", "at least", "at most", "CPU ratio")
    return Table(header, (tuple(_row(name, each) for name, each in found.items()),), frozenset({"question"}))


def _row(name: str, found: Found) -> Cells:
    ratio = found.ratio
    figures = (median(found.ours.ms), median(found.by_hand.ms), ratio.median, ratio.least, ratio.most)
    cpu = found.cpu_ratio
    return (name, f"{found.rows:,}", *map(short, figures), short(cpu) if cpu else "")


def method(found: Mapping[str, Found], sales: int, rounds: int, place: str) -> dict[str, str]:
    """What a reader must know to judge the figures; `place` is the machine as it was at the start."""
    above = [name for name, each in found.items() if each.ratio.median > TARGET]
    return {
        "target": f"{TARGET} or less for each; above it: {', '.join(above) or 'none'}",
        "answers": "the same numbers in the same order, compared before anything is timed",
        "by hand": "bench/pairs/*.sql, beside the questions",
        "data": f"the restaurant example with {sales:,} sales, PostgreSQL as servery demo starts it",
        "rounds": f"{rounds}, and up to {rounds * MOST_TIMES} of what is short, in turn over one connection "
        "with the settings of the service; medians, and of the ratios also the least and the most",
        "CPU ratio": "of what PostgreSQL's processes used, parallel workers included, over all rounds: the "
        "steadiest figure where other programs run; empty where it is too little to tell",
        "versions": versions(PACKAGES, ("PostgreSQL",)),
        "machine": place,
    }


def main(
    rounds: Annotated[int, typer.Option(help="How often each pair is measured.", min=1)] = 9,
    sales: Annotated[int, typer.Option(help="How many sales the example has.", min=1)] = 500_000,
    explain: Annotated[str | None, typer.Option(help="Show what PostgreSQL does for this pair.")] = None,
    save: Annotated[Path | None, typer.Option(help="Write the report to this file, as Markdown.")] = None,
) -> None:
    """Measure Servery's SQL beside SQL that a person writes for the same answer."""
    console, place = Console(), machine()
    try:
        pairs = _chosen(explain)
        with TemporaryDirectory(prefix="servery-bench-") as home:
            found, told = _measured(Path(home), pairs, sales, rounds, explain=explain is not None)
    except (NotMeasured, EmbeddedError) as error:
        typer.echo(f"Not measured: {error}", err=True)
        raise typer.Exit(1) from None
    console.print(told, highlight=False, markup=False, soft_wrap=True)
    title = "Servery's SQL beside a person's"
    report = Report(title, method(found, sales, rounds, place), table_of(found))
    show(report, console)
    if save:
        save.write_text(markdown(report), encoding="utf-8")


def _chosen(name: str | None) -> tuple[Pair, ...]:
    """All pairs, or the one of this name."""
    pairs = pairs_in(PAIRS)
    if name is None:
        return pairs
    found = tuple(pair for pair in pairs if pair.name == name)
    if not found:
        raise NotMeasured(f"There is no pair called {name}: {', '.join(pair.name for pair in pairs)}.")
    return found


def _measured(
    home: Path, pairs: Sequence[Pair], sales: int, rounds: int, *, explain: bool
) -> tuple[dict[str, Found], str]:
    postgres = EmbeddedPostgres(home)
    try:
        url = postgres.start()
        asyncio.run(load_example(url, until=UNTIL, sales=sales))
        found = asyncio.run(compare(url, pairs, rounds))
        return found, "\n".join(asyncio.run(explained(url, pair)) for pair in pairs) if explain else ""
    finally:
        postgres.erase()


if __name__ == "__main__":
    typer.run(main)
