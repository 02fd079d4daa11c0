"""Ends a server that outlived its owner and its guard, and nothing else."""

import os
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

SECONDS_PER_SIGNAL = 3.0
SECONDS_PER_LOOK = 0.01


def first_line_pid(path: Path) -> int | None:
    """The pid on the first line of a server's pid file, if there is one."""
    try:
        line = path.read_text("utf-8", "replace").partition("\n")[0].strip()
    except OSError:
        return None
    return int(line) if line.isdigit() and int(line) > 1 else None


def runs_with(pid: int, words: Sequence[str]) -> bool:
    """Whether `pid` lives and its command line has all of `words`.

    A pid alone proves nothing: after a restart of the machine it may be anybody's.
    """
    command = _command_line(pid)
    return bool(command) and all(word in command for word in words)


def end(pid: int, words: Sequence[str], signals: Sequence[signal.Signals]) -> bool:
    """End `pid` if its command line has `words`, the gentle signal first; whether it is gone."""
    for number in (*signals, signal.SIGKILL):
        if not runs_with(pid, words):
            return True
        _send(pid, number)
        _send(pid, signal.SIGCONT)
        until = time.monotonic() + SECONDS_PER_SIGNAL
        while runs_with(pid, words) and time.monotonic() < until:
            time.sleep(SECONDS_PER_LOOK)
    return not runs_with(pid, words)


def _send(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except (ProcessLookupError, PermissionError):
        return


def _command_line(pid: int) -> str:
    """The whole command line; empty for a process that ended, also when nobody has reaped it yet."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
    except (FileNotFoundError, ProcessLookupError):
        return "" if Path("/proc/self/cmdline").exists() else _command_by_ps(pid)


def _command_by_ps(pid: int) -> str:
    done = subprocess.run(
        ["/bin/ps", "-ww", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return done.stdout.strip()
