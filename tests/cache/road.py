"""A way to a server, for looks that share trips."""

import asyncio
from collections.abc import Sequence
from typing import Final

from cache import Found, Missing
from cache.looks import Looks, Replies, Reply, Trip
from cache.pool import Command
from tests.cache.fakes import opened, until

NEVER: Final = 1e6
"""Seconds."""

FEW_MS: Final = 0.003


class Road:
    """Trips to a server that knows every name; a closed gate holds back the replies."""

    def __init__(self, late_after: float = NEVER) -> None:
        self.trips: list[tuple[tuple[str, ...], tuple[str, ...]]] = []
        self.attempts: list[tuple[str, ...]] = []
        self.errands: list[tuple[Command, ...]] = []
        self.gate = opened()
        self.error: BaseException | None = None
        self.version = 1
        self.looks: Looks[str] = Looks(self.send, late_after)

    async def send(self, trip: Trip[str]) -> Replies[str]:
        names, tags, leases = tuple(trip.names), tuple(trip.tags), tuple(trip.leases)
        self.trips.append((names, tags))
        self.attempts.append(leases)
        self.errands.append(tuple(trip.errands))
        version = self.version
        await self.gate.wait()
        if self.error:
            raise self.error
        return Replies(
            {name: Found(f"{name} {version}".encode(), 1) for name in names},
            {tag: f"{tag} {version}" for tag in tags},
            {lease: (f"{lease} taken",) for lease in leases},
        )

    def ask(self, name: str, *tags: str) -> "asyncio.Task[bytes]":
        return asyncio.create_task(self._body(name, tags))

    def ask_with(self, name: str, lease: str) -> "asyncio.Task[Reply]":
        return asyncio.create_task(self.looks.look(name, (), lease))

    def send_on(self, *command: str) -> "asyncio.Task[None]":
        return asyncio.create_task(self.looks.errand(command))

    async def _body(self, name: str, tags: Sequence[str]) -> bytes:
        found, tokens, attempt = await self.looks.look(name, tags)
        assert not isinstance(found, Missing)
        assert set(tags) <= tokens.keys()
        assert attempt == ()
        return found.body

    async def held_up(self, trips: int) -> "list[asyncio.Task[bytes]]":
        """So many are on their way, and late; the gate is closed."""
        self.gate.clear()
        asked = []
        for number in range(trips):
            asked.append(self.ask(str(number)))
            await until(lambda: len(self.trips) == len(asked))
        return asked
