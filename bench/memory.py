"""Does a worker's memory stay flat and bounded under mixed load, and how soon does a new one answer?

    python -m bench.memory [--seconds 180] [--rounds 5] [--save FILE]

The load is bounded in time; the report says to how long a time of ordinary use it amounts.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

import psutil
import typer

from bench.cached import QUESTIONS, cache_answer
from bench.example import example
from bench.machine import lane, machine, placement, versions
from bench.mixture import Counts, mixed_load
from bench.report import Report, Table
from bench.run import run
from bench.servers import ADMINISTRATOR, App, Cores, cores_of_this_machine, pinned_here, served
from bench.starting import IMPORTS, Starts, start_times
from servery.settings import Settings

MEGABYTE: Final = 1_048_576
ALLOWED_MB: Final = 150
"""Beside what answers may take."""

START_S: Final = 1.5
ORDINARY_A_SECOND: Final = 5
QUARTERS: Final = (0.0, 0.25, 0.5, 0.75, 1.0)
SECONDS_PER_LOOK: Final = 0.2


@dataclass(frozen=True, slots=True)
class Sample:
    """Resident memory of the service's process, so many seconds after the start of the load."""

    at: float
    mb: float


def watch(pid: int, began: float, until: float) -> list[Sample]:
    """Look at it until that moment of the monotonic clock."""
    process, found = psutil.Process(pid), []
    while (now := time.monotonic()) < until:
        found.append(Sample(now - began, process.memory_info().rss / MEGABYTE))
        time.sleep(SECONDS_PER_LOOK)
    return found


def quarters(samples: Sequence[Sample]) -> list[float]:
    """At the start, and after each quarter of the time."""
    last = samples[-1].at
    return [min(samples, key=lambda each: abs(each.at - last * part)).mb for part in QUARTERS]


def limit_mb() -> float:
    """What answers may take in memory by default, and what is allowed beside them."""
    return int(Settings.model_fields["memory_bytes"].default) / MEGABYTE + ALLOWED_MB


def table_of(samples: Sequence[Sample]) -> Table:
    header = ("", *(f"after {part:.0%}" if part else "start" for part in QUARTERS), "most", "limit")
    figures = [*quarters(samples), max(each.mb for each in samples), limit_mb()]
    row = ("resident MB", *(f"{figure:.0f}" for figure in figures))
    return Table(header, ((row,),), frozenset({""}))


def under_load(app: App, home: Path, cores: Cores | None, seconds: float) -> tuple[list[Sample], Counts]:
    with served(app, home, cores) as server, pinned_here(cores.load if cores else None):
        # What is loaded once, by the first question, is no growth.
        cache_answer(server, QUESTIONS[10])
        began = time.monotonic()
        with mixed_load(server.port, ADMINISTRATOR, seconds) as counts:
            samples = watch(server.pid, began, began + seconds)
        return samples, counts


def measured(home: Path, seconds: float, rounds: int) -> list[Report]:
    place, cores = machine(), cores_of_this_machine()
    with example(home, cores) as data:
        app = data.servery("Servery", SERVERY_ADMIN_TOKEN=ADMINISTRATOR, CACHE_TTL="300")
        samples, counts = under_load(app, home, cores, seconds)
        starts = start_times(data, rounds)
    return [_memory_report(samples, counts, cores, place), _start_report(starts, place)]


def _memory_report(samples: Sequence[Sample], counts: Counts, cores: Cores | None, place: str) -> Report:
    minutes = counts.total() / ORDINARY_A_SECOND / 60
    half = [each.mb for each in samples if each.at > samples[-1].at / 2]
    told = {
        "limit": f"SERVERY_MEMORY_BYTES and {ALLOWED_MB} MB",
        "second half": f"between {min(half):.0f} and {max(half):.0f} MB",
        "load": f"{counts.total():,} requests in {samples[-1].at:.0f} s, as many as in {minutes:.0f} "
        f"minutes at {ORDINARY_A_SECOND} a second: {counts.told}",
        "start": "after the first answer",
        "fast lane": lane(),
        "cores": placement(cores),
        "versions": versions(),
        "machine": place,
    }
    return Report("Memory of a worker under mixed load", told, table_of(samples))


def _start_report(starts: Starts, place: str) -> Report:
    told = {
        "target": f"below {START_S:g} s",
        "servery serve": "from the start of its process to the first answer, out of a warm Redis; tried "
        "again each 5 ms",
        "imports": f"python -c '{IMPORTS}', in the same rounds: what any such service imports",
        "rounds": f"{len(starts.answers)}, in turn, after one of each that fills the caches",
        "versions": versions(),
        "machine": place,
    }
    return Report("From the start to the first answer", told, starts.table())


def main(
    seconds: Annotated[float, typer.Option(help="How long the mixed load lasts.", min=1)] = 180,
    rounds: Annotated[int, typer.Option(help="How often the start is measured.", min=1)] = 5,
    save: Annotated[Path | None, typer.Option(help="Write the report to this file, as Markdown.")] = None,
) -> None:
    """Measure the memory of a worker, and its start."""
    run(lambda home: measured(home, seconds, rounds), save, seconds + 4 * rounds + 20)


if __name__ == "__main__":
    typer.run(main)
