"""One server process under its guard, as the owner sees it."""

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from servery.embedded import guard
from servery.embedded.account import Account, server_environment
from servery.embedded.errors import ServerFailedError, last_lines

SECONDS_TO_STOP = 10.0


@dataclass(frozen=True, slots=True)
class ServerCommand:
    """What to run. `signals` end it, the gentle one first; `text` is its standard input."""

    arguments: Sequence[str]
    signals: tuple[signal.Signals, ...]
    log: Path
    account: Account | None = None
    text: str = ""


class GuardedProcess:
    """A running server that ends with this process, however this process ends."""

    def __init__(self, command: ServerCommand) -> None:
        """Start it; returns before the server is ready. The log is begun anew."""
        lifeline, self._lifeline = os.pipe()
        try:
            self._guard = _start_guard(command, lifeline)
        except BaseException:
            os.close(self._lifeline)
            raise
        finally:
            os.close(lifeline)
        self.pid = self._greet(command)

    def is_running(self) -> bool:
        """Whether the server lives; a server that was killed is seen as soon as its guard saw it."""
        return self._guard.poll() is None

    def stop(self) -> None:
        """End the server and return when it is gone. A second call does nothing."""
        if self._lifeline < 0:
            return
        os.close(self._lifeline)
        self._lifeline = -1
        # Said twice: a forked child of this process may hold the lifeline open.
        self._guard.terminate()
        try:
            self._guard.wait(SECONDS_TO_STOP)
        except subprocess.TimeoutExpired:
            self._give_up()

    def kill(self) -> None:
        """End the server as a crash would, and return when it is seen to be gone."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        self._guard.wait(SECONDS_TO_STOP)

    def _greet(self, command: ServerCommand) -> int:
        """Hand over the server's input, and take its pid."""
        guard_in, guard_out = self._guard.stdin, self._guard.stdout
        if guard_in is None or guard_out is None:
            raise AssertionError
        with suppress(BrokenPipeError), guard_in:
            guard_in.write(command.text)
        with guard_out:
            line = guard_out.readline().strip()
        if line.isdigit():
            return int(line)
        self.stop()
        raise ServerFailedError(
            f"The guard of {command.arguments[0]} ended at once:\n{last_lines(command.log)}",
            "Run the command again; if it fails again, the lines above say why.",
        )

    def _give_up(self) -> None:
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        self._guard.kill()
        self._guard.wait()


def _new_log(path: Path) -> BinaryIO:
    """An empty log that guard and server append to, through one descriptor opened by the owner."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW
    return os.fdopen(os.open(path, flags, 0o600), "ab")


def _start_guard(command: ServerCommand, lifeline: int) -> subprocess.Popen[str]:
    signals = ",".join(str(int(number)) for number in command.signals)
    account = [str(command.account.uid), str(command.account.gid)] if command.account else ["-", "-"]
    # By its path and without site packages: it starts in 25 ms, from any directory.
    program = [sys.executable, "-I", "-S", str(guard.__file__)]
    with _new_log(command.log) as log:
        return subprocess.Popen(
            [*program, str(lifeline), signals, *account, *command.arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            pass_fds=(lifeline,),
            start_new_session=True,
            cwd="/",
            env=server_environment(),
            text=True,
        )
