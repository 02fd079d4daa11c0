"""Schedules to be played in a process of its own."""

import json
import subprocess
import sys
from dataclasses import asdict, dataclass

from tests.cache.interleaving.outcome import Total
from tests.fakes import HOUSE

_LONGEST = 3600.0


@dataclass(frozen=True, slots=True)
class Job:
    """`design` is a control, or what ours is held to. It ends when it was wrong `enough` times."""

    design: str
    schedules: int
    evicts_tokens: bool = True
    enough: int | None = None

    def start(self) -> "subprocess.Popen[str]":
        command = [sys.executable, "-m", "tests.cache.interleaving", json.dumps(asdict(self))]
        return subprocess.Popen(command, cwd=HOUSE, stdout=subprocess.PIPE, text=True)


def played(*jobs: Job) -> list[Total]:
    """What came of each; they run beside each other."""
    processes = [job.start() for job in jobs]
    try:
        told = [process.communicate(timeout=_LONGEST)[0] for process in processes]
    finally:
        for process in processes:
            process.kill()
            process.wait()
    return [Total(**json.loads(words)) for words in told]
