"""A real Redis or Valkey on loopback that a test may freeze, kill and bring back."""

import os
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final

_SETTINGS: Final = {"bind": "127.0.0.1", "save": "", "appendonly": "no"}


class RunningRedis:
    """Comes back on the port it had. Keeps nothing on disk, unless it is told to SAVE in a `folder`.

    `settings` are the server's own, by name.
    """

    def __init__(
        self, program: str, settings: Mapping[str, str] | None = None, folder: Path | None = None
    ) -> None:
        self.port = free_port()
        self._program = program
        self._folder = folder or Path(tempfile.gettempdir())
        self.settings = {**_SETTINGS, "dbfilename": f"{self.port}.rdb", **(settings or {})}
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self, *, answers: bytes = b"+PONG") -> None:
        """Return when PING is answered so."""
        settings = {"port": str(self.port), "dir": str(self._folder), **self.settings}
        options = [word for name, value in settings.items() for word in (f"--{name}", value)]
        self._process = subprocess.Popen([self._program, *options], stdout=subprocess.DEVNULL)
        self.until_it_answers(answers)

    def freeze(self) -> None:
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    def kill(self) -> None:
        if self._process is None:
            return
        self._process.kill()
        self._process.wait()
        self._process = None

    def until_it_answers(self, answer: bytes = b"+PONG") -> None:
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            try:
                with socket.create_connection(("127.0.0.1", self.port), 1) as connection:
                    connection.sendall(b"PING\r\n")
                    if connection.recv(16).startswith(answer):
                        return
            except OSError:
                pass
            time.sleep(0.01)
        raise AssertionError(f"{self._program} did not answer {answer!r} on port {self.port} within 10 s")

    def _signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        os.kill(self._process.pid, number)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
