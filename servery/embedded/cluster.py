"""PostgreSQL's data directory: made whole or not at all, and thrown away when it cannot be used."""

import os
import secrets
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from servery.embedded.account import Account, run_as
from servery.embedded.binaries import Program
from servery.embedded.errors import HomeRefusedError, ServerFailedError

NAME = "servery"
BUILTIN_LOCALE_SINCE = 17
DRAFT = "data.new-"
# Only a password over TCP lets anyone in; the server listens on 127.0.0.1 alone and has no other door.
ADMISSION = "host all all 127.0.0.1/32 scram-sha-256\n"


@dataclass(frozen=True, slots=True)
class Cluster:
    """A data directory ready to be served. `fresh` says that it was made just now."""

    data: Path
    password: str = field(repr=False)
    fresh: bool


def ready_cluster(place: Path, program: Program, account: Account | None) -> Cluster:
    """The cluster in `place`, made anew when there is none, or one of another version or account.

    The caller holds the lock of the home and has ended every server of it.
    """
    data, kept = place / "data", place / "password"
    for draft in place.glob(f"{DRAFT}*"):
        shutil.rmtree(draft, ignore_errors=True)
    if _fits(data, program, account) and kept.is_file():
        return Cluster(data, kept.read_text("ascii"), fresh=False)
    _remove(data)
    password = secrets.token_urlsafe(24)
    # The data gets its name last, so where there is data there is its password.
    _keep(kept, password)
    _make(place, program, account, password).rename(data)
    return Cluster(data, password, fresh=True)


def remove_cluster(place: Path) -> None:
    """Remove the data and its password; there may be none."""
    _remove(place / "data")
    (place / "password").unlink(missing_ok=True)


def _keep(path: Path, password: str) -> None:
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(password)


def _fits(data: Path, program: Program, account: Account | None) -> bool:
    try:
        version = (data / "PG_VERSION").read_text("ascii").strip()
    except FileNotFoundError:
        return False
    except PermissionError:
        raise _of_another_user(data) from None
    return version == str(program.major) and data.stat().st_uid == (account.uid if account else os.geteuid())


def _remove(data: Path) -> None:
    try:
        shutil.rmtree(data)
    except FileNotFoundError:
        return
    except PermissionError:
        raise _of_another_user(data) from None


def _of_another_user(data: Path) -> HomeRefusedError:
    return HomeRefusedError(
        f"{data} belongs to another user.",
        "Remove it as that user, or choose another home: SERVERY_HOME=/another/directory.",
    )


def _make(place: Path, program: Program, account: Account | None, password: str) -> Path:
    """A draft beside the final name, so that a half-made cluster is never taken for a whole one."""
    draft = place / f"{DRAFT}{secrets.token_hex(4)}"
    draft.mkdir(mode=0o700)
    if account:
        os.chown(draft, account.uid, account.gid)
    _run(account, [str(program.path.with_name("initdb")), *_initdb_arguments(draft, program)])
    # Without a network, and with the password on standard input, where no list of processes shows it.
    _run(account, [str(program.path), *_single_user_arguments(draft)], text=_first_statements(password))
    (draft / "pg_hba.conf").write_text(ADMISSION, "ascii")
    return draft


def _initdb_arguments(data: Path, program: Program) -> list[str]:
    always = ["-D", str(data), "--username", NAME, "--encoding", "UTF8", "--auth", "trust"]
    return [*always, "--no-sync", "--no-instructions", *_locale(program)]


def _locale(program: Program) -> list[str]:
    """Text sorts by code point everywhere, and upper case is known beyond ASCII."""
    # macOS before 14 has no C.UTF-8 of its own.
    system = ["--locale=C", "--lc-ctype=UTF-8"] if sys.platform == "darwin" else ["--locale=C.UTF-8"]
    if program.major < BUILTIN_LOCALE_SINCE:
        return system
    return [*system, "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]


def _single_user_arguments(data: Path) -> list[str]:
    # A failed statement must not be logged, for one of them holds the password.
    settings = ["fsync=off", "exit_on_error=on", "log_min_error_statement=panic", "log_checkpoints=off"]
    return [
        "--single",
        "-D",
        str(data),
        *(word for setting in settings for word in ("-c", setting)),
        "postgres",
    ]


def _first_statements(password: str) -> str:
    # The password is of our own making: letters, digits, `-` and `_`, so it needs no quoting.
    return f"alter role {NAME} password '{password}'\ncreate database {NAME}\n"


def _run(account: Account | None, command: Sequence[str], *, text: str = "") -> None:
    done = run_as(account, command, text=text)
    if done.returncode != 0:
        said = "\n".join(f"  {line}" for line in (done.stdout + done.stderr).splitlines()[-12:])
        raise ServerFailedError(
            f"{command[0]} ended with status {done.returncode}:\n{said}",
            "Check the free disk space and memory, then run the command again.",
        )
