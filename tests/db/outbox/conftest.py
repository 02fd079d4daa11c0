"""A table whose changes are told, those who write to it, and one who reads."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from db.listener import Line, LineSettings
from tests.db.telling import TABLE, Reader, connected, installed, reading


@pytest.fixture
async def writer(database_url: str) -> AsyncIterator[Any]:
    async with connected(database_url) as connection:
        await connection.execute(TABLE)
        await installed(database_url)
        yield connection


@pytest.fixture
async def other(writer: Any, database_url: str) -> AsyncIterator[Any]:
    async with connected(database_url) as connection:
        yield connection


@pytest.fixture
async def reader(writer: Any, database_url: str) -> AsyncIterator[Reader]:
    async with reading(database_url) as reader:
        yield reader


@pytest.fixture
async def line(writer: Any, database_url: str) -> AsyncIterator[Line]:
    line = await Line.open(LineSettings(database_url))
    yield line
    line.close()
