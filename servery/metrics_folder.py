"""Where several processes count together: a folder with files of each, which outlive a worker that dies.

Prometheus' library takes the folder from the environment as soon as it is imported, so it is made before the
workers start.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from prometheus_client import CollectorRegistry
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

VARIABLE: Final = "PROMETHEUS_MULTIPROC_DIR"


@contextmanager
def metrics_folder(workers: int) -> Iterator[None]:
    """A folder for as long as the body runs, if there will be more than one process."""
    if workers == 1:
        yield
        return
    with TemporaryDirectory(prefix="servery-metrics-", ignore_cleanup_errors=True) as folder:
        os.environ[VARIABLE] = folder
        try:
            yield
        finally:
            os.environ.pop(VARIABLE, None)


def folder_of_all() -> Path | None:
    """The folder of this process and its siblings; none when it is alone."""
    found = os.environ.get(VARIABLE)
    return Path(found) if found else None


def registry_of_all(folder: Path) -> CollectorRegistry:
    """The counts of all processes there ever were, and the state of those that live."""
    for pid in _gone(folder):
        mark_process_dead(pid, str(folder))  # type: ignore[no-untyped-call]
    registry = CollectorRegistry()
    MultiProcessCollector(registry, str(folder))  # type: ignore[no-untyped-call]
    return registry


def _gone(folder: Path) -> set[int]:
    """Nobody tells when a worker dies, so it is found out when somebody asks."""
    owners = {int(file.stem.rpartition("_")[2]) for file in folder.glob("gauge_live*_*.db")}
    return {pid for pid in owners if not _lives(pid)}


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
