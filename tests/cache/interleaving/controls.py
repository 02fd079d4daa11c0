"""Designs that are known to be wrong: if no schedule finds them out, the schedules prove nothing."""

import asyncio
import json
from abc import ABC, abstractmethod
from collections.abc import Sequence
from secrets import token_hex
from typing import Any, Final, TypeAlias

from tests.cache.interleaving.turns import Turns
from tests.cache.interleaving.world import QUESTIONS, Kind, Load, Order, Shown

_VALUE: Final = "analytics:query:"
_TAGGED: Final = "analytics:tag:"
_TOKEN: Final = "analytics:gen:"
_SECONDS: Final = 300

Client: TypeAlias = Any
"""Of the redis library, which gives bytes."""

Token: TypeAlias = str | None


class Control(ABC):
    """Implements `Design`: each cache has a client of its own; invalidations are of tags only."""

    kinds: Sequence[Kind] = (Kind.TAG,)

    def __init__(self, clients: Sequence[Client], turns: Turns) -> None:
        self._clients = clients
        self._turns = turns

    @property
    def caches(self) -> int:
        return len(self._clients)

    @abstractmethod
    async def read(self, cache: int, question: str, load: Load) -> Shown: ...

    @abstractmethod
    async def invalidate(self, client: Client, tag: str) -> None: ...

    async def order(self, cache: int, order: Order) -> None:
        await self.invalidate(self._clients[cache], order.target)


class FirstDesign(Control):
    """GET and SETEX, in today's words SET with EX; an invalidation is SCAN and DEL of everything."""

    async def read(self, cache: int, question: str, load: Load) -> Shown:
        client = self._clients[cache]
        held = await client.get(_VALUE + question)
        if held is not None:
            return Shown(int(held), "redis")
        tick = await load()
        await self.keep(client, question, tick)
        return Shown(tick, "database")

    async def keep(self, client: Client, question: str, tick: int) -> None:
        await client.set(_VALUE + question, tick, ex=_SECONDS)

    async def invalidate(self, client: Client, tag: str) -> None:  # noqa: ARG002  all are deleted
        names = [name async for name in client.scan_iter(match=f"{_VALUE}*")]
        if names:
            await client.delete(*names)


class DeleteWaitDelete(FirstDesign):
    """The same twice, with a wait between."""

    async def invalidate(self, client: Client, tag: str) -> None:
        await super().invalidate(client, tag)
        for _ in range(3):
            await self._turns.turn("a wait")
        await super().invalidate(client, tag)


class TagSets(FirstDesign):
    """Each tag has the set of its answers; an invalidation deletes what is in it."""

    async def keep(self, client: Client, question: str, tick: int) -> None:
        await super().keep(client, question, tick)
        for tag in QUESTIONS[question]:
            await client.sadd(_TAGGED + tag, question)

    async def invalidate(self, client: Client, tag: str) -> None:
        while found := await client.spop(_TAGGED + tag, 100):
            await client.unlink(*(_VALUE + question.decode() for question in found))


class Stamped(Control):
    """Answers are stamped with the tokens of their tags, and good as long as those are the same."""

    async def read(self, cache: int, question: str, load: Load) -> Shown:
        client = self._clients[cache]
        tick, before = await self._look(client, question)
        if tick is not None:
            return Shown(tick, "redis")
        return await self.loaded(client, question, load, before)

    async def loaded(self, client: Client, question: str, load: Load, before: list[Token]) -> Shown:
        tick = await load()
        await self._keep(client, question, tick, before)
        return Shown(tick, "database")

    async def invalidate(self, client: Client, tag: str) -> None:
        await client.set(_TOKEN + tag, token_hex(8))

    async def tokens(self, client: Client, question: str) -> list[Token]:
        names = [_TOKEN + tag for tag in QUESTIONS[question]]
        for name in names:
            await client.set(name, token_hex(8), nx=True)
        return [token and token.decode() for token in await client.mget(names)]

    async def _look(self, client: Client, question: str) -> tuple[int | None, list[Token]]:
        tokens = await self.tokens(client, question)
        held: Any = json.loads(await client.get(_VALUE + question) or "{}")
        good = None not in tokens and held.get("tokens") == tokens
        return (held["tick"] if good else None), tokens

    async def _keep(self, client: Client, question: str, tick: int, tokens: list[Token]) -> None:
        held = json.dumps({"tick": tick, "tokens": tokens})
        await client.set(_VALUE + question, held, ex=_SECONDS)


class StampedAfter(Stamped):
    """With the tokens as they are after the data was read."""

    async def loaded(
        self,
        client: Client,
        question: str,
        load: Load,
        before: list[Token],  # noqa: ARG002  that is what is wrong
    ) -> Shown:
        tick = await load()
        await self._keep(client, question, tick, await self.tokens(client, question))
        return Shown(tick, "database")


class Counted(Stamped):
    """Tokens that are counters: INCR invalidates, and what is missing is 0."""

    async def invalidate(self, client: Client, tag: str) -> None:
        await client.incr(_TOKEN + tag)

    async def tokens(self, client: Client, question: str) -> list[Token]:
        found = await client.mget([_TOKEN + tag for tag in QUESTIONS[question]])
        return [(count or b"0").decode() for count in found]


class FlightByQuestion(Stamped):
    """Whoever asks what is being loaded already waits for that, also if it began before an invalidation."""

    def __init__(self, clients: Sequence[Client], turns: Turns) -> None:
        super().__init__(clients, turns)
        self._flights: dict[tuple[int, str], asyncio.Task[Shown]] = {}

    async def loaded(self, client: Client, question: str, load: Load, before: list[Token]) -> Shown:
        place = (id(client), question)
        if place not in self._flights:
            flight = asyncio.create_task(super().loaded(client, question, load, before), name="flight")
            self._flights[place] = flight
            flight.add_done_callback(lambda _: self._flights.pop(place))
        return await asyncio.shield(self._flights[place])


CONTROLS: Final[dict[str, type[Control]]] = {
    "first design (GET, SETEX; SCAN and DEL)": FirstDesign,
    "delete, wait, delete": DeleteWaitDelete,
    "sets of tags": TagSets,
    "stamped after the data was read": StampedAfter,
    "counters (INCR)": Counted,
    "flights by the question alone": FlightByQuestion,
}
