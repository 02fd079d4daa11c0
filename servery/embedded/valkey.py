"""A Valkey of one's own, from the first call to the end of the process that made it."""

import secrets
import signal
import socket
from collections.abc import Mapping, Sequence
from pathlib import Path

from servery.embedded import orphan
from servery.embedded.binaries import Program, find_valkey
from servery.embedded.launch import Launch
from servery.embedded.port import HOST
from servery.embedded.process import ServerCommand
from servery.embedded.server import EmbeddedServer

SECONDS_TO_ANSWER = 1.0
WELCOME = b"+OK\r\n+PONG\r\n"

# A cache: it keeps nothing on disk, and makes room by forgetting what is least asked for.
SETTINGS: Mapping[str, str] = {
    "bind": HOST,
    "save": '""',
    "appendonly": "no",
    "maxmemory": "256mb",
    "maxmemory-policy": "allkeys-lfu",
}


class EmbeddedValkey(EmbeddedServer):
    """Valkey, empty at each start; its password is kept as long as this object.

    `settings` are Valkey's own, by name, and win over SETTINGS.
    """

    what = "Valkey"
    signals = (signal.SIGTERM,)

    def __init__(
        self, home: Path, *, port: int | None = None, settings: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(home / "valkey", port)
        self._settings = {**SETTINGS, **(settings or {})}
        self._password = secrets.token_urlsafe(24)

    @property
    def url(self) -> str:
        """A REDIS_URL, with the password; known once the server was started."""
        if self._port is None:
            raise RuntimeError("The server has not been started: call start() first.")
        return f"redis://:{self._password}@{HOST}:{self._port}/0"

    def _prepare(self) -> Launch:
        program = find_valkey(self._account)
        _end_orphan(self._pid_file, self.signals)
        return Launch(self.what, lambda port: self._command(program, port), self._answers)

    def _command(self, program: Program, port: int) -> ServerCommand:
        # The settings go in by standard input, where no list of processes shows the password.
        # Without a title of its own the process keeps the command line by which it is known again.
        arguments = [str(program.path), "-", "--port", str(port), "--set-proc-title", "no"]
        settings = {**self._settings, "requirepass": self._password}
        text = "".join(f"{name} {value}\n" for name, value in settings.items())
        return ServerCommand(arguments, self.signals, self.log, self._account, text)

    def _answers(self, pid: int, port: int) -> bool:
        """Whether the server answers to our password: another's on this port would refuse it."""
        try:
            with socket.create_connection((HOST, port), SECONDS_TO_ANSWER) as connection:
                connection.sendall(f"AUTH {self._password}\r\nPING\r\n".encode())
                welcome = connection.makefile("rb").read(len(WELCOME))
        except OSError:
            return False
        if welcome == WELCOME:
            self._pid_file.write_text(f"{pid}\n{port}\n", "ascii")
        return welcome == WELCOME

    @property
    def _pid_file(self) -> Path:
        return self._own / "server.pid"

    def _words(self) -> Sequence[str]:
        return _command_words(str(self._port))


def _command_words(port: str) -> Sequence[str]:
    return ("-server ", f" --port {port} --set-proc-title no")


def _end_orphan(pid_file: Path, signals: Sequence[signal.Signals]) -> None:
    """End a server that outlived its owner: it is known by its pid and its port together."""
    pid = orphan.first_line_pid(pid_file)
    if pid is not None:
        port = pid_file.read_text("ascii").splitlines()[-1]
        orphan.end(pid, _command_words(port), signals)
