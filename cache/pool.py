"""Clients of one server: a pool of connections, and those who find none free wait for one."""

from contextlib import suppress
from typing import Any, Final, Protocol

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.connection import AbstractConnection
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as BrokenConnection
from redis.exceptions import RedisError

from cache.patience import patience

SWEEPING_CONNECTIONS: Final = 2
_CLOSING_SECONDS: Final = 0.5


def pooled(
    kind: type[AbstractConnection], *, connections: int, timeout: float | None, **options: Any
) -> Redis:
    """`options` are those of `kind`. Without a `timeout`, whoever asks bounds his waiting."""
    pool = BlockingConnectionPool(
        connection_class=kind,
        max_connections=connections,
        timeout=timeout,
        socket_timeout=timeout,
        socket_connect_timeout=timeout,
        protocol=2,
        # One retry, on broken connections only: after a restart of the server a stale connection
        # costs no request, and a server that hangs costs one timeout.
        retry=Retry(NoBackoff(), 1, supported_errors=(BrokenConnection,)),
        **options,
    )
    return Redis.from_pool(pool)


class Closable(Protocol):
    """Each of the library's clients."""

    async def aclose(self) -> None: ...


async def closed(*clients: Closable) -> None:
    """Never raises. The farewells of TLS to a server that hangs are not waited for."""
    for client in clients:
        with suppress(RedisError, OSError):
            async with patience(_CLOSING_SECONDS):
                await client.aclose()
