"""Locks, freezes, and looks at what a service does meanwhile."""

import os
import signal
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import asyncpg
import psutil

from tests.db.eventually import eventually
from tests.process import Service

WAITING = "select count(*) from pg_stat_activity where application_name = 'servery' and state = 'active'"


@asynccontextmanager
async def locked_sales(url: str) -> AsyncIterator[Any]:
    """While it is held, every question about sales waits in PostgreSQL. Gives a connection to look on."""
    holder, onlooker = await asyncpg.connect(url), await asyncpg.connect(url)
    try:
        async with holder.transaction():
            await holder.execute("lock table restaurant.sales in access exclusive mode")
            yield onlooker
    finally:
        await holder.close()
        await onlooker.close()


async def waiting(connection: Any) -> int:
    found: int = await connection.fetchval(WAITING)
    return found


async def until_one_waits(connection: Any) -> None:
    async def one_waits() -> bool:
        return await waiting(connection) == 1

    await eventually(one_waits, within_s=5)


@contextmanager
def frozen(pid: int | None) -> Iterator[None]:
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


async def all_are_connected(service: Service, count: int) -> bool:
    connections = psutil.Process(service.process.pid).net_connections("tcp")
    mine = [each for each in connections if each.laddr.port == service.port and each.status == "ESTABLISHED"]
    return len(mine) >= count


def is_open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
