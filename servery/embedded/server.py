"""What every embedded server does alike: one owner, one port, one process, gone when it should be."""

import os
import signal
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar, Self

from servery.embedded import orphan
from servery.embedded.account import server_account
from servery.embedded.launch import Launch, Running, launch
from servery.embedded.lock import HomeLock
from servery.embedded.port import free_port


class EmbeddedServer(ABC):
    """A server on a loopback port that ends when this process ends, however this process ends.

    The port is kept over restarts; only one that was not asked for is changed when another took it.
    """

    what: ClassVar[str]
    signals: ClassVar[tuple[signal.Signals, ...]]

    def __init__(self, own: Path, port: int | None) -> None:
        self._own = own.absolute()
        self._port = port
        self._may_move = port is None
        self._account = server_account(os.geteuid())
        self._lock = HomeLock(self._own / "lock", self.what)
        self._running: Running | None = None

    def start(self) -> str:
        """Start unless it runs, and return its URL, ready for connections.

        Raises HomeInUseError when another process owns the home, ProgramMissingError, ServerFailedError.
        """
        if self._running and self._running.process.is_running():
            return self.url
        self._own.mkdir(parents=True, exist_ok=True)
        self._lock.take()
        try:
            self._end()
            self._running = launch(self._prepare(), self._port or free_port(), may_move=self._may_move)
        except BaseException:
            self.stop()
            raise
        self._port = self._running.port
        return self.url

    def stop(self) -> None:
        """End the server gently, and give the home back. A second call does nothing."""
        self._end()
        self._lock.release()

    def kill(self) -> None:
        """End the server as a crash would, and keep the home; `start` then brings it back on its port."""
        if self._running:
            self._running.process.kill()

    @property
    @abstractmethod
    def url(self) -> str:
        """Where the server is, with its password; known once it was started."""

    @property
    def pid(self) -> int | None:
        """The server's pid; None when it was not started or was stopped."""
        return self._running.process.pid if self._running else None

    @property
    def port(self) -> int | None:
        """The port asked for, else the one that the last start found."""
        return self._port

    @property
    def log(self) -> Path:
        """What the server said since its last start."""
        return self._own / "server.log"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @abstractmethod
    def _prepare(self) -> Launch:
        """Find the program, clear away what an earlier run left, and say how to start."""

    @abstractmethod
    def _words(self) -> Sequence[str]:
        """What the command line of this server has, and no other's."""

    def _end(self) -> None:
        if self._running:
            self._running.process.stop()
            # Its guard may have been killed, and with it the one that ends the server.
            orphan.end(self._running.process.pid, self._words(), self.signals)
            self._running = None
