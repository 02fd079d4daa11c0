"""A store behind a breaker: a store that is down costs its timeout a few times, then nothing."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any, TypeVar

from cache.breaker import Breaker
from cache.event import Event, EventName, Observe
from cache.store import LoadLease, Look, Server, Store, StoreDown
from cache.tokens import Mode, Stamps

T = TypeVar("T")


class Guarded:
    """The same store. Its loss and its return are told once each, not once per request."""

    def __init__(self, store: Store, breaker: Breaker, observe: Observe) -> None:
        self._store = store
        self.heard_changes = store.heard_changes  # no call of ours between: every hit in memory asks
        self._breaker = breaker
        self._observe = observe

    @property
    def left_alone(self) -> bool:
        """Whether it failed so often that it is asked only now and then."""
        return self._breaker.is_open

    def known(self, tags: Sequence[str]) -> Stamps | None:
        return self._store.known(tags)

    def last_known(self, tags: Sequence[str]) -> Stamps | None:
        return self._store.last_known(tags)

    def changes(self) -> int:
        return self._store.changes()

    async def look(self, name: str, tags: Sequence[str]) -> Look:
        return await self._if_permitted(lambda: self._store.look(name, tags))

    async def put(self, name: str, body: bytes, ttl_ms: int) -> None:
        await self._if_permitted(lambda: self._store.put(name, body, ttl_ms))

    async def note(self, topic: str, text: str, ttl_ms: int) -> None:
        await self._if_permitted(lambda: self._store.note(topic, text, ttl_ms))

    async def notes(self, glob: str) -> dict[str, str]:
        return await self._if_permitted(lambda: self._store.notes(glob))

    async def ping(self) -> None:
        await self._if_permitted(self._store.ping)

    async def info(self) -> Server:
        return await self._if_permitted(self._store.info)

    def lease(self, name: str) -> "GuardedLease":
        return GuardedLease(self._store.lease(name), self._if_permitted)

    # An operator's order is always tried: a refusal without an attempt would be no answer.

    async def invalidate(self, tags: Sequence[str], mode: Mode) -> None:
        await self._attempt(lambda: self._store.invalidate(tags, mode))

    async def delete(self, name: str) -> bool:
        return await self._attempt(lambda: self._store.delete(name))

    async def clear(self, pattern: str, mode: Mode) -> int:
        return await self._attempt(lambda: self._store.clear(pattern, mode))

    def names(self, pattern: str) -> AsyncIterator[str]:
        return self._store.names(pattern)

    def was_late(self) -> None:
        """The store had not answered when its caller's time was over."""
        if self._breaker.failed():
            self._observe(Event(EventName.STORE_LOST, detail="it is too slow"))

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


class GuardedLease:
    """The same lease. To take it alone, to renew and to let go of it is not worth a word about the store."""

    def __init__(
        self, lease: LoadLease, if_permitted: Callable[[Callable[[], Awaitable[Any]]], Awaitable[Any]]
    ) -> None:
        self._lease = lease
        self._if_permitted = if_permitted
        self.take = lease.take
        self.renew = lease.renew
        self.release = lease.release

    async def look(self, name: str, tags: Sequence[str]) -> Look:
        look: Look = await self._if_permitted(lambda: self._lease.look(name, tags))
        return look

    async def put(self, name: str, body: bytes, ttl_ms: int) -> None:
        await self._if_permitted(lambda: self._lease.put(name, body, ttl_ms))
