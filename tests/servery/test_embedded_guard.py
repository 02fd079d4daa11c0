"""The guard ends its server in every way that an owner can go."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from servery.embedded.account import Account, server_account
from servery.embedded.process import GuardedProcess, ServerCommand

SECONDS = 5.0
CHECKOUT = Path(__file__).parents[2]
on_linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="a death signal is Linux's own")
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can run a server as another user")

OWNER = """
import os, sys, time
from pathlib import Path
from signal import SIGTERM
from servery.embedded.process import GuardedProcess, ServerCommand
command = ServerCommand(["/bin/sleep", "600"], (SIGTERM,), Path(sys.argv[1]))
server = GuardedProcess(command)
forked = os.fork() if sys.argv[2] == "forks" else -1
if forked:
    print(server.pid, server._guard.pid, forked, flush=True)
time.sleep(600)
"""


def within(seconds: float, claim: Callable[[], bool]) -> bool:
    until = time.monotonic() + seconds
    while not claim() and time.monotonic() < until:
        time.sleep(0.01)
    return claim()


def gone(pid: int) -> bool:
    """A zombie has ended too: who reaps it is not the guard's affair."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "server.log"


def shell(script: str, log: Path, account: Account | None = None, text: str = "") -> ServerCommand:
    return ServerCommand(["/bin/sh", "-c", script], (signal.SIGTERM,), log, account, text)


@pytest.fixture(params=["forks", "stays alone"])
def owner(request: pytest.FixtureRequest, log: Path) -> Iterator[tuple[int, int, int]]:
    """An owner in a process of its own: its pid, the server's and the guard's."""
    program = [sys.executable, "-c", OWNER, str(log), request.param]
    with subprocess.Popen(program, stdout=subprocess.PIPE, text=True, cwd=CHECKOUT) as process:
        assert process.stdout is not None
        server, guard, forked = map(int, process.stdout.readline().split())
        try:
            yield process.pid, server, guard
        finally:
            for pid in {process.pid, server, guard, forked} - {-1}:
                if not gone(pid):
                    os.kill(pid, signal.SIGKILL)


def test_a_stopped_server_is_gone_when_stop_returns(log: Path) -> None:
    server = GuardedProcess(shell("exec sleep 600", log))
    running = server.is_running()

    server.stop()

    assert running
    assert not server.is_running()
    assert gone(server.pid)


def test_the_gentle_signal_comes_first(log: Path) -> None:
    script = "trap 'echo goodbye; exit 0' TERM; echo ready; while :; do sleep 0.05; done"
    server = GuardedProcess(shell(script, log))
    assert within(SECONDS, lambda: "ready" in log.read_text())

    server.stop()

    assert log.read_text() == "ready\ngoodbye\n"


def test_a_server_that_ignores_the_gentle_signal_is_killed(log: Path) -> None:
    script = "trap '' TERM; echo ready; while :; do sleep 0.05; done"
    server = GuardedProcess(shell(script, log))
    assert within(SECONDS, lambda: "ready" in log.read_text())

    server.stop()

    assert gone(server.pid)


def test_a_frozen_server_is_ended_gently_too(log: Path) -> None:
    script = "trap 'echo goodbye; exit 0' TERM; echo ready; while :; do sleep 0.05; done"
    server = GuardedProcess(shell(script, log))
    assert within(SECONDS, lambda: "ready" in log.read_text())
    os.kill(server.pid, signal.SIGSTOP)

    server.stop()

    assert log.read_text() == "ready\ngoodbye\n"


def test_a_server_that_ends_by_itself_is_noticed(log: Path) -> None:
    server = GuardedProcess(shell("echo I give up; exit 3", log))

    noticed = within(SECONDS, lambda: not server.is_running())

    server.stop()
    assert noticed
    assert log.read_text() == "I give up\n"


def test_a_program_that_cannot_be_run_says_so_in_the_log(log: Path) -> None:
    server = GuardedProcess(ServerCommand(["/nowhere/server"], (signal.SIGTERM,), log))

    assert within(SECONDS, lambda: not server.is_running())

    server.stop()
    assert log.read_text() == "/nowhere/server: No such file or directory\n"


