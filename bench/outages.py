"""What do users notice when something happens to Redis? One row for each fault.

    python -m bench.outages [--seconds 5] [--only WORDS] [--save FILE]

Two processes ask all the time: one with a memory of its own, one without. The data changes twice during each
fault, with an invalidation by a third process, and by the first of them.
"""

import asyncio
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Final

import typer
from rich.console import Console

from bench.machine import machine, versions
from bench.report import Cells, Report, Table, markdown, short, show
from cache import Source
from tests.cache.drills.faults import FAULTS, Fault
from tests.cache.drills.run import Drilled, drill
from tests.cache.drills.users import Seen

HEADER: Final = (
    "fault",
    "answers from",
    "without memory",
    "added: median ms",
    "most ms",
    "invalidations",
    "used again after s",
)
WORDS: Final = frozenset({"fault", "answers from", "without memory", "invalidations"})
_LEAST_SHARE: Final = 0.005


def row(drilled: Drilled) -> Cells:
    remembering, forgetful = drilled.seen["with memory"], drilled.seen["without"]
    done = sum(drilled.orders)
    return (
        drilled.fault.name,
        sources(remembering),
        sources(forgetful),
        short(forgetful.p50_ms),
        short(max(remembering.max_ms, forgetful.max_ms)),
        "work" if done == len(drilled.orders) else "refused" if done == 0 else "refused here",
        f"{drilled.recovery:.1f}",
    )


def sources(seen: Seen) -> str:
    """The shares, nearest first."""
    total = seen.sources.total()
    shares = [(source.value, seen.sources[source] / total) for source in Source]
    return ", ".join(f"{share:.0%} {name}" for name, share in shares if share > _LEAST_SHARE)


async def measure(faults: tuple[Fault, ...], seconds: float) -> list[Drilled]:
    """One after the other. Whoever was misled or saw an error makes it end."""
    found = []
    with TemporaryDirectory() as folder:
        for fault in faults:
            drilled = await drill(fault, Path(folder), seconds)
            assert not drilled.wrong, (fault.name, drilled.wrong[0])
            assert not drilled.errors, (fault.name, drilled.errors[0])
            found.append(drilled)
    return found


def main(
    seconds: Annotated[float, typer.Option(help="How long each fault lasts.", min=3.5)] = 5.0,
    only: Annotated[str, typer.Option(help="Only faults with these words in their name.")] = "",
    save: Annotated[Path | None, typer.Option(help="Write the report to this file, as Markdown.")] = None,
) -> None:
    """Measure every fault."""
    place = machine()
    faults = tuple(fault for fault in FAULTS if only in fault.name)
    drilled = asyncio.run(measure(faults, seconds))
    answers = sum(len(seen.added) for each in drilled for seen in each.seen.values())
    method = {
        "answers": f"{answers:,}; no error, and none older than an invalidation that had returned, but for "
        "flagged ones (stale) and, in another process than the one that gave the order, for a lease of 1 s",
        "added": "beyond the load itself, which takes no time here; without what this machine was busy",
        "used again": "until a new question is answered from Redis, counted from the end of the fault",
        "lasts": f"{seconds:g} s",
        "versions": versions(("redis", "hiredis"), ("Valkey",)),
        "machine": place,
    }
    report = Report("Faults of Redis", method, Table(HEADER, (tuple(map(row, drilled)),), WORDS))
    show(report, Console())
    if save:
        save.write_text(markdown(report), encoding="utf-8")


if __name__ == "__main__":
    typer.run(main)
