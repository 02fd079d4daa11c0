"""The embedded PostgreSQL, with a real server."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg
import psutil
import pytest

from servery.embedded.binaries import find_postgres
from servery.embedded.errors import HomeInUseError, HomeRefusedError, ServerFailedError
from servery.embedded.port import free_port
from servery.embedded.postgres import EmbeddedPostgres, _is_ready

pytestmark = [pytest.mark.anyio, pytest.mark.integration]
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root's servers run as another user")

SMALL = {"shared_buffers": "16MB"}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """With data in it. As pytest makes it: its parents are closed to all but the user of the tests."""
    home = tmp_path_factory.mktemp("run") / "home"
    server = EmbeddedPostgres(home, settings=SMALL)
    server.start()
    server.stop()
    yield home
    server.erase()


@pytest.fixture
def server(home: Path) -> Iterator[EmbeddedPostgres]:
    """Not started; what a test leaves in its database, later tests find."""
    server = EmbeddedPostgres(home, settings=SMALL)
    yield server
    server.stop()


async def ask(url: str, question: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        answer: object = await connection.fetchval(question)
    finally:
        await connection.close()
    return answer


def data_of(server: EmbeddedPostgres) -> Path:
    assert server._cluster is not None
    return server._cluster.data


@contextmanager
def leftover(server: EmbeddedPostgres) -> Iterator["subprocess.Popen[bytes]"]:
    """A postmaster on the data of `server` that nobody guards, once it takes connections."""
    account = server._account
    program = find_postgres(account)
    process = subprocess.Popen(
        [program.path, "-D", data_of(server), "-c", f"port={free_port()}", "-c", "unix_socket_directories="],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd="/",
        start_new_session=True,
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
    )
    try:
        while not _is_ready(data_of(server), process.pid):
            assert process.poll() is None
            time.sleep(0.01)
        yield process
    finally:
        process.kill()
        process.wait()


async def test_the_first_start_makes_an_empty_database_and_erasing_removes_it(tmp_path: Path) -> None:
    server = EmbeddedPostgres(tmp_path, settings=SMALL)
    url = server.start()
    data = data_of(server)
    try:
        assert server.fresh
        assert await ask(url, "select count(*) from pg_tables where schemaname = 'public'") == 0
    finally:
        server.erase()

    assert not data.exists()
    assert not (data.parent / "password").exists()


async def test_the_database_is_ready_when_start_returns(server: EmbeddedPostgres) -> None:
    url = server.start()

    assert await ask(url, "select current_user || ' ' || current_database()") == "servery servery"
    assert not server.fresh


async def test_settings_of_ours_and_of_the_caller_hold(server: EmbeddedPostgres) -> None:
    url = server.start()

    assert await ask(url, "show timezone") == "UTC"
    assert await ask(url, "show fsync") == "off"
    assert await ask(url, "show wal_level") == "minimal"
    assert await ask(url, "show shared_buffers") == "16MB"


async def test_text_is_unicode(server: EmbeddedPostgres) -> None:
    url = server.start()

    assert await ask(url, "show server_encoding") == "UTF8"
    assert await ask(url, "select upper('ação')") == "AÇÃO"


async def test_data_and_address_outlive_a_restart(server: EmbeddedPostgres) -> None:
    url = server.start()
    await ask(url, "create table kept ()")
    server.stop()

    again = server.start()

    assert again == url
    assert not server.fresh
    assert await ask(again, "select to_regclass('kept') is not null")


async def test_another_run_finds_the_data_and_its_password(home: Path, server: EmbeddedPostgres) -> None:
    await ask(server.start(), "create table inherited ()")
    server.stop()

    with EmbeddedPostgres(home, settings=SMALL) as other:
        assert await ask(other.url, "select to_regclass('inherited') is not null")
        assert not other.fresh


async def test_only_the_password_lets_anyone_in(server: EmbeddedPostgres) -> None:
    server.start()

    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(f"postgresql://servery:guess@127.0.0.1:{server.port}/servery")


def test_the_password_file_is_its_owners_alone(server: EmbeddedPostgres) -> None:
    server.start()

    assert (data_of(server).parent / "password").stat().st_mode & 0o777 == 0o600


def test_it_listens_on_loopback_and_nowhere_else(server: EmbeddedPostgres) -> None:
    server.start()

    connections = psutil.Process(server.pid).net_connections("all")
    assert [connection.laddr for connection in connections if connection.status == psutil.CONN_LISTEN] == [
        ("127.0.0.1", server.port)
    ]
    assert not any(connection.family == socket.AF_UNIX and connection.laddr for connection in connections)


def test_no_list_of_processes_shows_the_password(server: EmbeddedPostgres) -> None:
    password = server.start().split(":")[2].split("@")[0]

    assert password not in " ".join(psutil.Process(server.pid).cmdline())


@as_root
def test_it_runs_as_an_unprivileged_user_and_opens_no_directory(server: EmbeddedPostgres, home: Path) -> None:
    server.start()

    assert psutil.Process(server.pid).uids().effective != 0
    assert home.parents[1].stat().st_mode & 0o777 == 0o700


async def test_a_killed_server_comes_back_on_its_port_with_its_data(server: EmbeddedPostgres) -> None:
    url = server.start()
    await ask(url, "create table survivor ()")
    # What was committed in the last half second is not promised.
    await ask(url, "checkpoint")
    server.kill()

    again = server.start()

    assert again == url
    assert await ask(again, "select to_regclass('survivor') is not null")


async def test_a_frozen_server_is_stopped(server: EmbeddedPostgres) -> None:
    server.start()
    pid = server.pid
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)

    server.stop()

    assert not psutil.pid_exists(pid)


def test_starting_twice_is_starting_once(server: EmbeddedPostgres) -> None:
    url, pid = server.start(), server.pid

    assert (server.start(), server.pid) == (url, pid)


def test_stopping_twice_is_stopping_once(server: EmbeddedPostgres) -> None:
    server.start()
    server.stop()

    server.stop()

    assert server.pid is None


def test_a_second_owner_is_refused_while_the_first_lives(server: EmbeddedPostgres, home: Path) -> None:
    server.start()

    with pytest.raises(HomeInUseError, match=f"in use by process {os.getpid()}"):
        EmbeddedPostgres(home).start()


async def test_half_made_data_is_thrown_away(server: EmbeddedPostgres) -> None:
    server.start()
    server.stop()
    data = data_of(server)
    draft = data.with_name("data.new-0")
    data.rename(draft)
    (draft / "global" / "pg_control").unlink()

    url = server.start()

    assert server.fresh
    assert await ask(url, "select 1") == 1
    assert not draft.exists()


async def test_data_of_another_version_of_postgresql_is_replaced(server: EmbeddedPostgres) -> None:
    server.start()
    server.stop()
    (data_of(server) / "PG_VERSION").write_text("13\n")

    url = server.start()

    assert server.fresh
    assert await ask(url, "select 1") == 1


async def test_data_whose_password_is_lost_is_replaced(server: EmbeddedPostgres) -> None:
    server.start()
    server.stop()
    (data_of(server).parent / "password").unlink()

    url = server.start()

    assert server.fresh
    assert await ask(url, "select 1") == 1


@as_root
def test_an_ordinary_user_is_told_whose_home_it_is(server: EmbeddedPostgres) -> None:
    """Root's data is never removed by others: their own error tells them to choose another home."""
    server.start()
    server.stop()
    script = (
        "import os, sys; from pathlib import Path; from servery.embedded.binaries import Program\n"
        "from servery.embedded.cluster import ready_cluster\n"
        "os.chdir(sys.argv[1]); os.setgid(65534); os.setuid(65534)\n"
        "ready_cluster(Path(), Program(Path('/nowhere/postgres'), '18.6'), None)\n"
    )

    said = subprocess.run(
        [sys.executable, "-c", script, str(data_of(server).parent)],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[2],
    )

    assert HomeRefusedError.__name__ in said.stderr
    assert "SERVERY_HOME" in said.stderr


