"""The embedded PostgreSQL after something went wrong: other owners, damaged data, leftovers, taken ports."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from servery.embedded.errors import HomeInUseError, HomeRefusedError, ServerFailedError
from servery.embedded.postgres import EmbeddedPostgres
from tests.servery.clusters import SMALL, ask, data_of, leftover

pytestmark = [pytest.mark.anyio, pytest.mark.integration]
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root's servers run as another user")


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
