"""How every bench runs: in a temporary folder, with a report or a sentence why there is none."""

import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import typer
from rich.console import Console

from bench.faults import NotMeasured
from bench.report import Report, markdown, show
from servery.embedded.errors import EmbeddedError

PAGE: Final = 160
"""Columns of a report that goes to a file or a log."""

Measure = Callable[[Path], Sequence[Report]]


def run(measure: Measure, save: Path | None, seconds: float) -> None:
    """Show what was measured, and `save` it; `seconds` is about how long it takes."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    console = Console(width=None if sys.stdout.isatty() else PAGE)
    console.print(f"About {seconds:,.0f} seconds ...", highlight=False)
    try:
        with TemporaryDirectory(prefix="servery-bench-") as home:
            reports = measure(Path(home))
    except (NotMeasured, EmbeddedError) as error:
        typer.echo(f"Not measured: {error}", err=True)
        raise typer.Exit(1) from None
    for report in reports:
        show(report, console)
    if save:
        save.write_text("\n".join(map(markdown, reports)), encoding="utf-8")
