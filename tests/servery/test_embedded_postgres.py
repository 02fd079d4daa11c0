"""The embedded PostgreSQL, with a real server."""

import os
import signal
import socket
from pathlib import Path

import asyncpg
import psutil
import pytest

from servery.embedded.postgres import EmbeddedPostgres
from tests.servery.clusters import SMALL, ask, data_of

pytestmark = [pytest.mark.anyio, pytest.mark.integration]
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root's servers run as another user")


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
