"""For how long do other processes show the old answer, after an invalidation has returned?

    python -m bench.coherence [--orders 300] [--save FILE]

Each order changes a number in the database and then invalidates. Two processes ask for it all the time, about
every millisecond, and keep when they asked last and were shown the number before. "Late" is how long that was
after the order had returned: 0 when nobody asked in between and saw it.
"""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Final

import typer
from rich.console import Console

from bench.machine import machine, versions
from bench.report import Cells, Report, Table, markdown, short, show
from tests.cache.node import program
from tests.cache.processes.coherence import PROCESSES, Lateness, Watched, watched
from tests.cache.servers import RunningRedis

HEADER: Final = ("what happens", "numbers seen", "late: median ms", "p99 ms", "most ms", "flagged: most ms")


def row(name: str, lateness: Lateness) -> Cells:
    figures = (lateness.median, lateness.p99, lateness.most, max(lateness.flagged, default=0.0))
    return (name, f"{len(lateness.fresh)}", *map(short, figures))


def measured(orders: int) -> Watched:
    server = RunningRedis(program())
    server.start()
    try:
        with TemporaryDirectory() as folder:
            return watched(server, Path(folder), orders=orders)
    finally:
        server.kill()


def main(
    orders: Annotated[int, typer.Option(help="How often the number changes in each phase.", min=3)] = 300,
    save: Annotated[Path | None, typer.Option(help="Write the report to this file, as Markdown.")] = None,
) -> None:
    """Measure how late other processes are."""
    place = machine()
    seen = measured(orders)
    rows = tuple(row(name, lateness) for name, lateness in seen.lateness.items())
    answers = [f"{sum(told.sources.values()):,}" for told in seen.told]
    method = {
        "processes": f"{PROCESSES}, given {' and '.join(answers)} answers; a third one invalidates",
        "flagged": "answers with source STALE, while the server was away or the connections stalled",
        "refused": f"{seen.refused} orders, while the server was away: whoever gave them was told so",
        "versions": versions(("redis", "hiredis"), ("Valkey",)),
        "machine": place,
    }
    report = Report("Other processes", method, Table(HEADER, (rows,), frozenset({"what happens"})))
    show(report, Console())
    if save:
        save.write_text(markdown(report), encoding="utf-8")


if __name__ == "__main__":
    typer.run(main)
