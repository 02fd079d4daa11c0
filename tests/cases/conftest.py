"""A database for each fixture, shared by the cases that only read it."""

import asyncio
import secrets
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest

from tests.cases.fixtures import tables_sql

CaseDatabase = Callable[[dict[str, Any]], str]


@pytest.fixture(scope="session")
def case_database(postgres_url: str) -> Iterator[CaseDatabase]:
    """The URL of a database that holds a case's fixture, after its `mutate`."""
    made: dict[str, str] = {}

    def database(case: dict[str, Any]) -> str:
        key = case["id"] if case.get("mutate") else case["fixture"]
        if key not in made:
            made[key] = _made(postgres_url, [tables_sql(case["fixture"]), *case.get("mutate", [])])
        return made[key]

    yield database
    for url in made.values():
        _run(postgres_url, [f"drop database {urlsplit(url).path[1:]} with (force)"])


def _made(server: str, statements: list[str]) -> str:
    name = f"case_{secrets.token_hex(8)}"
    _run(server, [f"create database {name} template template0"])
    url = urlunsplit(urlsplit(server)._replace(path=f"/{name}"))
    _run(url, ["set timezone = 'UTC'", *statements])
    return url


def _run(url: str, statements: list[str]) -> None:
    # In a thread: the test's own event loop must neither run this nor be replaced by it.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, _execute(url, statements)).result()


async def _execute(url: str, statements: list[str]) -> None:
    connection = await asyncpg.connect(url)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()
