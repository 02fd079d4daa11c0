"""What can go wrong with an embedded server, and what the reader can do about it."""

from pathlib import Path

LOG_LINES = 12


class EmbeddedError(Exception):
    """A server could not be had. `hint` says what to do."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(f"{message}\n{hint}")
        self.message = message
        self.hint = hint


class ProgramMissingError(EmbeddedError):
    """No usable program of this kind was found."""


class HomeInUseError(EmbeddedError):
    """Another living process owns the server of this home."""


class HomeRefusedError(EmbeddedError):
    """A directory exists, but it is not one that this process may trust or use."""


class ServerFailedError(EmbeddedError):
    """The program was found, but it ended or never became ready."""


def last_lines(log: Path, count: int = LOG_LINES) -> str:
    """The end of a server's log, indented; a sentence when there is none."""
    try:
        lines = log.read_text("utf-8", "replace").splitlines()
    except OSError:
        lines = []
    return "\n".join(f"  {line}" for line in lines[-count:]) or "  (the log is empty)"
