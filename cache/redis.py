"""The store in Redis or Valkey: plain string keys that expire by the server's clock.

Nothing connects until it is used, so the store can be made while the server is away, and works
when it comes back. Every command touches one key, so that one node and a cluster are used alike.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from cachetools import TTLCache

from cache.clients import figures_of
from cache.event import Observe, unobserved
from cache.ledger import Ledger
from cache.links import links_of
from cache.lock import RedisLease
from cache.looks import Looks, Replies, Trip
from cache.patience import patience
from cache.pattern import OutsidePrefix, owned, tags_of
from cache.pool import Command
from cache.replies import found_in, sound
from cache.store import Claim, Look, Server, StoreDown
from cache.sweeps import Sweeps
from cache.tokens import MEMORY, SERVER, Mode, Stamps, bucket_of
from cache.tracker import Rhythm, Tracker

T = TypeVar("T")

_MOST_OWED: Final = 500


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds. What a question asks of the server may take `operation`, with all its waiting.

    Orders, clearing and counting have a pace of their own: `order` for an invalidation, `sweep_command` for
    each command of a sweep, `clear` for a whole clear, `count` for the counting of keys. `lease` is how long
    a lock is held by a process that may have died.
    """

    operation: float = 0.25
    order: float = 2.0
    sweep_command: float = 1.0
    clear: float = 30.0
    count: float = 0.2
    lease: float = 2.0


