"""A database with the shop's tables, shared by all tests of the folder: each loads data of its own."""

import secrets
from collections.abc import AsyncIterator
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest

from tests.engine.service import Counter, opened_counter


@pytest.fixture(scope="session")
async def counter(postgres_url: str, anyio_backend: str) -> AsyncIterator[Counter]:
    name = f"engine_{secrets.token_hex(8)}"
    await _execute(postgres_url, f"create database {name} template template0")
    try:
        async with opened_counter(urlunsplit(urlsplit(postgres_url)._replace(path=f"/{name}"))) as opened:
            yield opened
    finally:
        await _execute(postgres_url, f"drop database {name} with (force)")


async def _execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
