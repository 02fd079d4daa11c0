"""How often does a reader see what was invalidated before it asked? Ours beside designs that are wrong.

    python -m bench.interleaving [--schedules 3000] [--save FILE]

Schedules are seeded and played on a real server. `tests/cache/interleaving` says what is held.
"""

import time
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console

from bench.machine import machine, versions
from bench.report import Cells, Report, Table, markdown, show
from tests.cache.interleaving.controls import CONTROLS
from tests.cache.interleaving.job import Job, played
from tests.cache.interleaving.outcome import Total
from tests.cache.interleaving.world import Trust

OURS: Final = {
    "ours, told of changes": Trust.TOLD,
    "ours, tokens asked for at each look": Trust.STRICT,
}
HEADER: Final = ("design", "values evicted", "anything evicted", "late reads", "reads", "hits", "turns")


def rows_of_ours(schedules: int) -> tuple[Cells, ...]:
    totals = played(*(Job(trust.name, schedules) for trust in OURS.values()))
    return tuple((name, "", _wrong(total), *_counts(total)) for name, total in zip(OURS, totals, strict=True))


def row_of(name: str, schedules: int) -> Cells:
    """Of a control."""
    calm, evicting = played(*(Job(name, schedules, evicts_tokens=evicts) for evicts in (False, True)))
    return (name, _wrong(calm), _wrong(evicting), *_counts(evicting))


def _wrong(total: Total) -> str:
    if total.errors:
        raise AssertionError(total.errors[0])
    return f"{len(total.wrong):,}"


def _counts(total: Total) -> Cells:
    hits = f"{total.hits / total.reads:.0%}"
    return (f"{total.late:,}", f"{total.reads:,}", hits, f"{total.turns / total.schedules:.0f}")


def main(
    schedules: Annotated[int, typer.Option(help="How many schedules each design plays.", min=1)] = 3000,
    save: Annotated[Path | None, typer.Option(help="Write the report to this file, as Markdown.")] = None,
) -> None:
    """Count the schedules in which a read showed what was invalidated before it began."""
    place, began = machine(), time.monotonic()
    controls = tuple(row_of(name, schedules) for name in CONTROLS)
    ours = rows_of_ours(schedules)
    method = {
        "schedules": f"{schedules:,} of each design; the columns count those with a late read",
        "designs beside ours": "play without faults; ours also with flushes, commands that come too late, "
        "callers who leave, a database that fails",
        "versions": versions(("redis", "hiredis"), ("Valkey",)),
        "machine": place,
        "took": f"{time.monotonic() - began:.0f} s",
    }
    report = Report("Late reads", method, Table(HEADER, (controls, ours), frozenset({"design"})))
    show(report, Console())
    if save:
        save.write_text(markdown(report), encoding="utf-8")


if __name__ == "__main__":
    typer.run(main)
