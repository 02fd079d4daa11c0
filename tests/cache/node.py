"""Real servers on loopback, to be frozen, killed and brought back.

They are the embedded Valkey, or what TEST_REDIS_PROGRAM names. They keep nothing on disk but what they need
to know of each other.
"""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import redis
from redis import Connection

from servery.embedded.binaries import find_valkey
from tests.cache.servers import free_port

PATIENCE: Final = 20.0
CACHE: Final = {"save": '""', "appendonly": "no"}

_given: set[int] = set()


def fresh_port() -> int:
    """One that no other server of this process has been given, started or not."""
    while (port := free_port()) in _given:
        pass
    _given.add(port)
    return port


def program() -> str:
    return os.environ.get("TEST_REDIS_PROGRAM") or str(find_valkey(None).path)


class Node:
    """One server process, with a folder of its own. It comes back on the port it had."""

    def __init__(
        self, folder: Path, settings: Mapping[str, str] | None = None, *, sentinel: bool = False
    ) -> None:
        self.port = fresh_port()
        self.folder = folder / str(self.port)
        self.folder.mkdir()
        self.settings = {**({} if sentinel else CACHE), **(settings or {})}
        self._words = ["--sentinel"] if sentinel else []
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> "Node":
        settings = {"port": str(self.port), "bind": "127.0.0.1", "dir": str(self.folder), **self.settings}
        config = self.folder / "server.conf"
        if not config.exists():  # Sentinel keeps in it what it has learned
            config.write_text("".join(f"{name} {value}\n" for name, value in settings.items()))
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen([program(), str(config), *self._words], stdout=log, stderr=log)
        until(self._answers, f"{self.port} answers")
        return self

    def ask(self, *command: Any, user: str | None = None, password: str | None = None) -> Any:
        """The reply as it came; an error is raised."""
        connection: Any = Connection(  # type: ignore[no-untyped-call]
            port=self.port, protocol=2, username=user, password=password, socket_timeout=2.0
        )
        try:
            connection.send_command(*command)
            return connection.read_response()
        finally:
            connection.disconnect()

    def freeze(self) -> None:
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def _signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        os.kill(self._process.pid, number)

    def _answers(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, (self.folder / "log").read_text()
        try:
            with socket.create_connection(("127.0.0.1", self.port), 1) as connection:
                connection.sendall(b"PING\r\n")
                return connection.recv(16)[:1] in {b"+", b"-"}
        except OSError:
            return False


@contextmanager
def running(servers: Any) -> Iterator[Any]:
    """Started, and killed at the end whatever happens."""
    try:
        servers.start()
        yield servers
    finally:
        servers.kill()


def until(holds: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            if holds():
                return
        except (redis.RedisError, OSError):
            pass
        time.sleep(0.02)
    raise AssertionError(f"not within {PATIENCE:g} s: {what}")
