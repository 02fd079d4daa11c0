"""How long a new process of the service takes to its first answer."""

import os
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import median
from typing import Final

import orjson

from bench.cached import ASKED_BEFORE, QUESTIONS, analytics_of
from bench.comparison import Ratio
from bench.example import Example
from bench.faults import NotMeasured
from bench.report import Cells, Table, short
from bench.serve import CHECKOUT
from bench.servers import post
from servery.embedded.port import free_port

MOST_START_S: Final = 30.0
TRIES: Final = 4
IMPORTS: Final = "import fastapi, strawberry"


@dataclass(frozen=True, slots=True)
class Starts:
    """Seconds: of a process until its first answer out of a warm Redis, and of the imports alone."""

    answers: tuple[float, ...]
    imports: tuple[float, ...]

    def table(self) -> Table:
        header = ("process", "median s", "least", "most", "ratio", "at least", "at most")
        ratio = Ratio.of(self.answers, self.imports)
        ratios = (ratio.median, ratio.least, ratio.most)
        rows = (
            (*_row("servery serve, to the first answer", self.answers), *map(short, ratios)),
            (*_row("imports alone", self.imports), "", "", ""),
        )
        return Table(header, (rows,), frozenset({"process"}))


def _row(name: str, seconds: tuple[float, ...]) -> Cells:
    return (name, *map(short, (median(seconds), min(seconds), max(seconds))))


def start_times(data: Example, rounds: int) -> Starts:
    """In turn."""
    # Else an answer that is loaded quickly is in Redis from its second load on.
    app = data.servery("Servery", SERVERY_CHEAP_MS="0")
    environment = {**os.environ, **app.environment, "PYTHONPATH": CHECKOUT}
    _seconds_to_answer(environment, times=ASKED_BEFORE)
    _seconds_to_import()
    answers, imports = [], []
    for _ in range(rounds):
        answers.append(_seconds_to_cached_answer(environment))
        imports.append(_seconds_to_import())
    return Starts(tuple(answers), tuple(imports))


def _seconds_to_cached_answer(environment: Mapping[str, str]) -> float:
    """A start in which Redis answered too late, on a busy machine, is none from a warm Redis."""
    for _ in range(TRIES):
        seconds, source = _seconds_to_answer(environment)
        if source == "REDIS":
            return seconds
    raise NotMeasured(f"The first answer did not come out of Redis in {TRIES} starts: {source}.")


def _seconds_to_answer(environment: Mapping[str, str], times: int = 0) -> tuple[float, str]:
    """And where that answer was from. Then ask so many more `times`, which fills the cache."""
    port = free_port()
    command = [sys.executable, "-m", "servery", "serve", "--port", str(port)]
    question = orjson.dumps({"query": QUESTIONS[100]})
    began = time.perf_counter()
    with subprocess.Popen(
        command, cwd=CHECKOUT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            answer = _first_answer(port, question, began + MOST_START_S)
            took = time.perf_counter() - began
            for _ in range(times):
                post(port, question)
        finally:
            process.terminate()
    return took, analytics_of(answer)["metadata"]["source"]


def _first_answer(port: int, question: bytes, until: float) -> bytes:
    while time.perf_counter() < until:
        try:
            return post(port, question).body
        except OSError:
            time.sleep(0.005)
    raise NotMeasured(f"The service did not answer within {MOST_START_S:g} s.")


def _seconds_to_import() -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", IMPORTS], check=True)
    return time.perf_counter() - began