class RedisStore:
    """Keeps bytes under names that begin with `prefix` and touches no others."""

    def __init__(
        self,
        url: str,
        *,
        prefix: str,
        connections: int = 16,
        timeouts: Timeouts | None = None,
        rhythm: Rhythm | None = None,
        observe: Observe = unobserved,
        strict: bool = False,
    ) -> None:
        """With `strict` every look asks for all tokens, though this process is told of changes."""
        self._strict = strict
        self._prefix = prefix
        self._timeouts = timeouts or Timeouts()
        self._links = links_of(
            url,
            connections=connections,
            sweep_timeout=self._timeouts.sweep_command,
            vouch=self._vouch,
        )
        self._tracker = Tracker(self._links, prefix, rhythm=rhythm, observe=observe)
        self.heard_changes = self._tracker.heard
        self._ledger = Ledger(self._links, self._token)
        self._looks: Looks[RedisLease] = Looks(self._trip)
        self._owed: TTLCache[Command, None] = TTLCache(_MOST_OWED, self._timeouts.lease)
        self._sweeps = Sweeps(self._links, prefix, self._ledger)

    def known(self, tags: Sequence[str]) -> Stamps | None:
        server = self._tracker.server
        tokens = self._tracker.known(tags) if server else None
        return None if tokens is None or server is None else {SERVER: server, **tokens}

    def last_known(self, tags: Sequence[str]) -> Stamps | None:
        server, tokens = self._tracker.last_server, self._tracker.last_known(tags)
        return None if tokens is None or server is None else {SERVER: server, **tokens}

    def changes(self) -> int:
        return self._tracker.mark()

    async def look(self, name: str, tags: Sequence[str]) -> Look:
        return await self._look_with(name, tags, None)

    async def put(self, name: str, body: bytes, ttl_ms: int) -> None:
        owned(name, self._prefix)
        sound(*await self._exchange([("SET", name, body, "PX", ttl_ms)]))

    async def invalidate(self, tags: Sequence[str], mode: Mode) -> None:
        self._tracker.forget(tags)
        try:
            await self._command(lambda: self._ledger.renew(tags, mode), self._timeouts.order)
        finally:
            self._tracker.forget(tags)

    async def delete(self, name: str) -> bool:
        owned(name, f"{self._prefix}:query")  # a token or a lock is no answer
        own = bucket_of(name)
        await self.invalidate((own, MEMORY), Mode.PURGE)
        return await self._command(lambda: self._sweeps.unlink_one(name, own), self._timeouts.order) > 0

    async def clear(self, pattern: str, mode: Mode) -> int:
        """Exact at once by tokens; then the memory is freed in batches, between which others are answered."""
        tags = tags_of(pattern, self._prefix)
        await self.invalidate(tags, mode)
        if mode is Mode.EXPIRE:
            return 0
        return await self._command(lambda: self._sweeps.unlink(pattern, tags), self._timeouts.clear)

    async def names(self, pattern: str) -> AsyncIterator[str]:
        batches = self._sweeps.names(pattern)
        while True:
            names = await self._command(lambda: anext(batches, None), self._timeouts.order)
            if names is None:
                return
            for name in names:
                yield name.decode(errors="replace")

    def lease(self, name: str) -> RedisLease:
        lock = f"{self._prefix}:lock:{name}"
        return RedisLease(lock, self._timeouts.lease, self._exchange, self._look_with, self._errand)

    async def note(self, topic: str, text: str, ttl_ms: int) -> None:
        sound(*await self._exchange([("SET", self._topic(topic), text.encode(), "PX", ttl_ms)]))

    async def notes(self, glob: str) -> dict[str, str]:
        start = self._topic("")
        return await self._command(lambda: self._sweeps.notes(start, glob), self._timeouts.order)

    async def ping(self) -> None:
        await self._command(self._links.client.ping)

    async def info(self) -> Server:
        figures = await self._command(lambda: figures_of(self._links.client))
        keys, exact = await self._count()
        return Server(
            memory_used_mb=round(sum(each["used_memory"] for each in figures) / 1024**2, 2),
            keys=keys,
            keys_exact=exact,
            connected_clients=sum(each["connected_clients"] for each in figures),
            uptime_seconds=min(each["uptime_in_seconds"] for each in figures),
            evicted_keys=sum(each["evicted_keys"] for each in figures),
        )

    async def close(self) -> None:
        await self._looks.close()
        await self._tracker.close()
        await self._links.close()

    async def _look_with(self, name: str, tags: Sequence[str], lease: RedisLease | None) -> Look:
        owned(name, self._prefix)
        if self._tracker.server is not None:  # it waits for nothing but trips, which are bounded themselves
            return await self._look(name, tags, lease)
        return await self._within(self._timeouts.operation, lambda: self._look(name, tags, lease))

    async def _look(self, name: str, tags: Sequence[str], lease: RedisLease | None) -> Look:
        server = await self._tracker.vouched()
        known, since = {} if self._strict else self._known_of(tags), self._tracker.mark()
        unknown = [tag for tag in tags if tag not in known] if known else tags
        found, told, attempt = await self._looks.look(name, unknown, lease)
        if not self._tracker.vouches_for(server):
            raise StoreDown("it is another server than a moment ago, or none")
        if not self._strict:
            self._tracker.learn(told, since)
        stamps = {SERVER: server, **known, **{tag: told[tag] for tag in unknown}}
        return Look(found, stamps, lease.claim_in(*attempt) if lease else None)

    def _known_of(self, tags: Sequence[str]) -> dict[str, str]:
        """As they are known before anything is sent."""
        known = self._tracker.tokens()
        return {tag: known[tag] for tag in tags if tag in known}

    async def _trip(self, trip: Trip[RedisLease]) -> Replies[RedisLease]:
        """Bounded, whoever still waits: connections that died without a word must not keep others waiting."""
        return await self._within(self._timeouts.operation, lambda: self._send(trip))

    async def _send(self, trip: Trip[RedisLease]) -> Replies[RedisLease]:
        """One trip for all; a second one where tags have no token yet."""
        leases, names, tags = tuple(trip.leases), tuple(trip.names), tuple(trip.tags)
        errands = (*self._owed, *trip.errands)
        commands = [*errands, *(command for lease in leases for command in lease.attempt)]
        for name in names:
            commands += (("GET", name), ("PTTL", name))
        asked = self._ledger.asked(tags)
        replies = iter((await self._links.exchange([*commands, *asked.commands]))[len(errands) :])
        for errand in errands:
            self._owed.pop(errand, None)
        attempts = {lease: (next(replies), next(replies)) for lease in leases}
        found = {name: found_in(next(replies), next(replies)) for name in names}
        for lease in leases:
            # Whoever wanted it has left meanwhile, and may have let go of it before it was taken.
            if lease not in trip.leases and lease.claim_in(*attempts[lease]) is Claim.OURS:
                await self._links.exchange([lease.letting_go])
        return Replies(found, await self._ledger.told(asked, list(replies)), attempts)

    async def _errand(self, command: Command) -> None:
        """Like a look, it waits for nothing but trips. Raises StoreDown.

        A server that stalls may still carry out what nobody waits for any more, as to take a lease: what was
        to let go of it goes along with the next trip.
        """
        try:
            if self._tracker.server is None:
                await self._exchange([command])
            else:
                await self._looks.errand(command)
        except StoreDown:
            self._owed[command] = None
            raise

    async def _count(self) -> tuple[int, bool]:
        seen: set[bytes] = set()  # SCAN may show a key twice
        try:
            await self._command(lambda: self._sweeps.count(seen), self._timeouts.count)
        except StoreDown:
            return len(seen), False
        return len(seen), True

    def _vouch(self, run_id: str) -> None:
        self._tracker.vouch(run_id)

    def _token(self, tag: str) -> str:
        return f"{self._prefix}:gen:{tag}"

    def _topic(self, topic: str) -> str:
        return f"{self._prefix}:note:{topic}"

    async def _exchange(self, commands: Sequence[Command], seconds: float | None = None) -> list[Any]:
        return await self._command(lambda: self._links.exchange(commands), seconds)

    async def _command(self, command: Callable[[], Awaitable[T]], seconds: float | None = None) -> T:
        async def vouched() -> T:
            await self._tracker.vouched()
            return await command()

        return await self._within(self._timeouts.operation if seconds is None else seconds, vouched)

    async def _within(self, seconds: float, operation: Callable[[], Awaitable[T]]) -> T:
        """The room's one exception in place of the library's many, after at most `seconds` of patience."""
        task = asyncio.current_task()
        cancelled_before = task.cancelling() if task else 0
        try:
            with patience(seconds):
                result = await operation()
                # On Python 3.11 `asyncio.wait_for`, which the library writes with, can swallow a
                # cancellation.
                if task and task.cancelling() > cancelled_before:
                    raise asyncio.CancelledError  # noqa: TRY301  it passes by what is caught below
                return result
        except (StoreDown, OutsidePrefix):
            raise
        except Exception as fault:  # of a garbled reply anything may come
            raise StoreDown(str(fault) or f"no answer within {seconds:g} s") from fault
