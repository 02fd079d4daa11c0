"""The store in Redis or Valkey: plain string keys that expire by the server's clock.

Nothing connects until it is used, so the store can be made while the server is away, and works
when it comes back.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeVar

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as BrokenConnection
from redis.exceptions import RedisError, ResponseError

from cache.patience import patience
from cache.pattern import confined, owned
from cache.store import Found, Missing, Server, StoreDown

T = TypeVar("T")

_BATCH = 500


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds. What a question asks of the server may take `operation`, with all its waiting.

    Clearing and counting have a pace of their own: `sweep_command` for each command, `clear` for a
    whole clear, `count` for the counting of keys.
    """

    operation: float = 0.25
    sweep_command: float = 1.0
    clear: float = 10.0
    count: float = 0.2


class RedisStore:
    """Keeps bytes under names that begin with `prefix` and touches no others."""

    def __init__(
        self, url: str, *, prefix: str, connections: int = 16, timeouts: Timeouts | None = None
    ) -> None:
        self._prefix = prefix
        self._timeouts = timeouts or Timeouts()
        # The library's own timeouts would take a busy event loop for a slow server: patience bounds all.
        self._client = _client(url, connections, timeout=None)
        # Sweeps have connections of their own, so that a clear takes none away from the questions.
        self._sweeper = _client(url, 2, timeout=self._timeouts.sweep_command)

    async def get(self, name: str) -> Found | Missing:
        owned(name, self._prefix)

        async def command() -> list[object]:
            async with self._client.pipeline(transaction=False) as pipeline:
                pipeline.get(name)
                pipeline.pttl(name)
                return await pipeline.execute(raise_on_error=False)

        return _found(*await _within(self._timeouts.operation, command))

    async def put(self, name: str, body: bytes, ttl_ms: int) -> None:
        owned(name, self._prefix)
        await _within(self._timeouts.operation, lambda: self._client.set(name, body, px=ttl_ms))

    async def delete(self, name: str) -> bool:
        owned(name, self._prefix)
        return await _within(self._timeouts.operation, lambda: self._client.unlink(name)) > 0

    async def clear(self, pattern: str) -> int:
        """Delete in batches, which lets the server answer others in between."""
        glob = confined(pattern, self._prefix)
        deleted = 0

        async def unlink(names: Sequence[bytes | str]) -> None:
            nonlocal deleted
            # UNLINK tells how many it removed: two clears at one time never count a key twice.
            deleted += await self._sweeper.unlink(*names)

        await _within(self._timeouts.clear, lambda: self._sweep(glob, unlink))
        return deleted

    async def info(self) -> Server:
        figures = await _within(self._timeouts.operation, self._client.info)
        keys, exact = await self._count()
        return Server(
            memory_used_mb=round(figures["used_memory"] / 1024**2, 2),
            keys=keys,
            keys_exact=exact,
            connected_clients=figures["connected_clients"],
            uptime_seconds=figures["uptime_in_seconds"],
        )

    async def close(self) -> None:
        for client in (self._client, self._sweeper):
            with suppress(RedisError, OSError):
                await client.aclose()

    async def _count(self) -> tuple[int, bool]:
        seen: set[bytes | str] = set()  # SCAN may show a key twice

        async def note(names: Sequence[bytes | str]) -> None:
            seen.update(names)

        glob = confined(f"{self._prefix}:*", self._prefix)
        try:
            await _within(self._timeouts.count, lambda: self._sweep(glob, note))
        except StoreDown:
            return len(seen), False
        return len(seen), True

    async def _sweep(self, glob: str, visit: Callable[[Sequence[bytes | str]], Awaitable[None]]) -> None:
        cursor = 0
        while True:
            cursor, names = await self._sweeper.scan(cursor, match=glob, count=_BATCH)
            if names:
                await visit(names)
            if cursor == 0:
                return


def _client(url: str, connections: int, *, timeout: float | None) -> Redis:
    pool = BlockingConnectionPool.from_url(
        url,
        max_connections=connections,
        timeout=timeout,
        socket_timeout=timeout,
        socket_connect_timeout=timeout,
        protocol=2,
        driver_info=None,  # no CLIENT SETINFO: it costs each new connection a round trip
        # One retry, on broken connections only: after a restart of the server a stale connection
        # costs no request, and a server that hangs costs one timeout.
        retry=Retry(NoBackoff(), 1, supported_errors=(BrokenConnection,)),
    )
    return Redis.from_pool(pool)


async def _within(seconds: float, operation: Callable[[], Awaitable[T]]) -> T:
    """The room's one exception in place of the library's many, after at most `seconds` of patience."""
    task = asyncio.current_task()
    cancelled_before = task.cancelling() if task else 0
    try:
        async with patience(seconds):
            result = await operation()
            # On Python 3.11 `asyncio.wait_for`, which the library writes with, can swallow a cancellation.
            if task and task.cancelling() > cancelled_before:
                raise asyncio.CancelledError
            return result
    except (RedisError, OSError) as fault:  # TimeoutError is an OSError
        raise StoreDown(str(fault) or f"no answer within {seconds:g} s") from fault


def _found(body: object, remaining_ms: object) -> Found | Missing:
    if isinstance(body, ResponseError) and str(body).startswith("WRONGTYPE"):
        return Missing.UNREADABLE
    for reply in (body, remaining_ms):
        if isinstance(reply, Exception):
            raise StoreDown(str(reply)) from reply
    if body is None:
        return Missing.ABSENT
    # We write nothing without an end (-1). An entry that ended between the two commands (-2) was alive.
    if not isinstance(body, bytes) or not isinstance(remaining_ms, int) or remaining_ms == -1:
        return Missing.UNREADABLE
    return Found(body, max(0, remaining_ms))
