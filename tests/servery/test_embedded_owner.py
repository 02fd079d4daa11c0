"""A whole run in a process of its own: however it ends, nothing of it is left running."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from servery.embedded.postgres import EmbeddedPostgres

pytestmark = pytest.mark.integration

CHECKOUT = Path(__file__).parents[2]
SECONDS = 5.0
OWNER = """
import signal, sys, time
from pathlib import Path
from servery.embedded.postgres import EmbeddedPostgres
from servery.embedded.valkey import EmbeddedValkey
# A shell starts what runs in its background deaf to Ctrl-C, and so all that this starts.
signal.signal(signal.SIGINT, signal.default_int_handler)
home = Path(sys.argv[1])
servers = [EmbeddedPostgres(home, settings={"shared_buffers": "16MB"}), EmbeddedValkey(home)]
for server in servers:
    server.start()
print(*(f"{server.pid} {server._running.process._guard.pid}" for server in servers), flush=True)
if sys.argv[2] == "forgets":
    sys.exit()
try:
    time.sleep(600)
finally:
    for server in servers:
        server.stop()
"""


class Run:
    """An owner and its processes."""

    def __init__(self, home: Path, way: str) -> None:
        command = [sys.executable, "-c", OWNER, str(home), way]
        self.owner = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=CHECKOUT
        )
        assert self.owner.stdout is not None
        with self.owner.stdout as out:
            pids = [int(pid) for pid in out.readline().split()]
        self.servers = pids[0::2]
        self.guards = pids[1::2]
        self.processes = [process for pid in pids for process in _family(pid)]

    def is_over(self) -> bool:
        until = time.monotonic() + SECONDS
        while any(map(_lives, self.processes)) and time.monotonic() < until:
            time.sleep(0.02)
        return not any(map(_lives, self.processes))

    def clean_up(self) -> None:
        self.owner.kill()
        self.owner.wait()
        for process in filter(_lives, self.processes):
            process.kill()


def _family(pid: int) -> list[psutil.Process]:
    try:
        process = psutil.Process(pid)
        return [process, *process.children()]
    except psutil.NoSuchProcess:
        return []


def _lives(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    home = tmp_path_factory.mktemp("run") / "home"
    yield home
    server = EmbeddedPostgres(home)
    server.start()
    server.erase()


@pytest.fixture
def run(home: Path) -> Iterator[Run]:
    run = Run(home, "waits")
    yield run
    run.clean_up()


def test_ctrl_c_stops_both_servers(run: Run) -> None:
    run.owner.send_signal(signal.SIGINT)

    assert run.is_over()


def test_a_killed_owner_leaves_nothing_running(run: Run) -> None:
    assert len(run.processes) > 4

    run.owner.kill()

    assert run.is_over()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="a death signal is Linux's own")
def test_killed_guards_leave_no_server_running(run: Run) -> None:
    for guard in run.guards:
        os.kill(guard, signal.SIGKILL)

    assert run.is_over()


def test_an_owner_that_forgets_to_stop_leaves_nothing_running(home: Path) -> None:
    run = Run(home, "forgets")

    over = run.is_over()

    run.clean_up()
    assert over


def test_the_next_owner_can_start_at_once_where_one_was_killed(run: Run, home: Path) -> None:
    run.owner.kill()
    run.owner.wait()

    with EmbeddedPostgres(home, settings={"shared_buffers": "16MB"}) as server:
        assert server.pid not in run.servers
        assert not server.fresh
