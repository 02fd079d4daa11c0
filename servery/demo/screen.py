"""Shows the steps of the one-command run: a moving line for each that runs, a settled one for each done."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn


class Screen:
    """Where there is no terminal, only the settled lines are written."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(bar_width=30),
            TimeElapsedColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )

    @contextmanager
    def shown(self) -> Iterator[None]:
        with self._progress:
            yield

    @contextmanager
    def step(self, name: str) -> Iterator["Step"]:
        """A step that is done when the block ends; one that fails leaves no line."""
        began = time.monotonic()
        step = Step(self._progress, self._progress.add_task(name, total=None), name)
        try:
            yield step
            self._settle(step.words, time.monotonic() - began)
        finally:
            self._progress.remove_task(step.task)

    def _settle(self, words: str, seconds: float) -> None:
        self._progress.console.print(
            f"  [green]✓[/green] {words} [dim]{seconds:.1f} s[/dim]", highlight=False
        )


class Step:
    """`words` may be changed while the step runs; they are what stays."""

    def __init__(self, progress: Progress, task: TaskID, words: str) -> None:
        self._progress = progress
        self.task = task
        self.words = words

    def at(self, done: int, total: int) -> None:
        self._progress.update(self.task, completed=done, total=total)
