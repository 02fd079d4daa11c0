"""Long work in slices: one slice in each turn of the event loop, however many answers are under way.

Everybody else then waits for one slice and not for one of each answer. What takes only a few milliseconds
needs no turn; it would stand in the line for nothing.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from weakref import WeakKeyDictionary

ROWS_LET_GO = 5_000
"""How many rows are freed in one turn: about a millisecond."""


class Turns:
    """The line of one loop: first come, first served."""

    __slots__ = ("_waiting",)

    def __init__(self) -> None:
        # The loop is not kept: it keeps this.
        self._waiting: deque[Callable[[], None]] = deque()

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def add(self, work: Callable[[], None]) -> None:
        """Do `work` in a turn of its own, after all that waits already."""
        self._waiting.append(work)
        if len(self._waiting) == 1:
            asyncio.get_running_loop().call_soon(self._next)

    def _next(self) -> None:
        work = self._waiting[0]
        try:
            work()
        finally:
            # Left in the line until it is done: what it adds must not start a second one.
            self._waiting.popleft()
            if self._waiting:
                asyncio.get_running_loop().call_soon(self._next)


_TURNS: WeakKeyDictionary[asyncio.AbstractEventLoop, Turns] = WeakKeyDictionary()


def turns() -> Turns:
    """The line of the running loop."""
    loop = asyncio.get_running_loop()
    found = _TURNS.get(loop)
    if found is None:
        found = _TURNS[loop] = Turns()
    return found


def are_large_answers_under_way() -> bool:
    """Whether some stand in the line of the running loop at this moment."""
    return bool(turns())


async def turn() -> None:
    """Wait for a turn; until its next `await` the caller may then work for a few milliseconds."""
    granted = asyncio.get_running_loop().create_future()

    def grant() -> None:
        if not granted.done():
            granted.set_result(None)

    turns().add(grant)
    await granted


async def let_go(rows: Sequence[object]) -> None:
    """Free the rows of a large answer in turns. Nobody may read them any more: the list is emptied."""
    if not isinstance(rows, list) or len(rows) <= ROWS_LET_GO:
        return
    while rows:
        await turn()
        del rows[-ROWS_LET_GO:]
