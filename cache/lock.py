"""The lock that keeps other processes from loading what one of them loads already.

It saves work and guards nothing: whoever loses it, or never gets it, loads all the same, and what is stored
carries its stamps. A holder that dies is replaced when its lease ends.

Source: https://redis.io/docs/latest/develop/clients/patterns/distributed-locks/
"""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, Final, TypeVar
from uuid import uuid4

from redis.asyncio.lock import Lock
from redis.exceptions import LockError

from cache.store import StoreDown

T = TypeVar("T")
Within = Callable[[Callable[[], Awaitable[Any]]], Awaitable[Any]]

_UNSHARED: Final = b"unshared"
_UNSHARED_MS: Final = 1_000


class RedisLease:
    """Implements `cache.store.Lease` with the library's lock; `within` bounds each command."""

    def __init__(self, client: Any, name: str, seconds: float, within: Within) -> None:
        self._client = client
        self._name = name
        self._seconds = seconds
        self._within = within
        self._lock: Lock = client.lock(name, timeout=seconds, blocking=False, thread_local=False)
        self._token = uuid4().hex
        self._is_ours = False

    async def take(self) -> bool:
        if self._is_ours:
            return True
        taken: bool = await self._within(lambda: self._lock.acquire(token=self._token))
        return taken

    async def renew(self) -> None:
        with suppress(StoreDown, LockError):
            await self._within(lambda: self._lock.extend(self._seconds, replace_ttl=True))

    async def release(self, *, unshared: bool) -> None:
        with suppress(StoreDown, LockError):
            if unshared:
                await self._within(self._tell_unshared)
            else:
                # By our own token, so that it also ends a lock of which we never heard that we have it.
                await self._within(lambda: self._lock.do_release(self._token.encode()))

    async def is_unshared(self) -> bool:
        held, left_ms = await self._within(self._look)
        # A lost reply to our own attempt, which the library repeated, and which then found itself there.
        self._is_ours = held == self._token.encode()
        # A lock of ours always has an end: what has none is another's text, and nobody will take it away.
        return bool(held == _UNSHARED or left_ms == -1)

    async def _look(self) -> list[Any]:
        async with self._client.pipeline(transaction=False) as pipeline:
            pipeline.get(self._name)
            pipeline.pttl(self._name)
            return list(await pipeline.execute(raise_on_error=False))

    async def _tell_unshared(self) -> None:
        # In place of the lock, so that it costs no more than letting go. If the lease was lost meanwhile, it
        # is another's lock that is overwritten: then there are two loads, which is what would come anyway.
        await self._client.set(self._name, _UNSHARED, px=_UNSHARED_MS, xx=True)
