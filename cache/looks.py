"""Looks share trips to the server: whoever asks while one is under way goes with the next.

A look is only ever joined before it is sent, so that nobody is given what was there before they asked. The
next one leaves when the one before has come back, or is late: a connection that hangs holds up nobody.
Errands go along with the next look, or by themselves when there is none for a while.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Generic, NamedTuple, TypeVar

from cache.pool import Command
from cache.store import Found, Missing, StoreDown

L = TypeVar("L")

LATE_AFTER: Final = 0.005
"""Seconds. A trip over loopback takes a fifth of a millisecond, and one to another zone two."""

IDLE_SECONDS: Final = 0.002
"""How long an errand waits for looks to go along with."""

_LARGEST: Final = 32
_AT_ONCE: Final = 4
_CLOSING: Final = "it is being closed"


class Reply(NamedTuple):
    """What lay under a name, and at least the tokens of the tags that were asked for with it.

    `attempt` is what the server said to the attempt to take a lease.
    """

    found: Found | Missing
    tokens: Mapping[str, str]
    attempt: Sequence[Any]


class Replies(NamedTuple, Generic[L]):
    """Of one trip."""

    found: Mapping[str, Found | Missing]
    tokens: Mapping[str, str]
    attempts: Mapping[L, Sequence[Any]]


@dataclass(slots=True, eq=False)
class Trip(Generic[L]):
    """What is asked for: first `errands`, then attempts to take `leases`, then the looks."""

    errands: list[Command] = field(default_factory=list)
    names: dict[str, None] = field(default_factory=dict)
    tags: dict[str, None] = field(default_factory=dict)
    leases: dict[L, None] = field(default_factory=dict)
    waiting: "list[asyncio.Future[Replies[L]]]" = field(default_factory=list)
    """Those who went along, whatever for."""

    @property
    def is_full(self) -> bool:
        return len(self.names) >= _LARGEST or len(self.errands) >= _LARGEST


class Looks(Generic[L]):
    """`send` makes one trip. Those who go along raise what it raises."""

    def __init__(
        self, send: Callable[[Trip[L]], Awaitable[Replies[L]]], late_after: float = LATE_AFTER
    ) -> None:
        self._send = send
        self._late_after = late_after
        self._gathering: deque[Trip[L]] = deque()
        self._under_way: dict[asyncio.Task[None], float] = {}
        """When each has left, the youngest last."""
        self._soon = False
        self._later: asyncio.TimerHandle | None = None
        self._later_at = 0.0
        self._closed = False

    async def look(self, name: str, tags: Sequence[str], lease: L | None = None) -> Reply:
        """With a `lease`, after an attempt to take it, but not of those who left before the trip did."""
        if self._closed:
            raise StoreDown(_CLOSING)
        trip = self._next_trip()
        trip.names[name] = None
        trip.tags.update(dict.fromkeys(tags))
        if lease is not None:
            trip.leases[lease] = None
        try:
            found, tokens, attempts = await self._along(trip)
        except asyncio.CancelledError:
            if lease is not None:
                trip.leases.pop(lease, None)
            raise
        return Reply(found[name], tokens, () if lease is None else attempts[lease])

    async def errand(self, command: Command) -> None:
        """Have it carried out soon. What comes of it is not told; of a trip that failed, nothing is known."""
        if self._closed:
            raise StoreDown(_CLOSING)
        trip = self._next_trip()
        trip.errands.append(command)
        await self._along(trip)

    async def close(self) -> None:
        """Send nothing any more. Those who wait get StoreDown."""
        self._closed = True
        while self._gathering:
            _fail(self._gathering.popleft(), StoreDown(_CLOSING))
        for task in self._under_way:
            task.cancel()
        if self._under_way:
            await asyncio.wait(self._under_way)

    def _next_trip(self) -> Trip[L]:
        if not self._gathering or self._gathering[-1].is_full:
            self._gathering.append(Trip())
        return self._gathering[-1]

    def _along(self, trip: Trip[L]) -> "asyncio.Future[Replies[L]]":
        replies: asyncio.Future[Replies[L]] = asyncio.get_running_loop().create_future()
        trip.waiting.append(replies)
        self._schedule()
        return replies

    def _schedule(self) -> None:
        if self._soon or not self._gathering or len(self._under_way) >= _AT_ONCE:
            return
        loop, trip = asyncio.get_running_loop(), self._gathering[0]
        if trip.is_full or (trip.names and not self._under_way):
            # At the end of this turn of the loop: whoever asks in the same turn comes along.
            self._soon = True
            loop.call_soon(self._depart)
        elif trip.names:
            self._depart_by(next(reversed(self._under_way.values())) + self._late_after)
        elif self._later is None:
            self._depart_by(loop.time() + IDLE_SECONDS)

    def _depart_by(self, when: float) -> None:
        if self._later is None or when < self._later_at:
            self._wait_no_longer()
            self._later_at = when
            self._later = asyncio.get_running_loop().call_at(when, self._depart)

    def _depart(self) -> None:
        self._soon = False
        self._wait_no_longer()
        if not self._gathering or len(self._under_way) >= _AT_ONCE:
            return
        trip = self._gathering.popleft()
        task = asyncio.create_task(self._travel(trip), name="cache look")
        self._under_way[task] = asyncio.get_running_loop().time()
        task.add_done_callback(self._arrived)
        # One that is cancelled before it begins has told nobody.
        task.add_done_callback(lambda _: _fail(trip, StoreDown(_CLOSING)))
        self._schedule()

    def _arrived(self, task: asyncio.Task[None]) -> None:
        del self._under_way[task]
        self._wait_no_longer()
        self._schedule()

    def _wait_no_longer(self) -> None:
        if self._later:
            self._later.cancel()
            self._later = None

    async def _travel(self, trip: Trip[L]) -> None:
        try:
            replies = await self._send(trip)
        except BaseException as fault:
            cancelled = isinstance(fault, asyncio.CancelledError)
            _fail(trip, StoreDown(_CLOSING) if cancelled else fault)
            if not isinstance(fault, Exception):
                raise
        else:
            for each in trip.waiting:
                if not each.done():
                    each.set_result(replies)


def _fail(trip: Trip[L], fault: BaseException) -> None:
    for each in trip.waiting:
        if not each.done():
            each.set_exception(fault)