def test_a_server_reads_its_settings_from_standard_input(log: Path) -> None:
    server = GuardedProcess(shell("cat", log, text="password 123\n"))

    assert within(SECONDS, lambda: not server.is_running())

    server.stop()
    assert log.read_text() == "password 123\n"


def test_the_log_is_begun_anew_and_is_the_owners_alone(log: Path) -> None:
    for _ in range(2):
        server = GuardedProcess(shell("echo hello", log))
        assert within(SECONDS, lambda: not server.is_running())  # noqa: B023 - called before the next round
        server.stop()

    assert log.read_text() == "hello\n"
    assert log.stat().st_mode & 0o777 == 0o600


def test_a_log_that_is_a_link_is_not_followed(log: Path, tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.write_text("keep")
    log.symlink_to(precious)

    with pytest.raises(OSError, match="symbolic link"):
        GuardedProcess(shell("echo overwritten", log))

    assert precious.read_text() == "keep"


def test_a_server_does_not_see_its_owners_environment(log: Path) -> None:
    os.environ["SERVERY_TEST_SECRET"] = "hidden"
    try:
        server = GuardedProcess(shell("env", log))
    finally:
        del os.environ["SERVERY_TEST_SECRET"]
    assert within(SECONDS, lambda: not server.is_running())
    server.stop()

    assert "SERVERY_TEST_SECRET" not in log.read_text()
    assert "LC_ALL=C" in log.read_text()


def test_a_server_and_its_guard_stand_outside_the_owners_process_group(log: Path) -> None:
    """Ctrl-C reaches the owner alone, which then ends them in its order."""
    server = GuardedProcess(shell("exec sleep 600", log))
    groups = {os.getpgid(server.pid), os.getpgid(server._guard.pid)}
    server.stop()

    assert os.getpgrp() not in groups


def test_a_server_holds_no_descriptor_but_its_own(log: Path) -> None:
    server = GuardedProcess(shell("exec sleep 600", log))
    descriptors = psutil.Process(server.pid).num_fds()
    server.stop()

    assert descriptors == 3


@as_root
def test_a_server_of_root_runs_as_an_unprivileged_user_with_no_other_group(log: Path) -> None:
    account = server_account(0)
    assert account is not None
    groups = os.getgroups()
    os.setgroups([*groups, 4])
    try:
        server = GuardedProcess(shell("id -u; id -G", log, account))
    finally:
        os.setgroups(groups)
    assert within(SECONDS, lambda: not server.is_running())
    server.stop()

    assert log.read_text().split() == [str(account.uid), str(account.gid)]


def test_a_killed_owner_takes_its_server_along(owner: tuple[int, int, int]) -> None:
    pid, server, guard = owner

    os.kill(pid, signal.SIGKILL)

    assert within(SECONDS, lambda: gone(server) and gone(guard))


@on_linux
def test_a_killed_guard_takes_the_server_along(owner: tuple[int, int, int]) -> None:
    _, server, guard = owner

    os.kill(guard, signal.SIGKILL)

    assert within(SECONDS, lambda: gone(server))


@on_linux
@as_root
def test_a_killed_guard_takes_along_a_server_of_another_user(log: Path) -> None:
    """The change of user clears the death signal, so it must be asked for afterwards."""
    server = GuardedProcess(shell("exec sleep 600", log, server_account(0)))
    assert within(SECONDS, lambda: psutil.Process(server.pid).name() == "sleep")

    os.kill(server._guard.pid, signal.SIGKILL)

    try:
        assert within(SECONDS, lambda: gone(server.pid))
    finally:
        server.stop()


def test_a_guard_that_is_asked_to_end_ends_its_server(log: Path) -> None:
    server = GuardedProcess(shell("exec sleep 600", log))

    os.kill(server._guard.pid, signal.SIGTERM)

    assert within(SECONDS, lambda: not server.is_running() and gone(server.pid))
    server.stop()
