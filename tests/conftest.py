"""Fixtures for every tier: real servers, started once, with an empty database for each test that asks.

TEST_DATABASE_URL and TEST_REDIS_URL name servers to use instead of the embedded ones. The PostgreSQL user
must be allowed to create databases; the Redis database that is named gets flushed.
"""

import asyncio
import os
import secrets
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest
import redis
from hypothesis import HealthCheck, settings
from playwright.async_api import TimeoutError as PlaywrightTimeout

from servery.demo.load import load_example
from servery.embedded.postgres import EmbeddedPostgres
from servery.embedded.valkey import EmbeddedValkey
from tests.browser import PageWatch, watched_page

# A busy machine is no defect.
settings.register_profile("calm", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("calm")

pytest_plugins = ["tests.stuck"]

HOUSE = Path(__file__).parents[1]
EXAMPLE_UNTIL = date(2026, 6, 14)


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def postgres_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A PostgreSQL for the whole session; tests share it, so each takes a `database_url` of its own."""
    if given := os.environ.get("TEST_DATABASE_URL"):
        yield given
        return
    server = EmbeddedPostgres(tmp_path_factory.mktemp("servers"))
    try:
        yield server.start()
    finally:
        server.erase()


@pytest.fixture(scope="session")
def valkey_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Valkey for the whole session; a test that needs it empty takes `redis_url`."""
    if given := os.environ.get("TEST_REDIS_URL"):
        yield given
        return
    server = EmbeddedValkey(tmp_path_factory.mktemp("servers"))
    try:
        yield server.start()
    finally:
        server.stop()


@pytest.fixture
def database_url(postgres_url: str) -> Iterator[str]:
    """An empty database of this test's own, dropped after it with whoever is still connected."""
    name = f"test_{secrets.token_hex(8)}"
    _execute(postgres_url, f"create database {name} template template0")
    try:
        yield urlunsplit(urlsplit(postgres_url)._replace(path=f"/{name}"))
    finally:
        _execute(postgres_url, f"drop database {name} with (force)")


@pytest.fixture
def redis_url(valkey_url: str) -> str:
    """A database that is empty when the test starts."""
    with redis.Redis.from_url(valkey_url) as client:
        client.flushdb()
    return valkey_url


def _execute(url: str, statement: str) -> None:
    # In a thread: the test's own event loop must neither run this nor be replaced by it.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, _execute_once(url, statement)).result()


async def _execute_once(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


@pytest.fixture(scope="session")
def built_pages() -> None:
    """The front end as its sources are now; a build that is up to date costs a tenth of a second."""
    command = [sys.executable, str(HOUSE / "web" / "build.py"), "--strict"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=200)
    assert done.returncode == 0, done.stderr


@pytest.fixture
async def page_watch(built_pages: None) -> AsyncIterator[PageWatch]:
    """A first visit's page; the test fails if anything went wrong in it, or any other host was asked.

    Ask for the server before this one, so that it outlives the page: its end would be a fault.
    """
    async with watched_page() as watch:
        yield watch
        with suppress(PlaywrightTimeout):  # late faults count too, as far as a busy machine lets them come
            await watch.page.wait_for_load_state("networkidle", timeout=5_000)
        assert watch.faults == []


@pytest.fixture(scope="session")
def restaurant_url(postgres_url: str) -> Iterator[str]:
    """A database with a small restaurant example, for tests that only read it."""
    name = f"restaurant_{secrets.token_hex(8)}"
    _execute(postgres_url, f"create database {name} template template0")
    url = urlunsplit(urlsplit(postgres_url)._replace(path=f"/{name}"))
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, load_example(url, until=EXAMPLE_UNTIL, sales=5000)).result()
    try:
        yield url
    finally:
        _execute(postgres_url, f"drop database {name} with (force)")
