"""A PostgreSQL of one's own, from the first call to the end of the process that made it."""

import shutil
import signal
from collections.abc import Mapping, Sequence
from pathlib import Path

from servery.embedded import orphan
from servery.embedded.account import Account, can_enter
from servery.embedded.binaries import Program, find_postgres
from servery.embedded.cluster import NAME, Cluster, ready_cluster, remove_cluster
from servery.embedded.errors import HomeRefusedError
from servery.embedded.launch import Launch
from servery.embedded.port import HOST
from servery.embedded.process import ServerCommand
from servery.embedded.server import EmbeddedServer
from servery.embedded.shelter import is_roots_alone, sheltered_home, shelters

STATUS_LINE = 7
NEVER_A_PID = "2147483647"

# For data that can be made again: quick to load and to ask, nothing promised after a power cut.
SETTINGS: Mapping[str, str] = {
    "listen_addresses": HOST,
    "unix_socket_directories": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "8GB",
    "checkpoint_timeout": "1h",
    "shared_buffers": "256MB",
    "work_mem": "32MB",
    "maintenance_work_mem": "128MB",
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_destination": "stderr",
    "logging_collector": "off",
}


class EmbeddedPostgres(EmbeddedServer):
    """PostgreSQL with its data kept in `home`; the database and its owner are called servery.

    `settings` are PostgreSQL's own, by name, and win over SETTINGS.
    """

    what = "PostgreSQL"
    # Fast shutdown, then immediate shutdown.
    signals = (signal.SIGINT, signal.SIGQUIT)

    def __init__(
        self, home: Path, *, port: int | None = None, settings: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(home / "postgres", port)
        self._settings = {**SETTINGS, **(settings or {})}
        self._place: Path | None = None
        self._cluster: Cluster | None = None

    @property
    def url(self) -> str:
        """A DATABASE_URL, with the password; known once the server was started."""
        if self._cluster is None:
            raise RuntimeError("The server has not been started: call start() first.")
        return f"postgresql://{NAME}:{self._cluster.password}@{HOST}:{self._port}/{NAME}"

    @property
    def fresh(self) -> bool:
        """Whether the last start made an empty cluster: what was in the home before is gone."""
        return self._cluster is not None and self._cluster.fresh

    def erase(self) -> None:
        """Stop, and remove the data of what was started."""
        self._end()
        if self._place:
            self._lock.take()
            remove_cluster(self._place)
            if self._place != self._own:
                shutil.rmtree(self._place)
            self._place = None
        self._lock.release()

    def _prepare(self) -> Launch:
        program = find_postgres(self._account)
        self._place = _reachable_place(self._own, self._account)
        _clear_pid_file(self._place / "data", self._words(), self.signals)
        self._cluster = cluster = ready_cluster(self._place, program, self._account)
        return Launch(
            self.what,
            lambda port: self._command(program, cluster.data, port),
            lambda pid, _: _is_ready(cluster.data, pid),
        )

    def _command(self, program: Program, data: Path, port: int) -> ServerCommand:
        settings = [f"{name}={value}" for name, value in {**self._settings, "port": port}.items()]
        arguments = [str(program.path), "-D", str(data), *(word for one in settings for word in ("-c", one))]
        return ServerCommand(arguments, self.signals, self.log, self._account)

    def _words(self) -> Sequence[str]:
        return ("postgres", f" -D {self._place}/data ")


def _reachable_place(own: Path, account: Account | None) -> Path:
    """`own`, or a directory that stands for it where the server's account can go."""
    if account is None or (is_roots_alone(own) and can_enter(account, own)):
        return own
    for shelter in shelters():
        place = sheltered_home(own, shelter)
        if can_enter(account, place):
            return place
    raise HomeRefusedError(
        f"The server runs as user {account.uid}, which can reach neither {own} nor a temporary directory.",
        "Choose a home that others may enter: SERVERY_HOME=/another/directory.",
    )


def _clear_pid_file(data: Path, words: Sequence[str], signals: Sequence[signal.Signals]) -> None:
    """End a server that outlived its owner; free the directory of a pid that is another program's now.

    The file itself stays: PostgreSQL reads in it which shared memory it must not find in use.
    """
    path = data / "postmaster.pid"
    pid = orphan.first_line_pid(path)
    if pid is None:
        return
    if orphan.runs_with(pid, words):
        orphan.end(pid, words, signals)
    elif orphan.runs_with(pid, ()):
        path.write_text(NEVER_A_PID + path.read_text("utf-8").removeprefix(str(pid)), "utf-8")


def _is_ready(data: Path, pid: int) -> bool:
    """Whether PostgreSQL wrote into its pid file that it takes connections."""
    try:
        lines = (data / "postmaster.pid").read_text("utf-8").splitlines()
    except FileNotFoundError:
        return False
    return len(lines) > STATUS_LINE and lines[0] == str(pid) and lines[STATUS_LINE].strip() == "ready"
