"""The command line, as processes: what is said, the exit code, and that nothing is left running."""

import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx2
import psutil
import pytest

from servery import __version__
from servery.embedded.port import free_port
from tests.fakes import HOUSE, RESTAURANT
from tests.process import Servery

BROKEN = """
tables:
  cats:
    key: id
    dimensions: {name: {type: string}}
    metrics:
      cats_seen: {type: summ}
"""


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """What a command says; it sees nothing of our own environment."""
    command = [sys.executable, "-m", "servery", *arguments]
    given = {"PATH": "/usr/bin:/bin", "COLUMNS": "100", "SERVERY_START_TIMEOUT_S": "0", **environment}
    return subprocess.run(
        command, cwd=HOUSE, env=given, capture_output=True, text=True, check=False, timeout=60
    )


def test_help_tells_what_there_is() -> None:
    done = run("--help")

    assert done.returncode == 0
    for command in ("serve", "demo", "schema", "version"):
        assert re.search(rf"\b{command}\b", done.stdout)


def test_the_version_is_told() -> None:
    assert run("version").stdout == f"{__version__}\n"


@pytest.mark.parametrize(
    "arguments",
    [("serve", "--ports", "8000"), ("serve", "--port", "http"), ("cook",), ("serve", "--port", "70000")],
)
def test_a_mistake_in_the_command_line_is_told(arguments: tuple[str, ...]) -> None:
    done = run(*arguments)

    assert done.returncode == 2
    assert "--help" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_broken_model_is_told_with_file_line_and_hint(tmp_path: Path) -> None:
    model = tmp_path / "model.yml"
    model.write_text(BROKEN, "utf-8")

    done = run("serve", "--model", str(model))

    assert done.returncode == 1
    assert f"{model}:7:" in done.stderr
    assert "'sum'" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_model_that_is_not_there_is_told() -> None:
    done = run("serve", "--model", "nowhere.yml")

    assert done.returncode == 1
    assert "nowhere.yml" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_wrong_setting_is_told_by_its_name() -> None:
    done = run("serve", "--model", str(RESTAURANT), SERVERY_PORT="http", REDIS_URL="cache:hunter2")

    assert done.returncode == 1
    assert "SERVERY_PORT: " in done.stderr
    assert "REDIS_URL: It must begin with redis://" in done.stderr
    assert "hunter2" not in done.stderr
    assert "Traceback" not in done.stderr


def test_a_postgresql_that_does_not_come_is_told_without_its_password() -> None:
    done = run(
        "serve", "--model", str(RESTAURANT), DATABASE_URL=f"postgresql://u:hunter2@127.0.0.1:{free_port()}/x"
    )

    assert done.returncode == 1
    assert "did not answer within" in done.stderr
    assert "hunter2" not in done.stderr
    assert "Traceback" not in done.stderr


def test_the_schema_of_a_model_is_printed_without_any_server() -> None:
    done = run("schema", "--model", str(RESTAURANT))

    assert done.returncode == 0
    assert done.stdout.startswith(("type ", "scalar ", '"""', "schema", "enum ", "input ", "directive"))
    assert "faturamento" in done.stdout


@pytest.mark.integration
def test_a_port_in_use_is_told(database_url: str, redis_url: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = run(
            "serve",
            "--model",
            str(RESTAURANT),
            "--port",
            str(port),
            DATABASE_URL=database_url,
            REDIS_URL=redis_url,
            SERVERY_START_TIMEOUT_S="30",
        )

    assert done.returncode != 0
    assert f"Port {port} of 127.0.0.1 cannot be had" in done.stderr
    assert "is ready" not in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.integration
def test_the_demo_shows_where_to_go_and_leaves_nothing_behind(tmp_path: Path) -> None:
    home = {"SERVERY_HOME": str(tmp_path / "home")}
    arguments = ("demo", "--sales", "2000", "--port", str(free_port()))
    with Servery(tmp_path / "first", *arguments, **home) as first:
        first.until_it_says("Ctrl-C stops everything.")

        assert "2,000 sales" in first.words
        assert "Admin token" in first.words
        assert answered(first.words)["metadata"]["fromCache"] is False
        assert answered(first.words)["metadata"]["fromCache"] is True
        family = first.family()
        assert first.ends(signal.SIGINT) == 0
        assert psutil.wait_procs(family, timeout=5)[1] == []
        assert "Traceback" not in first.words

    with Servery(tmp_path / "second", *arguments, **home) as second:
        second.until_it_says("Ctrl-C stops everything.")

        assert "The example is there" in second.words
        assert "sales in 24 months" not in second.words
        assert answered(second.words)["data"]
        assert second.ends(signal.SIGTERM) == 0


@pytest.mark.integration
def test_the_demo_uses_the_servers_that_the_environment_names(
    tmp_path: Path, database_url: str, redis_url: str
) -> None:
    servers = {"DATABASE_URL": database_url, "REDIS_URL": redis_url, "SERVERY_HOME": str(tmp_path / "home")}
    with Servery(tmp_path / "log", "demo", "--sales", "2000", "--port", str(free_port()), **servers) as demo:
        demo.until_it_says("Ctrl-C stops everything.")

        assert answered(demo.words)["data"]
        assert [each.name() for each in demo.family()[1:]] == []
        assert not (tmp_path / "home").exists()
        assert demo.ends(signal.SIGINT) == 0


def answered(words: str) -> dict[str, dict[str, bool]]:
    """What the printed question gives, asked as it is printed."""
    found = re.search(r"curl -s (\S+) -H '(\S+): (\S+)' -d '(.+)'", words)
    assert found, words
    url, name, value, body = found.groups()
    answer = httpx2.post(url, headers={name: value}, content=body, timeout=20, trust_env=False).json()
    analytics: dict[str, dict[str, bool]] = answer["data"]["analytics"]
    return analytics
