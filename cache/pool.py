"""Clients of one server: a pool of connections, and those who find none free wait for one."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, Final, Protocol, TypeAlias

from hiredis import pack_command
from redis.asyncio import BlockingConnectionPool, ConnectionPool, Redis
from redis.asyncio.connection import AbstractConnection
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as BrokenConnection
from redis.exceptions import RedisError, ResponseError

from cache.patience import patience

Command: TypeAlias = tuple[bytes | str | int, ...]
_PACK: Final[Callable[[Command], bytes]] = pack_command  # type: ignore[assignment]  # it takes longer ones, too

SWEEPING_CONNECTIONS: Final = 2
_CLOSING_SECONDS: Final = 0.5


class Pool(ConnectionPool):
    """For questions. The library's own takes longer to hand out a connection than the server to answer."""

    def __init__(self, *, max_connections: int, **options: Any) -> None:
        super().__init__(max_connections=max_connections, **options)
        self._free = asyncio.Semaphore(max_connections)

    async def get_connection(
        self,
        command_name: str | None = None,  # noqa: ARG002  the library's own shape
        *_keys: Any,
        **_options: Any,
    ) -> AbstractConnection:
        await self._free.acquire()
        connection: AbstractConnection = self.get_available_connection()  # type: ignore[no-untyped-call]
        try:
            await self.ensure_connection(connection)
        except BaseException:
            await self.release(connection)
            raise
        return connection

    async def release(self, connection: AbstractConnection) -> None:
        self._in_use_connections.remove(connection)
        self._available_connections.append(connection)
        self._free.release()


def pooled(
    kind: type[AbstractConnection], *, connections: int, timeout: float | None, **options: Any
) -> Redis:
    """`options` are those of `kind`. Without a `timeout`, whoever asks bounds his waiting."""
    bounds = {"socket_timeout": timeout, "socket_connect_timeout": timeout, "max_connections": connections}
    # One retry, on broken connections only: after a restart of the server a stale connection
    # costs no request, and a server that hangs costs one timeout.
    retry = Retry(NoBackoff(), 1, supported_errors=(BrokenConnection,))
    options |= bounds | {"connection_class": kind, "protocol": 2, "retry": retry}
    pool = Pool(**options) if timeout is None else BlockingConnectionPool(timeout=timeout, **options)
    return Redis.from_pool(pool)


async def exchanged(client: Redis, commands: Sequence[Command]) -> list[Any]:
    """The replies to commands that travel together; errors of single ones stand among them.

    Tried once more where the connection is broken, as the library does it, which takes three times as long.
    """
    pool: Any = client.connection_pool
    connection = await pool.get_connection()
    try:
        try:
            return await answers(connection, commands)
        except BrokenConnection:
            await connection.disconnect(nowait=True)
            return await answers(connection, commands)
    finally:
        await pool.release(connection)


async def answers(connection: AbstractConnection, commands: Sequence[Command]) -> list[Any]:
    """The same on this connection, which is opened if it is not. Whoever breaks it off, closes it."""
    await connection.send_packed_command(b"".join(map(_PACK, commands)))
    replies: list[Any] = []
    for _ in commands:
        try:
            replies.append(await connection.read_response())
        except ResponseError as fault:
            replies.append(fault)
    return replies


class Closable(Protocol):
    """Each of the library's clients."""

    async def aclose(self) -> None: ...


async def closed(*clients: Closable) -> None:
    """Never raises. The farewells of TLS to a server that hangs are not waited for."""
    for client in clients:
        with suppress(RedisError, OSError), patience(_CLOSING_SECONDS):
            await client.aclose()
