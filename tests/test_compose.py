"""What docker-compose.yml and the Dockerfile promise; no Docker is needed to see it."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml
from typer.testing import CliRunner

from servery.cli import app as command_line
from servery.settings import Settings

CHECKOUT = Path(__file__).resolve().parents[1]
COMPOSE = yaml.safe_load((CHECKOUT / "docker-compose.yml").read_text())
SERVICES: dict[str, Any] = COMPOSE["services"]
DOCKERFILE = (CHECKOUT / "Dockerfile").read_text().replace("\\\n", " ")
LAST_STAGE = "FROM" + DOCKERFILE.split("\nFROM")[-1]
# Words of the compose specification that the file uses; another one may be a slip of the pen.
KNOWN = {
    "build", "cap_add", "cap_drop", "command", "depends_on", "environment", "healthcheck", "image", "init",
    "mem_limit", "ports", "read_only", "restart", "security_opt", "shm_size", "stop_grace_period", "tmpfs",
    "user", "volumes",
}  # fmt: skip
DURATION = re.compile(r"\d+(ms|s|m)")


def test_the_file_uses_words_of_the_specification() -> None:
    assert COMPOSE.keys() == {"name", "services", "volumes"}
    assert {word for service in SERVICES.values() for word in service} <= KNOWN
    assert SERVICES.keys() == {"app", "postgres", "redis"}


def test_the_service_waits_until_both_servers_are_healthy() -> None:
    assert SERVICES["app"]["depends_on"] == {
        "postgres": {"condition": "service_healthy"},
        "redis": {"condition": "service_healthy"},
    }


@pytest.mark.parametrize("name", ["postgres", "redis"])
def test_a_service_that_is_waited_for_has_a_health_check(name: str) -> None:
    check = SERVICES[name]["healthcheck"]

    assert check["test"][0] in {"CMD", "CMD-SHELL"}
    assert all(DURATION.fullmatch(check[word]) for word in ("interval", "timeout"))
    assert isinstance(check["retries"], int)


def test_postgres_is_asked_over_tcp_for_its_health() -> None:
    # On the socket the image's own server answers, too, while the database is still being made.
    assert SERVICES["postgres"]["healthcheck"]["test"][1:5] == ["pg_isready", "-q", "-h", "127.0.0.1"]


def test_the_service_is_seen_on_this_machine_only_and_the_servers_not_at_all() -> None:
    assert SERVICES["app"]["ports"] == ["127.0.0.1:8000:8000"]
    assert not {"ports", "network_mode"} & {*SERVICES["postgres"], *SERVICES["redis"]}


def test_the_container_runs_a_command_that_exists() -> None:
    program, subcommand, *options = SERVICES["app"]["command"]

    shown = CliRunner().invoke(command_line, [subcommand, "--help"], env={"COLUMNS": "120", "NO_COLOR": "1"})

    assert program == "servery"
    assert shown.exit_code == 0
    assert options == ["--host", "0.0.0.0"]  # noqa: S104  inside the container
    assert "--host" in shown.output


def test_addresses_name_the_services_of_the_file() -> None:
    environment = SERVICES["app"]["environment"]
    database, redis = (urlsplit(environment[name]) for name in ("DATABASE_URL", "REDIS_URL"))

    assert (database.scheme, database.hostname, database.port) == ("postgresql", "postgres", 5432)
    assert (redis.scheme, redis.hostname, redis.port) == ("redis", "redis", 6379)
    assert database.username == SERVICES["postgres"]["environment"]["POSTGRES_USER"]
    assert database.path == f"/{SERVICES['postgres']['environment']['POSTGRES_DB']}"


def test_the_password_comes_from_the_environment_alike_for_both() -> None:
    theirs = SERVICES["postgres"]["environment"]["POSTGRES_PASSWORD"]

    assert theirs == SERVICES["app"]["environment"]["PGPASSWORD"]
    assert re.fullmatch(r"\$\{POSTGRES_PASSWORD:-\w+\}", theirs)
    assert urlsplit(SERVICES["app"]["environment"]["DATABASE_URL"]).password is None


def test_every_setting_in_the_file_is_a_setting() -> None:
    known = {str(found.validation_alias or f"SERVERY_{name.upper()}") for name, found in fields()}

    assert SERVICES["app"]["environment"].keys() - known == {"PGPASSWORD"}


def test_redis_is_a_cache_and_nothing_else() -> None:
    words = SERVICES["redis"]["command"]
    options = dict(zip(words[1::2], words[2::2], strict=True))

    assert options == {
        "--maxmemory": "256mb",
        "--maxmemory-policy": "allkeys-lfu",
        "--save": "",
        "--appendonly": "no",
    }
    assert "volumes" not in SERVICES["redis"]


def test_only_postgres_keeps_anything() -> None:
    keeping = {name: service["volumes"] for name, service in SERVICES.items() if "volumes" in service}

    # From 18 on the image's volume is the folder above its data.
    assert keeping == {"postgres": ["postgres:/var/lib/postgresql"]}
    assert int(SERVICES["postgres"]["image"].removeprefix("postgres:")) >= 18
    assert list(COMPOSE["volumes"]) == ["postgres"]


@pytest.mark.parametrize("name", ["app", "postgres", "redis"])
def test_containers_may_do_little_and_come_back(name: str) -> None:
    assert SERVICES[name]["cap_drop"] == ["ALL"]
    assert SERVICES[name]["security_opt"] == ["no-new-privileges:true"]
    assert SERVICES[name]["restart"] == "unless-stopped"


@pytest.mark.parametrize("name", ["app", "redis"])
def test_containers_that_keep_nothing_cannot_write(name: str) -> None:
    assert SERVICES[name]["read_only"] is True
    assert "cap_add" not in SERVICES[name]


def test_images_have_versions() -> None:
    fetched = [service["image"] for service in SERVICES.values() if "build" not in service]
    bases = re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)

    assert all(re.search(r":\d", image) for image in [*fetched, *bases])


def test_the_image_runs_as_a_number_that_is_not_root() -> None:
    (user,) = re.findall(r"^USER (\S+)$", LAST_STAGE, re.MULTILINE)

    assert re.fullmatch(r"[1-9]\d+:[1-9]\d+", user)


def test_the_image_serves_by_default() -> None:
    assert '\nCMD ["servery", "serve", "--host", "0.0.0.0"]' in LAST_STAGE


def test_the_image_installs_locked_packages_and_compiles_nothing() -> None:
    (locked,) = [line for line in DOCKERFILE.splitlines() if "-r /run.lock" in line]

    assert "--require-hashes" in locked
    assert "--only-binary :all:" in locked
    assert "apt-get" not in DOCKERFILE


def test_the_last_stage_takes_the_installed_folder_and_runs_nothing() -> None:
    copied = re.findall(r"^COPY (.+)$", LAST_STAGE, re.MULTILINE)

    assert copied == ["--from=installed /opt/servery /opt/servery"]
    assert not re.search(r"^(RUN|ADD) ", LAST_STAGE, re.MULTILINE)


@pytest.mark.parametrize(("status", "ended"), [(200, 0), (503, 1)])
def test_the_images_health_check_asks_the_service(status: int, ended: int) -> None:
    with answering(status) as (port, asked):
        check = health_check(port)

    assert check.returncode == ended, check.stderr
    assert asked == ["/health/live"]


def test_the_images_health_check_sees_that_nobody_listens() -> None:
    with answering(200) as (port, _):
        pass  # closed again

    assert health_check(port).returncode == 1


def fields() -> Iterator[tuple[str, Any]]:
    yield from Settings.model_fields.items()


def health_check(port: int) -> subprocess.CompletedProcess[str]:
    """Run what the image runs, with this Python, and with a proxy that must not be asked."""
    written = re.search(r"^HEALTHCHECK .*?CMD (\[.*\])$", LAST_STAGE, re.MULTILINE)
    assert written
    program, *arguments = json.loads(written.group(1))
    assert program == "python"
    environment = {**os.environ, "SERVERY_PORT": str(port), "http_proxy": "http://127.0.0.1:9"}
    return subprocess.run(
        [sys.executable, *arguments], env=environment, capture_output=True, text=True, check=False, timeout=20
    )


@contextmanager
def answering(status: int) -> Iterator[tuple[int, list[str]]]:
    """A server that gives every question this status, and the paths that were asked for."""
    asked: list[str] = []

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(status)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the name is the library's
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Answer) as server:
        thread = Thread(target=server.serve_forever, name="answering")
        thread.start()
        try:
            yield server.server_port, asked
        finally:
            server.shutdown()
            thread.join()
