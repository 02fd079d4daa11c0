"""What do change events cost those who write?

    python -m bench.outbox [--seconds 5] [--rounds 5] [--save FILE]

pgbench writes to two databases in turn, one with the triggers of `servery events install` and one without.
"""

import asyncio
import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Annotated, Final
from urllib.parse import urlsplit, urlunsplit

import typer
from rich.console import Console

from bench.comparison import Ratio
from bench.faults import NotMeasured
from bench.machine import machine, versions
from bench.report import Cells, Report, Table, markdown, short, show
from db.copy import fetch_value, run_script
from db.outbox.install import install
from db.outbox.owner import owner
from db.outbox.source import Axis, Source, TimeType
from servery.embedded.account import server_account
from servery.embedded.binaries import find_postgres
from servery.embedded.errors import EmbeddedError
from servery.embedded.postgres import EmbeddedPostgres

SCALE: Final = 10
CLIENTS: Final = 4
# As PostgreSQL comes: what is committed has been written to the disk.
DURABLE: Final = {
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "wal_level": "replica",
    "max_wal_senders": "2",
    "checkpoint_timeout": "15min",
}
ONE_ROW: Final = """
insert into pgbench_history (tid, bid, aid, delta, mtime) values (1, 1, 1, 5, current_timestamp);
"""
MANY_ROWS: Final = """
insert into pgbench_history (tid, bid, aid, delta, mtime)
select 1, 1, n, 5, timestamp '2026-03-03' + n * interval '1 second' from generate_series(1, 100000) as n;
"""
MONTHS: Final = """
insert into pgbench_history (tid, bid, aid, delta, mtime)
select 1, 1, n, 5, timestamp '2025-01-01' + n * interval '5 minutes' from generate_series(1, 100000) as n;
"""
TIME: Final = Axis("mtime", TimeType.TIMESTAMP, "America/Sao_Paulo", "UTC")
RATE: Final = re.compile(r"^tps = ([0-9.]+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Load:
    """What pgbench runs: its own mix, unless there is a script. `waits` for the disk at each commit."""

    title: str
    clients: int
    waits: bool
    script: str = ""


LOADS: Final = (
    Load("pgbench's own (TPC-B)", CLIENTS, waits=True),
    Load("pgbench's own (TPC-B), synchronous_commit off", CLIENTS, waits=False),
    Load("one row a transaction", CLIENTS, waits=True, script=ONE_ROW),
    Load("one row a transaction, synchronous_commit off", CLIENTS, waits=False, script=ONE_ROW),
    Load("100,000 rows of one month", 1, waits=True, script=MANY_ROWS),
    Load("100,000 rows of 12 months", 1, waits=True, script=MONTHS),
)


@dataclass(frozen=True, slots=True)
class Rates:
    """Transactions a second, the same round at the same place of both."""

    load: Load
    told: tuple[float, ...]
    plain: tuple[float, ...]

    @property
    def ratio(self) -> Ratio:
        """With the triggers to without them."""
        return Ratio.of(self.told, self.plain)


@dataclass(frozen=True, slots=True)
class Bench:
    """pgbench and the two databases. `folder` is for its scripts."""

    program: Path
    told: str
    plain: str
    folder: Path

    def rates(self, load: Load, rounds: int, seconds: int) -> Rates:
        """Which of the two comes first changes from round to round."""
        found: dict[str, list[float]] = {self.told: [], self.plain: []}
        for number in range(rounds):
            pair = (self.told, self.plain) if number % 2 else (self.plain, self.told)
            for url in pair:
                found[url].append(self._rate(load, url, seconds))
        return Rates(load, tuple(found[self.told]), tuple(found[self.plain]))

    def prepare(self, url: str) -> None:
        """Tables of pgbench, without its foreign keys."""
        self._run(url, ["--initialize", "--quiet", "--scale", str(SCALE)], waits=False)

    def _rate(self, load: Load, url: str, seconds: int) -> float:
        asyncio.run(run_script(url, "truncate public.pgbench_history; checkpoint"))
        arguments = ["--no-vacuum", "--protocol", "prepared", "--client", str(load.clients)]
        arguments += ["--time", str(seconds)]
        if load.script:
            script = self.folder / "script.sql"
            script.write_text(load.script, encoding="utf-8")
            arguments += ["--file", str(script)]
        told = RATE.search(self._run(url, arguments, waits=load.waits))
        if told is None:
            raise NotMeasured("pgbench told no rate.")
        return float(told[1])

    def _run(self, url: str, arguments: list[str], *, waits: bool) -> str:
        parts = urlsplit(url)
        # The user's name is that of our schema, which would come before `public`.
        options = f"-c search_path=public -c synchronous_commit={'on' if waits else 'off'}"
        environment = {
            **os.environ,
            "PGPASSWORD": parts.password or "",
            "PGOPTIONS": options,
        }
        place = [
            "--host",
            parts.hostname or "",
            "--port",
            str(parts.port),
            "--username",
            parts.username or "",
        ]
        command = [str(self.program), *place, *arguments, parts.path.lstrip("/")]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            raise NotMeasured(f"pgbench ended with {done.returncode}: {done.stderr}")
        return done.stdout


def sources() -> tuple[Source, ...]:
    """A model that reads every table which pgbench writes."""
    plain = ("pgbench_accounts", "pgbench_branches", "pgbench_tellers")
    history = Source("history", "public", "pgbench_history", TIME)
    return (history, *(Source(name.removeprefix("pgbench_"), "public", name) for name in plain))


def measure(server: EmbeddedPostgres, folder: Path, rounds: int, seconds: int) -> tuple[Rates, ...]:
    """Raises NotMeasured when there is no pgbench, or when the triggers told nothing."""
    program = find_postgres(server_account(os.geteuid())).path.with_name("pgbench")
    if not program.exists():
        raise NotMeasured(f"There is no pgbench beside {program.with_name('postgres')}.")
    url = server.start()
    told, plain = (urlunsplit(urlsplit(url)._replace(path=f"/{name}")) for name in ("told", "plain"))
    bench = Bench(program, told, plain, folder)
    for each, name in ((told, "told"), (plain, "plain")):
        asyncio.run(run_script(url, f"create database {name}"))
        bench.prepare(each)
    asyncio.run(_installed(told))
    found = tuple(bench.rates(load, rounds, seconds) for load in LOADS)
    if not asyncio.run(fetch_value(told, "select exists (select from servery.changes)")):
        raise NotMeasured("The triggers wrote nothing.")
    return found


async def _installed(url: str) -> None:
    async with owner(url) as own:
        done = await install(own, sources())
    if done.failures or done.missing:
        raise NotMeasured(f"Not every table has triggers: {done.failures or done.missing}")


def table_of(rates: tuple[Rates, ...]) -> Table:
    header = ("load", "clients", "without, per second", "with, per second", "ratio", "at least", "at most")
    return Table(header, tuple((row,) for row in _rows(rates)), frozenset({"load"}))


def _rows(rates: tuple[Rates, ...]) -> Iterator[Cells]:
    for each in rates:
        ratio = each.ratio
        figures = (median(each.plain), median(each.told), ratio.median, ratio.least, ratio.most)
        yield (each.load.title, str(each.load.clients), *map(short, figures))


def method(rounds: int, seconds: int, place: str) -> Mapping[str, str]:
    """What a reader must know to judge the figures; `place` is the machine as it was at the start."""
    return {
        "load": f"pgbench at scale {SCALE}, prepared statements; server and load share the machine",
        "triggers": "on all four tables of pgbench; those of its history tell months",
        "rounds": f"{rounds}, of {seconds} s for each database, in turn; medians, and of the ratios also the "
        "least and the most",
        "versions": versions((), ("PostgreSQL",)),
        "machine": place,
    }


def main(
    seconds: Annotated[int, typer.Option(help="How long each measurement takes.", min=1)] = 5,
    rounds: Annotated[int, typer.Option(help="How often each is repeated.", min=1)] = 5,
    save: Annotated[Path | None, typer.Option(help="Write the report to this file, as Markdown.")] = None,
) -> None:
    """Measure writing with change events beside writing without them."""
    console, place = Console(), machine()
    console.print(f"About {2 * len(LOADS) * rounds * seconds + 15} seconds ...", highlight=False)
    with TemporaryDirectory(prefix="servery-bench-") as home:
        server = EmbeddedPostgres(Path(home), settings=DURABLE)
        try:
            rates = measure(server, Path(home), rounds, seconds)
        except (NotMeasured, EmbeddedError) as error:
            typer.echo(f"Not measured: {error}", err=True)
            raise typer.Exit(1) from None
        finally:
            server.erase()
    title = "Writing with change events, and without them"
    report = Report(title, method(rounds, seconds, place), table_of(rates))
    show(report, console)
    if save:
        save.write_text(markdown(report), encoding="utf-8")


if __name__ == "__main__":
    typer.run(main)
