"""Who may go on: all who can are held back, and one at a time is drawn by lot."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from random import Random

from tests.cache.interleaving.still import StillLoop

_LONG_HELD = 0.02
_OFTEN_HELD = 0.2
_MOST_MOVES = 20_000


@dataclass(slots=True, eq=False)
class Move:
    """What happens when it is drawn. The lighter, the longer it is held back."""

    label: str
    act: Callable[[], None]
    weight: float


class Turns:
    """Draws one after the other, and lets each go on as far as it can before the next is drawn."""

    def __init__(self, loop: StillLoop) -> None:
        self._loop = loop
        self._moves: list[Move] = []
        self._random: Random | None = None
        self._haste = 0.0
        self._in_air = 0
        self._landed = asyncio.Event()
        self.taken = 0

    def now(self) -> float:
        return self._loop.time()

    def offer(self, label: str, act: Callable[[], None], *, slow: bool = False) -> Move | None:
        """Have `act` called in its turn; at once, and None, when no schedule is played."""
        if self._random is None:
            act()
            return None
        held = slow or self._random.random() < _OFTEN_HELD
        move = Move(label, act, _LONG_HELD if held else 1.0)
        self._moves.append(move)
        return move

    def withdraw(self, move: Move | None) -> None:
        if move in self._moves:
            self._moves.remove(move)

    async def turn(self, label: str, *, slow: bool = False) -> None:
        """Wait for one's turn."""
        drawn = asyncio.Event()
        move = self.offer(label, drawn.set, slow=slow)
        try:
            await drawn.wait()
        finally:
            self.withdraw(move)

    def depart(self) -> None:
        """Something is on its way to the server; nobody is drawn before it has an answer."""
        self._in_air += 1
        self._landed.clear()

    def arrive(self) -> None:
        self._in_air -= 1
        if self._in_air == 0:
            self._landed.set()

    @contextmanager
    def in_air(self) -> Iterator[None]:
        self.depart()
        try:
            yield
        finally:
            self.arrive()

    async def settle(self) -> None:
        """Until nobody can go on without being drawn."""
        await self._loop.settle()
        while self._in_air:
            await self._landed.wait()
            await self._loop.settle()

    async def play(self, seed: int, haste: float, actors: list[asyncio.Task[None]]) -> None:
        """Draw until all actors have finished; then whatever is left goes on at once.

        `haste` is how often time passes although somebody could go on.
        """
        self._random, self._haste, self.taken = Random(seed), haste, 0
        try:
            await self.settle()
            while not all(actor.done() for actor in actors):
                self._draw()
                await self.settle()
        finally:
            self._random = None
        for move in self._moves.copy():
            self._act(move)
        await self.settle()

    def _draw(self) -> None:
        random = self._random
        assert random is not None
        self.taken += 1
        assert self.taken < _MOST_MOVES, "the schedule does not end"
        if not self._moves or random.random() < self._haste:
            assert self._loop.pass_time() or self._moves, "everybody waits for something that never comes"
            return
        (move,) = random.choices(self._moves, [move.weight for move in self._moves])
        self._act(move)

    def _act(self, move: Move) -> None:
        if move in self._moves:
            self._moves.remove(move)
            move.act()
