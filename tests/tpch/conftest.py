"""The same data in PostgreSQL, behind the API, and in DuckDB, which answers in plain SQL."""

import secrets
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import duckdb
import pytest

from model.load import load_model
from tests.service import Service, service_over
from tests.tpch.data import EXAMPLE, load_duckdb, load_postgres, make_files, run_in_thread


@pytest.fixture(scope="session")
def tpch_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tpch")
    make_files(folder)
    return folder


@pytest.fixture(scope="session")
def tpch_url(postgres_url: str, tpch_files: Path) -> Iterator[str]:
    """A database with the schemas tpch and ssb, for tests that only read it. Texts sort as DuckDB's do."""
    name = f"tpch_{secrets.token_hex(8)}"
    as_bytes = "template template0 locale_provider libc locale 'C'"
    run_in_thread(postgres_url, f"create database {name} {as_bytes}")
    url = urlunsplit(urlsplit(postgres_url)._replace(path=f"/{name}"))
    try:
        load_postgres(url, tpch_files)
        yield url
    finally:
        run_in_thread(postgres_url, f"drop database {name} with (force)")


@pytest.fixture(scope="session")
def duck(tpch_files: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        load_duckdb(connection, tpch_files)
        yield connection


@pytest.fixture(scope="session")
async def tpch(tpch_url: str) -> AsyncIterator[Service]:
    async with service_over(load_model(EXAMPLE / "model.yml"), tpch_url) as service:
        yield service


@pytest.fixture(scope="session")
async def ssb(tpch_url: str) -> AsyncIterator[Service]:
    async with service_over(load_model(EXAMPLE / "ssb" / "model.yml"), tpch_url) as service:
        yield service
