"""Answers questions before they are asked, so that whoever asks finds them in the cache."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass
from enum import Enum
from typing import Final, Protocol

from model.faults import Fault
from model.viewer import ANONYMOUS
from resolvers.traffic import Asked, Demand
from resolvers.turns import Turns

AT_ONCE: Final = 2
"""Those who ask come first: warming takes two connections of the database at most."""

MOST: Final = 1_000


class Origin(Enum):
    """Where the questions come from."""

    MODEL = "model"
    TRAFFIC = "traffic"


@dataclass(frozen=True, slots=True)
class Order:
    """What to warm: the model's list, and the `top` of the traffic. `refresh` loads what is there, too."""

    top: int = 20
    origins: frozenset[Origin] = frozenset(Origin)
    refresh: bool = False


@dataclass(frozen=True, slots=True)
class Warmed:
    """What became of one question: where its answer came from, or the code and message of its error."""

    asked: Asked
    cache_key: str | None = None
    source: str | None = None
    rows: int | None = None
    took_ms: float | None = None
    error_code: str | None = None
    error: str | None = None

    @property
    def is_loaded(self) -> bool:
        return self.source == "DATABASE"


@dataclass(frozen=True, slots=True)
class Warming:
    """What became of all of them, in the order in which they were to be asked."""

    results: tuple[Warmed, ...]

    @property
    def warmed(self) -> int:
        """Loaded from the database."""
        return sum(each.is_loaded for each in self.results)

    @property
    def failed(self) -> int:
        return sum(each.error is not None for each in self.results)

    @property
    def skipped(self) -> int:
        """There already."""
        return len(self.results) - self.warmed - self.failed


@dataclass(frozen=True, slots=True)
class Step:
    """How far it is. `last` is what was done just now; nothing at the beginning."""

    done: int
    total: int
    last: Warmed | None = None


class Ask(Protocol):
    """Asks a question on the way that every question takes. Errors are in what it returns."""

    async def __call__(self, asked: Asked, *, refresh: bool) -> Warmed: ...


def unwatched(_: object) -> None:
    """Nobody looks."""


class Warmer:
    """Warms the cache, in one process once at a time.

    `listed` are the model's questions, asked as somebody without a token; `traffic` tells what people ask,
    the dearest first. In the background processes take `turns`, and `told` hears what became of it.
    """

    def __init__(
        self,
        ask: Ask,
        listed: Sequence[str],
        traffic: Callable[[], Awaitable[Sequence[Demand]]],
        *,
        turns: Turns | None = None,
        told: Callable[[Warming], None] = unwatched,
    ) -> None:
        self._ask = ask
        self._listed = tuple(Asked(text, ANONYMOUS) for text in listed)
        self._traffic = traffic
        self._turns = turns
        self._told = told
        self._one_at_a_time = asyncio.Lock()
        self._step = Step(0, 0)
        self._wanted = False
        self._insists = False
        self._closed = False
        self._background: asyncio.Task[None] | None = None

    async def warm(self, order: Order = Order(), watch: Callable[[Step], None] = unwatched) -> Warming:
        """Raises WARMING_RUNNING while this process warms already, and LIMIT_EXCEEDED for an odd `top`."""
        if not 0 <= order.top <= MOST:
            message = f"top is {order.top}, and lies between 0 and {MOST}."
            raise Fault("LIMIT_EXCEEDED", message, max=MOST, asked=order.top)
        if self._one_at_a_time.locked():
            step = self._step
            message = (
                f"The cache is being warmed: {step.done} of {step.total} questions are done. Wait for them."
            )
            raise Fault("WARMING_RUNNING", message, done=step.done, total=step.total)
        async with self._one_at_a_time:
            return await self._run(order, watch)

    def soon(self, *, insist: bool = False) -> None:
        """Warm in the background, after what is being warmed now.

        While another process warms, it is left to that one; who insists waits for it and warms then, because
        what was loaded before a clear is gone again.
        """
        self._wanted, self._insists = True, self._insists or insist
        if not self._closed and (self._background is None or self._background.done()):
            self._background = asyncio.create_task(self._warm_while_wanted(), name="warming")

    async def close(self) -> None:
        """Cancel what runs in the background; nothing begins any more."""
        self._closed = True
        if self._background is not None:
            self._background.cancel()
            await asyncio.gather(self._background, return_exceptions=True)

    async def _warm_while_wanted(self) -> None:
        while self._wanted:
            insist, self._insists = self._insists, False
            async with self._turn(wait=insist) as is_ours:
                if is_ours:
                    await self._warm_once_more()
                else:
                    self._wanted = self._insists

    async def _warm_once_more(self) -> None:
        async with self._one_at_a_time:
            self._wanted = self._insists = False  # what begins now meets all that was wanted until now
            self._told(await self._run(Order(), unwatched))

    def _turn(self, *, wait: bool) -> AbstractAsyncContextManager[bool]:
        return nullcontext(enter_result=True) if self._turns is None else self._turns.one(wait=wait)

    async def _run(self, order: Order, watch: Callable[[Step], None]) -> Warming:
        questions = await self._questions(order)
        found: list[Warmed | None] = [None] * len(questions)
        waiting = iter(enumerate(questions))

        async def ask() -> None:
            for number, asked in waiting:
                found[number] = warmed = await self._ask(asked, refresh=order.refresh)
                self._progress(Step(self._step.done + 1, len(questions), warmed), watch)

        self._progress(Step(0, len(questions)), watch)
        async with asyncio.TaskGroup() as group:
            for _ in range(AT_ONCE):
                group.create_task(ask(), name="warming")
        return Warming(tuple(each for each in found if each))

    def _progress(self, step: Step, watch: Callable[[Step], None]) -> None:
        self._step = step
        watch(step)

    async def _questions(self, order: Order) -> tuple[Asked, ...]:
        """Each once, those of the model first."""
        found: Iterable[Asked] = self._listed if Origin.MODEL in order.origins else ()
        if Origin.TRAFFIC in order.origins and order.top:
            dearest = (await self._traffic())[: order.top]
            found = (*found, *(each.asked for each in dearest))
        return tuple(dict.fromkeys(found))
