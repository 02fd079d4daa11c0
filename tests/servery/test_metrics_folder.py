"""Several processes that count together, some of which die."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import pytest
from prometheus_client.parser import text_string_to_metric_families

from servery.metrics_folder import VARIABLE, folder_of_all, metrics_folder
from tests.fakes import HOUSE

COUNT = """
import sys
import servery
from cache.event import Operation
from servery.metrics import Metrics

metrics = Metrics()
for line in sys.stdin:
    for _ in range(int(line)):
        metrics.requested(200, "OK")
        metrics.took(Operation.MEMORY_HIT, (2.0,))
    metrics.refresh()
    print("done", flush=True)
"""
SHOW = """
import servery
from servery.metrics import Metrics

print(Metrics().exposition().decode())
"""

Worker = Callable[[int], None]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "metrics"
    made.mkdir()
    return made


@contextmanager
def worker(folder: Path) -> Iterator[tuple[subprocess.Popen[str], Worker]]:
    """A process that counts so many requests as it is told, and says when it has."""
    command, environment = [sys.executable, "-c", COUNT], {**os.environ, VARIABLE: str(folder)}
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=HOUSE, env=environment, stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdin
        assert process.stdout
        stdin, stdout = process.stdin, process.stdout

        def count(requests: int) -> None:
            stdin.write(f"{requests}\n")
            stdin.flush()
            assert stdout.readline() == "done\n"

        try:
            yield process, count
        finally:
            process.kill()


def shown(folder: Path) -> dict[str, float]:
    """What another process tells of all, itself among the gauges."""
    command, environment = [sys.executable, "-c", SHOW], {**os.environ, VARIABLE: str(folder)}
    text = subprocess.run(
        command, cwd=HOUSE, env=environment, capture_output=True, text=True, check=True
    ).stdout
    return {
        sample.name: sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.labels in ({}, {"status": "200", "code": "OK"}, {"source": "memory"})
    }


def test_any_process_tells_the_counts_of_all(folder: Path) -> None:
    with worker(folder) as (_, count_here), worker(folder) as (_, count_there):
        count_here(2)
        count_there(3)
        count_here(5)

        told = shown(folder)

    assert told["servery_requests_total"] == told["servery_cache_hits_total"] == 10
    assert told["servery_cache_question_seconds_count"] == 10
    assert told["servery_cache_question_seconds_sum"] == pytest.approx(0.02)
    assert told["servery_processes"] == 3


def test_what_a_dead_worker_has_counted_stays_and_its_state_is_gone(folder: Path) -> None:
    with worker(folder) as (living, count_here):
        count_here(2)
        with worker(folder) as (dying, count_there):
            count_there(3)
            dying.send_signal(signal.SIGKILL)
            dying.wait()

        told = shown(folder)
        again = shown(folder)

        assert living.poll() is None
    assert told["servery_requests_total"] == again["servery_requests_total"] == 5
    assert told["servery_processes"] == again["servery_processes"] == 2


def test_one_process_needs_no_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)

    with metrics_folder(1):
        assert folder_of_all() is None


def leave(used: list[Path]) -> NoReturn:
    """Use the folder, and end as a service does at a signal."""
    with metrics_folder(2):
        folder = folder_of_all()
        assert folder
        (folder / "counter_1.db").write_bytes(b"x")
        used.append(folder)
        raise SystemExit(0)


def test_several_processes_are_given_a_folder_for_as_long_as_they_run(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    used: list[Path] = []

    with pytest.raises(SystemExit):
        leave(used)

    assert len(used) == 1
    assert not used[0].exists()
    assert folder_of_all() is None
