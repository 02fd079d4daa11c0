"""Everything in this folder needs real servers: `database_url` and `redis_url` come from the folder above.

`postgres` and `valkey` are servers that a test may mistreat, as long as they are up again at its end.
"""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pytest

from servery.demo.load import load_example
from servery.embedded.postgres import EmbeddedPostgres
from servery.embedded.valkey import EmbeddedValkey

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.integration)


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("service")


@pytest.fixture(scope="session")
def postgres(folder: Path) -> Iterator[EmbeddedPostgres]:
    """With a small example in it."""
    server = EmbeddedPostgres(folder)
    try:
        url = server.start()
        with ThreadPoolExecutor(1) as thread:  # the tests' event loop must not be replaced
            thread.submit(asyncio.run, load_example(url, until=date(2026, 3, 31), sales=5000)).result()
        yield server
    finally:
        server.erase()


@pytest.fixture(scope="session")
def valkey(folder: Path) -> Iterator[EmbeddedValkey]:
    with EmbeddedValkey(folder) as server:
        yield server
