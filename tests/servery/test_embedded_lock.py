"""One owner per home."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from servery.embedded.errors import HomeInUseError
from servery.embedded.lock import HomeLock

CHECKOUT = Path(__file__).parents[2]
HOLDER = """
import sys, time
from pathlib import Path
from servery.embedded.lock import HomeLock
lock = HomeLock(Path(sys.argv[1]), "PostgreSQL")
lock.take()
print("taken", flush=True)
time.sleep(600)
"""


@contextmanager
def holding(path: Path) -> Iterator["subprocess.Popen[str]"]:
    """Another process that holds the lock until it is killed at the end."""
    command = [sys.executable, "-c", HOLDER, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=CHECKOUT) as holder:
        assert holder.stdout is not None
        try:
            assert holder.stdout.readline() == "taken\n"
            yield holder
        finally:
            holder.kill()


def test_a_second_owner_is_told_who_has_the_home_and_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with holding(path) as holder, pytest.raises(HomeInUseError) as refusal:
        HomeLock(path, "PostgreSQL").take()

    assert f"The PostgreSQL in {tmp_path} is in use by process {holder.pid}." in str(refusal.value)
    assert f"kill {holder.pid}" in refusal.value.hint
    assert "SERVERY_HOME" in refusal.value.hint


def test_the_home_of_a_killed_owner_is_free(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with holding(path):
        pass  # It is killed here, while it holds the lock.
    lock = HomeLock(path, "PostgreSQL")

    lock.take()

    lock.release()
    assert path.read_text() == str(os.getpid())


def test_two_owners_in_one_process_are_two_owners(tmp_path: Path) -> None:
    first, second = HomeLock(tmp_path / "lock", "Valkey"), HomeLock(tmp_path / "lock", "Valkey")
    first.take()

    with pytest.raises(HomeInUseError):
        second.take()

    first.release()
    second.take()
    second.release()


def test_a_lock_that_is_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("keep")
    (tmp_path / "lock").symlink_to(tmp_path / "precious")

    with pytest.raises(OSError, match="symbolic link"):
        HomeLock(tmp_path / "lock", "Valkey").take()

    assert (tmp_path / "precious").read_text() == "keep"
