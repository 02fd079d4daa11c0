"""A store behind a breaker: a store that is down costs its timeout a few times, then nothing."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from cache.breaker import Breaker
from cache.event import Event, EventName, Observe
from cache.store import Found, Missing, Server, Store, StoreDown

T = TypeVar("T")


class Guarded:
    """The same store. Its loss and its return are told once each, not once per request."""

    def __init__(self, store: Store, breaker: Breaker, observe: Observe) -> None:
        self._store = store
        self._breaker = breaker
        self._observe = observe

    async def get(self, name: str) -> Found | Missing:
        return await self._if_permitted(lambda: self._store.get(name))

    async def put(self, name: str, body: bytes, ttl_ms: int) -> None:
        await self._if_permitted(lambda: self._store.put(name, body, ttl_ms))

    async def info(self) -> Server:
        return await self._if_permitted(self._store.info)

    # An operator's order is always tried: a refusal without an attempt would be no answer.

    async def delete(self, name: str) -> bool:
        return await self._attempt(lambda: self._store.delete(name))

    async def clear(self, pattern: str) -> int:
        return await self._attempt(lambda: self._store.clear(pattern))

    async def close(self) -> None:
        await self._store.close()

    async def _if_permitted(self, operation: Callable[[], Awaitable[T]]) -> T:
        if not self._breaker.permits():
            raise StoreDown("it failed several times in a row and is left alone for a moment")
        return await self._attempt(operation)

    async def _attempt(self, operation: Callable[[], Awaitable[T]]) -> T:
        try:
            result = await operation()
        except StoreDown as down:
            if self._breaker.failed():
                self._observe(Event(EventName.STORE_LOST, detail=down.reason))
            raise
        if self._breaker.succeeded():
            self._observe(Event(EventName.STORE_BACK))
        return result
