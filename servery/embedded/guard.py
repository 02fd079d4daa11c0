"""Stands between the owner and one server, and ends the server when the owner is gone.

Run as `guard.py LIFELINE SIGNALS UID GID PROGRAM [ARGUMENT...]`, in a session of its own. LIFELINE is the
read end of a pipe whose only write end the owner holds. SIGNALS are the numbers that end the server, the
gentle one first. UID and GID are the server's account, or `-`. The server's pid is the one line on standard
output; standard input is the server's; all that the server says goes to standard error.
Standard library only, and run by its path, so that it starts in a few milliseconds.
"""

import ctypes
import os
import select
import signal
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress

SECONDS_PER_SIGNAL = 2.0
SECONDS_PER_LOOK = 1.0
PR_SET_PDEATHSIG = 1
WAKING = (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
CANNOT_RUN = 127


def main(arguments: list[str]) -> int:
    """Start the server and wait for its end or the owner's; return the server's exit status."""
    owner = os.getppid()
    lifeline, signals = int(arguments[0]), [int(number) for number in arguments[1].split(",")]
    os.set_inheritable(lifeline, False)
    waker = _waker()
    server = _start(arguments[2], arguments[3], arguments[4:], last=signals[-1])
    _tell(server)
    status = _watch(server, owner, lifeline, waker)
    return _end(server, signals, waker) if status is None else status


def _waker() -> int:
    """A descriptor that becomes readable when a signal arrives."""
    reader, writer = os.pipe()
    os.set_blocking(reader, False)
    os.set_blocking(writer, False)
    signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    for number in WAKING:
        signal.signal(number, lambda *_: None)
    return reader


def _start(uid: str, gid: str, command: list[str], *, last: int) -> int:
    """Return once the program itself runs: before that, a signal would find the guard's own handlers."""
    guard, die_with_guard = os.getpid(), _death_signal(last)
    reader, writer = os.pipe()
    server = os.fork()
    if server:
        os.close(writer)
        # The child's end closes when the program takes the child over, or when that fails.
        os.read(reader, 1)
        os.close(reader)
        return server
    try:
        _become(uid, gid)
        # After the change of user, which clears the request; it is tied to the guard's only thread.
        die_with_guard()
        if os.getppid() == guard:
            os.execv(command[0], command)  # noqa: S606 - no shell is wanted
    except OSError as fault:
        os.write(2, f"{command[0]}: {fault.strerror}\n".encode())
    finally:
        os._exit(CANNOT_RUN)


def _become(uid: str, gid: str) -> None:
    """A session of its own, all output to the log, default signals, and the right user."""
    os.setsid()
    os.dup2(2, 1)
    signal.set_wakeup_fd(-1)
    for number in (*WAKING, signal.SIGPIPE):
        signal.signal(number, signal.SIG_DFL)
    if uid != "-":
        os.setgroups([])
        os.setgid(int(gid))
        os.setuid(int(uid))


def _death_signal(number: int) -> Callable[[], object]:
    """What the child calls to be signalled when the guard itself is killed; Linux only."""
    if not sys.platform.startswith("linux"):
        return lambda: None
    prctl = ctypes.CDLL(None).prctl
    return lambda: prctl(PR_SET_PDEATHSIG, number, 0, 0, 0)


def _tell(server: int) -> None:
    """Say the pid and close both ends that belong to the server and the owner."""
    with suppress(BrokenPipeError):
        os.write(1, f"{server}\n".encode())
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)


def _watch(server: int, owner: int, lifeline: int, waker: int) -> int | None:
    """The server's status once it has ended by itself; None once it should be ended."""
    while True:
        ready, _, _ = select.select([lifeline, waker], [], [], SECONDS_PER_LOOK)
        status = _status(server)
        if status is not None:
            return status
        # A forked child of the owner may still hold the lifeline, so the owner's life is looked at too.
        if lifeline in ready or os.getppid() != owner:
            return None
        if waker in ready and any(number != signal.SIGCHLD for number in os.read(waker, 64)):
            return None


def _end(server: int, signals: Sequence[int], waker: int) -> int:
    for number in (*signals, signal.SIGKILL):
        os.kill(server, number)
        # A stopped process only takes the signal once it goes on.
        os.kill(server, signal.SIGCONT)
        status = _status_within(server, SECONDS_PER_SIGNAL, waker)
        if status is not None:
            return status
    return os.waitstatus_to_exitcode(os.waitpid(server, 0)[1])


def _status_within(server: int, seconds: float, waker: int) -> int | None:
    until = time.monotonic() + seconds
    while (status := _status(server)) is None and (left := until - time.monotonic()) > 0:
        select.select([waker], [], [], left)
        with suppress(BlockingIOError):
            os.read(waker, 64)
    return status


def _status(server: int) -> int | None:
    ended, status = os.waitpid(server, os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if ended else None


if __name__ == "__main__":
    # A server ended by signal 9 is told as 128 + 9, as a shell does.
    code = main(sys.argv[1:])
    sys.exit(code if code >= 0 else 128 - code)
