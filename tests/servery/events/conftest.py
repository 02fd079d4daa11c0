"""Tables whose changes are told, somebody who writes to them, and a Redis that can be down."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from model.load import model_of_text
from servery.events.sources import sources_of
from tests.db.telling import connected, installed
from tests.servery.events.following import (
    MODEL,
    TABLES,
    Redis,
)


@pytest.fixture
async def writer(database_url: str) -> AsyncIterator[Any]:
    async with connected(database_url) as connection:
        await connection.execute(TABLES)
        await installed(database_url, *sources_of(model_of_text(MODEL)))
        yield connection


@pytest.fixture
def redis() -> Redis:
    return Redis()
