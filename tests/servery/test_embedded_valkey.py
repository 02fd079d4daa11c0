"""The embedded Valkey, with a real server."""

import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
import redis

from servery.embedded.binaries import find_valkey
from servery.embedded.errors import HomeInUseError, ServerFailedError
from servery.embedded.valkey import EmbeddedValkey

pytestmark = pytest.mark.integration


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def server(home: Path) -> Iterator[EmbeddedValkey]:
    with_home = EmbeddedValkey(home)
    yield with_home
    with_home.stop()


def ask(url: str, *command: str) -> Any:
    with redis.Redis.from_url(url, decode_responses=True) as client:
        return client.execute_command(*command)


def setting(url: str, name: str) -> str:
    with redis.Redis.from_url(url, decode_responses=True) as client:
        return str(client.config_get(name)[name])


def test_it_answers_when_start_returns(server: EmbeddedValkey) -> None:
    assert ask(server.start(), "PING")


def test_it_forgets_what_is_least_asked_for_and_writes_nothing_down(server: EmbeddedValkey) -> None:
    url = server.start()

    assert setting(url, "maxmemory-policy") == "allkeys-lfu"
    assert setting(url, "maxmemory") == str(256 * 1024 * 1024)
    assert setting(url, "save") == ""
    assert setting(url, "appendonly") == "no"


def test_settings_of_the_caller_win(home: Path) -> None:
    with EmbeddedValkey(home, settings={"maxmemory": "10mb"}) as server:
        assert setting(server.url, "maxmemory") == str(10 * 1024 * 1024)


def test_only_the_password_lets_anyone_in(server: EmbeddedValkey) -> None:
    server.start()

    with pytest.raises(redis.AuthenticationError):
        ask(f"redis://127.0.0.1:{server.port}/0", "PING")


def test_no_list_of_processes_shows_the_password(server: EmbeddedValkey) -> None:
    password = server.start().split(":")[2].split("@")[0]

    assert password not in " ".join(psutil.Process(server.pid).cmdline())


def test_it_listens_on_loopback_and_nowhere_else(server: EmbeddedValkey) -> None:
    server.start()

    listening = [
        connection.laddr
        for connection in psutil.Process(server.pid).net_connections("all")
        if connection.status == psutil.CONN_LISTEN
    ]
    assert listening == [("127.0.0.1", server.port)]


def test_a_killed_server_comes_back_empty_on_its_address(server: EmbeddedValkey) -> None:
    url = server.start()
    ask(url, "SET", "key", "value")
    server.kill()
    again = server.start()

    assert again == url
    assert ask(again, "DBSIZE") == 0


def test_it_starts_on_the_port_that_was_asked_for(home: Path, server: EmbeddedValkey) -> None:
    server.start()
    port = server.port
    server.stop()

    with EmbeddedValkey(home, port=port) as other:
        assert other.port == port
        assert ask(other.url, "PING")


def test_a_port_that_is_taken_is_an_error_when_it_was_asked_for(home: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        with pytest.raises(ServerFailedError, match=f"cannot use port {port}"):
            EmbeddedValkey(home, port=port).start()


def test_a_second_owner_is_refused_while_the_first_lives(server: EmbeddedValkey, home: Path) -> None:
    server.start()

    with pytest.raises(HomeInUseError, match="SERVERY_HOME"):
        EmbeddedValkey(home).start()


def test_a_server_that_outlived_its_owner_is_ended_first(server: EmbeddedValkey) -> None:
    server.start()
    server.stop()
    command = [str(find_valkey(None).path), "-", "--port", str(server.port), "--set-proc-title", "no"]
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, start_new_session=True
    ) as orphan:
        server._pid_file.write_text(f"{orphan.pid}\n{server.port}\n")
        try:
            url = server.start()

            assert orphan.wait(5) is not None
            assert ask(url, "PING")
        finally:
            orphan.kill()


def test_a_pid_that_is_another_programs_now_is_left_alone(server: EmbeddedValkey) -> None:
    server.start()
    server.stop()
    with subprocess.Popen(["/bin/sleep", "600"]) as innocent:
        server._pid_file.write_text(f"{innocent.pid}\n{server.port}\n")

        server.start()

        assert innocent.poll() is None
        innocent.kill()


def test_a_damaged_pid_file_stands_in_nobodys_way(server: EmbeddedValkey) -> None:
    server.start()
    server.stop()
    server._pid_file.write_text("not a pid\n")

    assert ask(server.start(), "PING")


def test_a_server_that_cannot_start_shows_what_it_said(home: Path) -> None:
    server = EmbeddedValkey(home, settings={"maxmemory-policy": "remember-everything"})

    with pytest.raises(ServerFailedError, match="maxmemory-policy"):
        server.start()

    assert server.pid is None
