"""One schedule: readers, people who invalidate, and a gremlin, who go on as the lot falls."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from random import Random
from typing import Final

from redis.asyncio import Redis

from cache import Mode
from tests.cache.interleaving.outcome import Outcome
from tests.cache.interleaving.turns import Turns
from tests.cache.interleaving.wire import Direction, Wire
from tests.cache.interleaving.world import (
    OLD_LOAD,
    QUESTIONS,
    SHARED,
    TAGS,
    Cut,
    Design,
    Floors,
    Kind,
    Ledger,
    Order,
    Shown,
    Trust,
    Unavailable,
)

READERS: Final = 5
READS: Final = 4
ORDERERS: Final = 2
ORDERS: Final = 3
TRICKS: Final = 6
CANCELLATIONS: Final = 4
CALM: Final = 0.1
"""The haste up to which no command comes too late."""

LEASE: Final = 1.0


@dataclass(frozen=True, slots=True)
class Company:
    """What a schedule is played with: a design, the wires of its caches, and what they are held to."""

    design: Design
    wires: list[Wire]
    trust: Trust


@dataclass(frozen=True, slots=True)
class Weather:
    """What goes wrong in a schedule beside bad luck.

    `haste` is how often time passes although somebody could go on: commands come too late, locks end.
    """

    evicts_tokens: bool
    haste: float = 0.0
    flushes: bool = False
    database_fails: bool = False
    callers_leave: bool = False
    cuts: bool = False
    slow_loads: bool = False

    @property
    def cuts_off(self) -> bool:
        """Whether a cache may be unable to ask its store."""
        return self.cuts or self.haste > CALM

    @classmethod
    def of(cls, seed: int) -> "Weather":
        random = Random(f"weather {seed}")
        return cls(
            evicts_tokens=True,
            haste=random.choice((0.0, 0.0, 0.01, 0.5, 0.9)),
            flushes=random.random() < 0.3,
            database_fails=random.random() < 0.3,
            callers_leave=random.random() < 0.3,
            slow_loads=random.random() < 0.3,
            cuts=random.random() < 0.3,
        )


@dataclass(frozen=True, slots=True)
class _Message:
    """An order that another cache has not been told of yet."""

    order: Order
    tick: int
    held: tuple[tuple[Direction, int], ...]

    @property
    def was_heard(self) -> bool:
        """Never, when its connection was cut: then the cache knows that it knows nothing."""
        return bool(self.held) and all(direction.gone >= number for direction, number in self.held)

    @property
    def has_arrived(self) -> bool:
        """Or cannot any more."""
        return all(direction.gone >= number or direction.is_cut for direction, number in self.held)


class Play:
    """Everything that one schedule needs."""

    def __init__(self, company: Company, gremlin: Redis, turns: Turns, seed: int, weather: Weather) -> None:
        self._company = company
        self._design = company.design
        self._gremlin = gremlin
        self._turns = turns
        self._seed = seed
        self._weather = weather
        self._ledger = Ledger(self._design.caches, turns.now)
        self._untold: list[list[_Message]] = [[] for _ in range(self._design.caches)]
        self._reading: dict[asyncio.Task[Shown], None] = {}
        self._over = False
        self.outcome = Outcome()

    async def run(self) -> Outcome:
        parts = [self._reader(number) for number in range(READERS)]
        parts += [self._orderer(number) for number in range(ORDERERS)]
        cast = [asyncio.create_task(part, name="actor") for part in parts]
        extras = [asyncio.create_task(self._tricks(), name="gremlin")]
        if self._weather.callers_leave:
            extras.append(asyncio.create_task(self._leavings(), name="canceller"))
        try:
            await self._turns.play(self._seed, self._weather.haste, cast)
        finally:
            for extra in extras:
                extra.cancel()
            await asyncio.wait(extras)
        for actor in cast:
            actor.result()
        self.outcome.turns = self._turns.taken
        return self.outcome

    async def _reader(self, number: int) -> None:
        random, cache = self._random(f"reader {number}"), number % self._design.caches
        for _ in range(READS):
            await self._turns.turn("a question")
            question = random.choice(list(QUESTIONS))
            self._hear(cache)
            owed, started = self._ledger.owed(cache, question), self._turns.now()
            load = self._loading(random)
            reading = asyncio.create_task(self._design.read(cache, question, load), name="reading")
            self._reading[reading] = None
            await asyncio.wait((reading,))
            del self._reading[reading]
            if not reading.cancelled():
                self._judge(reading, started, owed, f"{question!r} in cache {cache}")

    def _judge(self, reading: asyncio.Task[Shown], started: float, owed: Floors, what: str) -> None:
        outcome, fault = self.outcome, reading.exception()
        outcome.reads += 1
        if isinstance(fault, Unavailable):
            return
        if fault is not None:
            outcome.errors.append(f"{what}: {fault!r}")
            return
        shown = reading.result()
        outcome.hits += shown.source not in {"database", SHARED, OLD_LOAD}
        floor = self._floor(shown, started, owed)
        if shown.tick < floor:
            outcome.late.append(f"{what}, from {shown.source}: {shown.tick} instead of {floor}")

    def _floor(self, shown: Shown, started: float, owed: Floors) -> int:
        if shown.source == "stale":
            return owed.purged
        if self._weather.cuts_off and self._may_be_unheard(shown, started):
            return owed.own
        return owed.fresh

    def _may_be_unheard(self, shown: Shown, started: float) -> bool:
        """Whether it was shared by those who could not ask the store, and within the bound for that."""
        age = started - self._ledger.time_of(shown.tick)
        return shown.source == OLD_LOAD or (shown.source == SHARED and age <= LEASE)

    def _loading(self, random: Random) -> Callable[[], Awaitable[int]]:
        async def load() -> int:
            await self._turns.turn("a load begins")
            tick = self._ledger.tick()
            for _ in range(random.randrange(4)):
                await self._turns.turn("a load goes on", slow=self._weather.slow_loads)
            if self._weather.database_fails and random.random() < 0.2:
                raise Unavailable
            return tick

        return load

    async def _orderer(self, number: int) -> None:
        random = self._random(f"orderer {number}")
        for _ in range(ORDERS):
            await self._turns.turn("an order")
            cache, order = random.randrange(self._design.caches), self._drawn(random)
            tick = self._ledger.tick()
            try:
                await self._design.order(cache, order)
            except Cut:
                self.outcome.failed_orders += 1
            else:
                self.outcome.orders += 1
                self._returned(cache, order, tick)

    def _drawn(self, random: Random) -> Order:
        kind = random.choice(list(self._design.kinds))
        target = random.choice(TAGS if kind is Kind.TAG else list(QUESTIONS))
        can_expire = kind in {Kind.TAG, Kind.CLEAR}
        return Order(kind, target, random.choice(list(Mode)) if can_expire else Mode.PURGE)

    def _returned(self, own: int, order: Order, tick: int) -> None:
        for cache in range(self._design.caches):
            if cache == own or self._company.trust is Trust.STRICT:
                self._ledger.raise_floors(cache, order, tick, own=cache == own, heard=True)
            else:
                self._untold[cache].append(_Message(order, tick, self._company.wires[cache].untold()))

    def _hear(self, cache: int) -> None:
        """Hold the cache to what it has been told by now."""
        for message in self._untold[cache].copy():
            if message.has_arrived:
                self._untold[cache].remove(message)
                self._ledger.raise_floors(cache, message.order, message.tick, heard=message.was_heard)

    async def _tricks(self) -> None:
        random = self._random("gremlin")
        for _ in range(TRICKS):
            await self._turns.turn("a trick")
            with self._turns.in_air():
                await self._trick(random)

    async def _trick(self, random: Random) -> None:
        if self._weather.flushes and random.random() < 0.3:
            await self._gremlin.flushall()
            return
        if self._weather.cuts and random.random() < 0.4:
            self._cut(random)
            return
        names = sorted(await self._gremlin.keys("*"))
        if not self._weather.evicts_tokens:
            names = [name for name in names if b":query:" in name]
        if names:
            await self._gremlin.delete(random.choice(names))

    def _cut(self, random: Random) -> None:
        """Those that listen are few, and more may go wrong with them."""
        links = [link for wire in self._company.wires for link in wire.links]
        listening = [link for link in links if link.listens]
        if links:
            random.choice(listening if listening and random.random() < 0.5 else links).cut()

    async def _leavings(self) -> None:
        random = self._random("canceller")
        for _ in range(CANCELLATIONS):
            await self._turns.turn("a caller leaves")
            if self._reading:
                random.choice(list(self._reading)).cancel()

    def _random(self, whose: str) -> Random:
        return Random(f"{whose} {self._seed}")
