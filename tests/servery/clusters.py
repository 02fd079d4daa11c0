"""What the tests of the embedded PostgreSQL share: asking it, and a server that nobody guards."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg

from servery.embedded.binaries import find_postgres
from servery.embedded.port import free_port
from servery.embedded.postgres import EmbeddedPostgres, _is_ready

SMALL = {"shared_buffers": "16MB"}


async def ask(url: str, question: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        answer: object = await connection.fetchval(question)
    finally:
        await connection.close()
    return answer


def data_of(server: EmbeddedPostgres) -> Path:
    assert server._cluster is not None
    return server._cluster.data


@contextmanager
def leftover(server: EmbeddedPostgres) -> Iterator["subprocess.Popen[bytes]"]:
    """A postmaster on the data of `server` that nobody guards, once it takes connections."""
    account = server._account
    program = find_postgres(account)
    process = subprocess.Popen(
        [program.path, "-D", data_of(server), "-c", f"port={free_port()}", "-c", "unix_socket_directories="],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd="/",
        start_new_session=True,
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
    )
    try:
        while not _is_ready(data_of(server), process.pid):
            assert process.poll() is None
            time.sleep(0.01)
        yield process
    finally:
        process.kill()
        process.wait()
