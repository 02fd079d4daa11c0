"""Starts such processes, gives them orders, and reads what they tell."""

import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from tests.cache.processes.task import Task, Told
from tests.fakes import HOUSE

_PROGRAM = "tests.cache.processes.worker"


class Crew:
    """One process."""

    def __init__(self, task: Task) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", _PROGRAM, task.encode()],
            cwd=HOUSE,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    @property
    def pid(self) -> int:
        return self._process.pid

    def until_ready(self) -> None:
        assert self._line() == "ready"

    def order(self, word: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{word}\n")
        self._process.stdin.flush()

    def told(self) -> Told | None:
        """What it tells in the end; None when it was killed."""
        line = self._line()
        self._process.wait(10)
        return Told.decode(line) if line else None

    def kill(self) -> None:
        self._process.kill()

    def end(self) -> None:
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()

    def _line(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()


@contextmanager
def fleet(tasks: Sequence[Task]) -> Iterator[list[Crew]]:
    """All of them, ready."""
    crews = [Crew(task) for task in tasks]
    try:
        for crew in crews:
            crew.until_ready()
        yield crews
    finally:
        for crew in crews:
            crew.end()
