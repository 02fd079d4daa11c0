"""A database behind the room's own door, the door of an onlooker, and a server that tests may mistreat."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import asyncpg
import pytest

from db.events import Event
from db.postgres import PostgresDatabase
from db.settings import PoolSettings
from servery.embedded.postgres import EmbeddedPostgres
from tests.proxy import Proxy, proxy_to


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[PostgresDatabase]:
    database = PostgresDatabase(PoolSettings(database_url))
    yield database
    await database.close()


@pytest.fixture
async def onlooker(database_url: str) -> AsyncIterator[Any]:
    """A plain connection to the same database, to see what goes on there and to write."""
    connection = await asyncpg.connect(database_url)
    yield connection
    await connection.close()


@pytest.fixture
async def proxy(database_url: str) -> AsyncIterator[Proxy]:
    async with proxy_to(database_url) as proxy:
        yield proxy


@pytest.fixture
def events() -> list[Event]:
    return []


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    """A PostgreSQL that may be killed, stopped and restarted, always on the same port."""
    server = EmbeddedPostgres(tmp_path_factory.mktemp("mistreated"))
    server.start()
    yield server
    server.erase()
