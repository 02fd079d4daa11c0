"""Which user a server runs as, and how a program is run as that user."""

import os
import pwd
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from servery.embedded.errors import EmbeddedError

NAMES = ("postgres", "nobody")
# Settings of the caller's shell must not steer a server: PGDATA, PGOPTIONS, LC_ALL and the like stay out.
KEPT = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
SECONDS_TO_RUN = 60.0


@dataclass(frozen=True, slots=True)
class Account:
    """A user and its only group."""

    uid: int
    gid: int


def server_account(uid: int, names: Iterable[str] = NAMES) -> Account | None:
    """The account that servers started by `uid` run as; None means `uid` itself.

    PostgreSQL refuses to run as root, so root's servers run as the first of `names` that exists.
    """
    if uid != 0:
        return None
    for name in names:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid)
    raise EmbeddedError(
        f"Servers are not run as root, and this machine has no user {' or '.join(names)}.",
        "Run Servery as an ordinary user, or set DATABASE_URL and REDIS_URL.",
    )


def server_environment() -> dict[str, str]:
    """The environment of a server: English messages, UTC, nothing of the caller's secrets."""
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    return {**kept, "LC_ALL": "C", "TZ": "UTC"}


def run_as(
    account: Account | None, command: Sequence[str], *, text: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run to its end, as `account`, in a session of its own so that Ctrl-C reaches only the owner."""
    return subprocess.run(
        command,
        input=text,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        cwd="/",
        env=server_environment(),
        start_new_session=True,
        timeout=SECONDS_TO_RUN,
        check=False,
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
    )


def can_enter(account: Account | None, directory: Path) -> bool:
    """Whether `account` can reach files in `directory`, as the kernel sees it."""
    return run_as(account, ["/bin/sh", "-c", 'test -x "$1"', "sh", str(directory)]).returncode == 0