async def test_a_server_that_outlived_its_owner_is_ended_first(server: EmbeddedPostgres) -> None:
    """Where there is no death signal, a killed guard leaves its server alone."""
    server.start()
    server.stop()
    assert server._cluster is not None
    with leftover(server) as orphan:
        url = server.start()

        assert orphan.wait(5) is not None
        assert await ask(url, "select 1") == 1


@pytest.fixture
def innocent(server: EmbeddedPostgres) -> Iterator["subprocess.Popen[bytes]"]:
    """A program of the server's own user that is no server: PostgreSQL takes its pid for a postmaster's."""
    user = server._account.uid if server._account else None
    with subprocess.Popen(["/bin/sleep", "600"], user=user) as process:
        yield process
        process.kill()


async def test_a_pid_that_is_another_programs_now_stands_in_nobodys_way(
    server: EmbeddedPostgres, innocent: "subprocess.Popen[bytes]"
) -> None:
    server.start()
    pid_file = data_of(server) / "postmaster.pid"
    lines = pid_file.read_text().splitlines(keepends=True)
    owner = pid_file.stat()
    server.stop()
    pid_file.write_text("".join([f"{innocent.pid}\n", *lines[1:]]))
    os.chown(pid_file, owner.st_uid, owner.st_gid)

    url = server.start()

    assert innocent.poll() is None
    assert await ask(url, "select 1") == 1


def test_a_server_that_cannot_start_shows_what_it_said(home: Path) -> None:
    server = EmbeddedPostgres(home, settings={**SMALL, "work_mem": "a lot"})

    with pytest.raises(ServerFailedError, match='invalid value for parameter "work_mem": "a lot"'):
        server.start()

    assert server.pid is None


def test_a_port_that_is_taken_is_an_error_when_it_was_asked_for(home: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        server = EmbeddedPostgres(home, port=port, settings=SMALL)

        with pytest.raises(ServerFailedError, match=f"cannot use port {port}"):
            server.start()


async def test_a_port_of_our_own_choice_that_got_taken_is_changed(server: EmbeddedPostgres) -> None:
    server.start()
    server.stop()
    before = server.port
    assert before is not None
    with socket.create_server(("127.0.0.1", before)):
        url = server.start()

        assert server.port != before
        assert await ask(url, "select 1") == 1
