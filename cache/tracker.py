"""What this process knows of the tokens without asking, because the servers tell it of every change.

One connection of its own to each primary listens (CLIENT TRACKING in broadcasting mode, RESP3). What it
knows is trusted for one lease after the last answered PING: a connection that has died without a word is
found out by then. The identity of the servers (their `run_id`) is part of all stamps: a server that came
back, perhaps with old data, is another one.

Source: https://valkey.io/topics/client-side-caching/
"""

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from random import random

from redis.exceptions import RedisError

from cache.clients import renew
from cache.event import Event, EventName, Observe, unobserved
from cache.known import Known
from cache.links import Links, Place
from cache.patience import patience
from cache.store import StoreDown
from cache.tokens import Stamps
from cache.watch import Watch

_PAUSE = 0.05


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Seconds: between two PINGs, and how long an answered one is good for."""

    beat: float = 0.25
    lease: float = 1.0


class Tracker:
    """Works in the background from the first use on. Its loss is no fault: then nothing is known."""

    def __init__(
        self,
        links: Links,
        prefix: str,
        *,
        rhythm: Rhythm | None = None,
        observe: Observe = unobserved,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._links = links
        self._prefix = f"{prefix}:gen:"
        self._rhythm = rhythm or Rhythm()
        self._observe = observe
        self._clock = clock
        self._known = Known()
        self._watches: tuple[Watch, ...] = ()
        self._server: str | None = None
        self.last_server: str | None = None
        self._fault = ""
        self._attempted = asyncio.Event()
        self._doubt = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._closed = False

    @property
    def server(self) -> str | None:
        """The identity of all primaries; None while it is not certain, or the lease is over."""
        return self._server if self._leased else None

    def vouches_for(self, server: str) -> bool:
        """Whether that is still the identity of those that answer, whatever the lease says."""
        return self._server == server

    async def vouched(self) -> str:
        """The identity, after the wait for an attempt that is under way. Raises StoreDown."""
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name="cache tracker")
        if self._server is None:
            await self._attempted.wait()
        if self._server is None:
            raise StoreDown(self._fault or "it is not connected")
        return self._server

    def vouch(self, run_id: str) -> None:
        """Called for each new data connection. Raises ConnectionError when its server is not one we watch."""
        if all(run_id != watch.run_id for watch in self._watches):
            self._doubt.set()
            raise ConnectionError("the server is another than before")

    def known(self, tags: Sequence[str]) -> Stamps | None:
        """Their tokens, when all are known, the lease holds, and all that was sent is heard."""
        return self.last_known(tags) if self._live else None

    def last_known(self, tags: Sequence[str]) -> Stamps | None:
        """The same past the lease, too: what was current when the servers were last heard."""
        return self._known.stamps(tags)

    def tokens(self) -> Mapping[str, str]:
        """Every known token of now; empty when they cannot be trusted."""
        return self._known.tokens if self._live else {}

    def mark(self) -> int:
        """To be taken before tokens are asked for, and handed to `learn` with them."""
        return self._known.mark()

    def heard(self) -> int | None:
        """The mark, while what is known can be trusted."""
        return self._known.mark() if self._live else None

    def learn(self, tokens: Mapping[str, str], since: int) -> None:
        """Tokens as a server told them, unless they changed since the question was sent."""
        # What is still to be heard will take away again what it concerns.
        if self._leased and all(watch.told for watch in self._watches):
            self._known.learn(tokens, since)

    def forget(self, tags: Iterable[str]) -> None:
        """These have changed, or are about to."""
        for tag in tags:
            self._known.changed(tag)

    async def close(self) -> None:
        self._closed = True
        while self._task and not self._task.done():
            # Again, because a group of tasks that fails in the same moment keeps the cancellation to itself.
            self._task.cancel()
            await asyncio.wait((self._task,), timeout=self._rhythm.beat)

    @property
    def _leased(self) -> bool:
        if self._server is None:
            return False
        since = self._clock() - self._rhythm.lease
        return all(watch.confirmed > since for watch in self._watches)

    @property
    def _live(self) -> bool:
        """Whether all that changed is known: word of it may lie there while others are answered."""
        if self._server is None:
            return False
        since = self._clock() - self._rhythm.lease
        for watch in self._watches:  # noqa: SIM110  every answer from memory asks, and a generator costs more
            if watch.confirmed <= since or not watch.is_heard():
                return False
        return True

    async def _run(self) -> None:
        while not self._closed:
            try:
                await self._watch_all()
            except ExceptionGroup as faults:
                self._fault = str(faults.exceptions[0]) or "the connection broke"
            except Exception as fault:  # noqa: BLE001  whatever it is, it must not be the end of the cache
                self._fault = str(fault) or "no answer"
            finally:
                self._server = None
                self._attempted.set()
            await asyncio.sleep(_PAUSE * (1 + random()))

    async def _watch_all(self) -> None:
        self._doubt.clear()
        with patience(self._rhythm.lease):
            places = await self._links.primaries()
        watches = tuple(
            Watch(self._links.dedicated(place), self._prefix, self._known.changed) for place in places
        )
        try:
            with patience(self._rhythm.lease):
                for watch in watches:
                    await watch.open(self._clock)
            await self._begin(watches)
            async with asyncio.TaskGroup() as group:
                for watch in watches:
                    group.create_task(watch.listen(self._rhythm.beat, self._rhythm.lease, self._clock))
                group.create_task(self._until_doubt(places))
        finally:
            self._server = None
            for watch in watches:
                with suppress(RedisError, OSError):
                    await watch.close()

    async def _begin(self, watches: tuple[Watch, ...]) -> None:
        """Whatever was known may be old: everything is forgotten, connections included."""
        self._known.clear()
        self._watches = watches
        # Connections from before may lead to a server that is none of these any more.
        for client in (self._links.client, self._links.sweeper):
            await renew(client)
        before = self.last_server
        runs = ",".join(sorted(watch.run_id for watch in watches))
        self._server = sha256(runs.encode()).hexdigest()[:16]
        self.last_server = self._server
        self._fault = ""
        self._attempted.set()
        if before not in {None, self._server}:
            self._observe(Event(EventName.STORE_CHANGED))
        if not all(watch.told for watch in watches):
            refused = next(watch.refusal for watch in watches if not watch.told)
            self._observe(Event(EventName.UNTRACKED, detail=refused))

    async def _until_doubt(self, places: tuple[Place, ...]) -> None:
        """Raises when another server answers, or others are named as the primaries."""
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._rhythm.lease):
                    await self._doubt.wait()
                    raise _Doubted("another server answers")
            with patience(self._rhythm.lease):
                if set(await self._links.primaries()) != set(places):
                    raise _Doubted("the primaries are others")


class _Doubted(Exception):
    """The servers are not those that are watched."""
