"""From a command to a server that answers, or an error that shows what the server said."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from servery.embedded.errors import ServerFailedError, last_lines
from servery.embedded.port import free_port
from servery.embedded.process import GuardedProcess, ServerCommand

SECONDS_TO_START = 30.0
SECONDS_PER_LOOK = 0.005
SECONDS_BEFORE_RETRY = 0.1
PORT_TAKEN = "Address already in use"
# The last children of a killed postmaster still hold its memory; they end by themselves.
OLD_CHILDREN = "pre-existing shared memory block"


@dataclass(frozen=True, slots=True)
class Launch:
    """How one kind of server is started: its command on a port, and the sign that it answers."""

    what: str
    command: Callable[[int], ServerCommand]
    # Told the server's pid and its port.
    answers: Callable[[int, int], bool]


@dataclass(frozen=True, slots=True)
class Running:
    process: GuardedProcess
    port: int


def launch(how: Launch, port: int, *, may_move: bool, seconds: float = SECONDS_TO_START) -> Running:
    """Start on `port` and return once the server answers.

    A port that was free a moment ago may be taken by now; with `may_move` another one is tried.
    """
    until = time.monotonic() + seconds
    while True:
        command = how.command(port)
        process = GuardedProcess(command)
        try:
            if _answers(how, process, port, until):
                return Running(process, port)
        except BaseException:
            process.stop()
            raise
        process.stop()
        said = command.log.read_text("utf-8", "replace")
        if time.monotonic() > until or not _worth_another_try(said, may_move=may_move):
            raise _failure(how, command, port, said)
        port = free_port() if PORT_TAKEN in said else port
        time.sleep(SECONDS_BEFORE_RETRY)


def _answers(how: Launch, process: GuardedProcess, port: int, until: float) -> bool:
    while process.is_running() and time.monotonic() < until:
        if how.answers(process.pid, port):
            return True
        time.sleep(SECONDS_PER_LOOK)
    return False


def _worth_another_try(said: str, *, may_move: bool) -> bool:
    return OLD_CHILDREN in said or (may_move and PORT_TAKEN in said)


def _failure(how: Launch, command: ServerCommand, port: int, said: str) -> ServerFailedError:
    log = f"The last lines of {command.log}:\n{last_lines(command.log)}"
    if PORT_TAKEN in said:
        return ServerFailedError(
            f"{how.what} cannot use port {port}: it is taken. {log}", "Choose another port."
        )
    return ServerFailedError(
        f"{how.what} did not start. {log}",
        "Free disk space or memory if the lines say so; removing the home's directory starts afresh.",
    )
