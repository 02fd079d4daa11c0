"""For how long does another process show the old number, after an invalidation has returned?"""

import asyncio
import os
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from redis.asyncio import Redis

from cache import Cache, Mode, RedisStore, StoreDown
from tests.cache.fakes import PREFIX
from tests.cache.processes.fleet import Crew, fleet
from tests.cache.processes.register import Register
from tests.cache.processes.task import Task, Told
from tests.cache.processes.worker import TAG
from tests.cache.servers import RunningRedis

PROCESSES: Final = 2
LASTING: Final = 1.5
"""Seconds for which a stall goes on when the last order has returned: more than a lease."""

HEALTHY: Final = "healthy"
FLUSHED: Final = "FLUSHALL in the middle"
RESTARTED: Final = "server killed and started anew in the middle"
STALLED: Final = "the connections of one process stall silently"


@dataclass(slots=True)
class Phase:
    """Numbers from `first` to `last`. `returned`: when the invalidation of each returned."""

    first: int
    last: int = 0
    returned: dict[int, float] = field(default_factory=dict)
    refused: int = 0


@dataclass(frozen=True, slots=True)
class Lateness:
    """Milliseconds, one for each number and process: how long after the order it was still shown."""

    fresh: list[float]
    flagged: list[float]

    @property
    def median(self) -> float:
        return sorted(self.fresh)[len(self.fresh) // 2]

    @property
    def p99(self) -> float:
        return sorted(self.fresh)[int(len(self.fresh) * 0.99)]

    @property
    def most(self) -> float:
        return max(self.fresh)


@dataclass(frozen=True, slots=True)
class Watched:
    """What all processes showed."""

    lateness: Mapping[str, Lateness]
    told: tuple[Told, ...]
    refused: int


class Play:
    """Numbers go up, each time with an order; phase after phase."""

    def __init__(self, server: RunningRedis, register: Register, crews: list[Crew]) -> None:
        self._server = server
        self._register = register
        self._crews = crews
        self._cache = Cache(RedisStore(server.url, prefix=PREFIX))
        self.phases: dict[str, Phase] = {}

    async def run(self, *, orders: int) -> None:
        try:
            await self._phase(HEALTHY, orders)
            await self._phase(FLUSHED, orders // 3, self._flush)
            await self._phase(RESTARTED, orders // 3, self._restart)
            await self._phase(STALLED, orders, self._stall)
        finally:
            await self._cache.close()

    async def _phase(
        self, name: str, orders: int, event: Callable[[], Awaitable[None]] | None = None
    ) -> None:
        phase = self.phases[name] = Phase(self._register.value + 1)
        for turn in range(orders):
            if event and turn == orders // 2:
                await event()
            await self._order(phase)
            await asyncio.sleep(0.03)
        await self._until_ordered(phase)
        if name is STALLED:
            await asyncio.sleep(LASTING)
        for crew in self._crews:
            crew.order("resume")
        await asyncio.sleep(0.3)
        phase.last = self._register.value

    async def _order(self, phase: Phase) -> bool:
        value = self._register.value = self._register.value + 1
        try:
            await self._cache.invalidate((TAG,), Mode.PURGE)
        except StoreDown:
            phase.refused += 1
            return False
        phase.returned[value] = time.monotonic()
        return True

    async def _until_ordered(self, phase: Phase) -> None:
        """So that no number of this phase is the last one that anybody was told of."""
        while not await self._order(phase):  # noqa: ASYNC110
            await asyncio.sleep(0.05)

    async def _flush(self) -> None:
        async with Redis.from_url(self._server.url, protocol=2) as admin:
            await admin.flushall()

    async def _restart(self) -> None:
        await asyncio.to_thread(self._server.kill)
        await asyncio.to_thread(self._server.start)

    async def _stall(self) -> None:
        self._crews[0].order("stall")


def watched(server: RunningRedis, folder: Path, *, orders: int) -> Watched:
    """Play all phases before processes that ask all the time."""
    register = Register(folder)
    task = Task("watch", server.url, os.fspath(folder))
    try:
        with fleet([task] * PROCESSES) as crews:
            play = Play(server, register, crews)
            asyncio.run(play.run(orders=orders))
            for crew in crews:
                crew.order("stop")
            told = tuple(told for crew in crews if (told := crew.told()) is not None)
    finally:
        register.close()
    returned = {value: moment for phase in play.phases.values() for value, moment in phase.returned.items()}
    lateness = {name: _lateness(phase, returned, told) for name, phase in play.phases.items()}
    return Watched(lateness, told, sum(phase.refused for phase in play.phases.values()))


def _lateness(phase: Phase, returned: Mapping[int, float], told: tuple[Told, ...]) -> Lateness:
    return Lateness(
        fresh=[late for each in told for late in _late(phase, returned, each.fresh)],
        flagged=[late for each in told for late in _late(phase, returned, each.flagged)],
    )


def _late(phase: Phase, returned: Mapping[int, float], shown: Mapping[int, float]) -> list[float]:
    """Milliseconds between the first order after a number and the last question that was answered with it."""
    found = []
    for value, moment in shown.items():
        later = [at for newer, at in returned.items() if newer > value]
        if later and phase.first - 1 <= value < phase.last:
            found.append(max(0.0, moment - min(later)) * 1000)
    return found
