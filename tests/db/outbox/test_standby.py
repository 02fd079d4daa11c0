"""Changes read from a standby, which does not say which transactions are running."""

import asyncio
import shutil
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from db.changes import changes_since, is_standby, server_of
from db.listener import Line, LineSettings
from servery.embedded.postgres import EmbeddedPostgres
from tests.db.eventually import eventually
from tests.db.telling import END, TABLE, Reader, connected, installed, reading

pytestmark = [pytest.mark.anyio, pytest.mark.integration]

SENDING = {"wal_level": "replica", "max_wal_senders": "4", "synchronous_commit": "on"}


@dataclass(frozen=True)
class Pair:
    primary: str
    standby: str


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """A primary with change events, and a standby that was copied from it."""
    tmp_path = tmp_path_factory.mktemp("pair")
    primary = EmbeddedPostgres(tmp_path / "primary", settings=SENDING)
    with ThreadPoolExecutor(1) as thread:  # away from the loop of the tests
        thread.submit(asyncio.run, _made(primary.start())).result()
    primary.stop()
    host = "host replication all 127.0.0.1/32 scram-sha-256\n"
    data = _data(primary)
    (data / "pg_hba.conf").write_text((data / "pg_hba.conf").read_text("ascii") + host, "ascii")
    source = primary.start()
    primary.stop()

    standby = EmbeddedPostgres(tmp_path / "standby", settings={**SENDING, "primary_conninfo": source})
    standby.start()
    standby.stop()
    shutil.rmtree(_data(standby))
    subprocess.run(["cp", "-a", data, _data(standby)], check=True)
    subprocess.run(["cp", "-a", data.parent / "password", _data(standby).parent], check=True)
    subprocess.run(["cp", "-a", data / "PG_VERSION", _data(standby) / "standby.signal"], check=True)
    try:
        yield Pair(primary.start(), standby.start())
    finally:
        standby.erase()
        primary.erase()


def _data(server: EmbeddedPostgres) -> Path:
    assert server._place is not None
    return server._place / "data"


async def _made(url: str) -> None:
    async with connected(url) as owner:
        await owner.execute(TABLE)
    await installed(url)


async def test_each_change_is_read_once_whatever_runs_on_the_primary(pair: Pair) -> None:
    async with (
        reading(pair.standby) as reader,
        connected(pair.primary) as writer,
        connected(pair.primary) as other,
    ):
        await other.execute("begin; insert into sales values (1, '2026-01-15')")
        await writer.execute("insert into sales values (2, '2026-02-15')")

        # It is told again on each poll to whoever believes the snapshot of a standby, or never.
        seen = await _until_read(reader)
        await writer.execute("insert into sales values (3, '2026-03-15')")
        seen += await _until_read(reader)
        await other.execute("commit")
        seen += await _until_read(reader)

        assert seen == [("2026-02",), ("2026-03",), ("2026-01",)]
        assert await reader.news() == set()


async def _until_read(reader: Reader) -> list[object]:
    found: list[object] = []

    async def is_told() -> bool:
        found.extend(months for _, months in await reader.news())
        return bool(found)

    await eventually(is_told, within_s=10)
    return found


async def test_a_standby_is_another_server_than_its_primary(pair: Pair) -> None:
    lines = [await Line.open(LineSettings(url)) for url in (pair.primary, pair.standby)]

    assert [await is_standby(line) for line in lines] == [False, True]
    servers = [await server_of(line) for line in lines]
    assert servers[0] != servers[1]
    assert "" not in servers
    assert (await changes_since(lines[1], (await changes_since(lines[1], END)).until)).changes == ()
    for line in lines:
        line.close()
