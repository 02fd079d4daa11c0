"""Waits for PostgreSQL at the start, and says what it waits for."""

import asyncio
import time
from collections.abc import Awaitable, Callable

from db.connection import connect
from db.errors import DatabaseError, Misconfigured, Overloaded, Unavailable
from db.settings import PoolSettings

_FIRST_PAUSE_S = 0.1
_LONGEST_PAUSE_S = 1.0
_SAY_EVERY_S = 5.0

Knock = Callable[[PoolSettings], Awaitable[None]]


async def knock(settings: PoolSettings) -> None:
    """Connect and say goodbye."""
    wire = await connect(settings)
    wire.terminate()


async def wait_until_ready(
    settings: PoolSettings,
    *,
    say: Callable[[str], None],
    deadline_s: float = 60.0,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    attempt: Knock = knock,
) -> None:
    """Return when PostgreSQL accepts a connection; raise `Misconfigured` at once when waiting cannot help.

    `say` gets a line when the reason changes and every five seconds, and one when the wait was worth it.
    After `deadline_s` it raises `Unavailable`, whose text names the place and the reason, for operators.
    """
    waiting = _Waiting(settings, say, clock)
    pause_s = _FIRST_PAUSE_S
    while (error := await _failure(attempt, settings)) is not None:
        if waiting.elapsed_s() + pause_s > deadline_s:
            raise waiting.over(error)
        waiting.tell(error)
        await sleep(pause_s)
        pause_s = min(pause_s * 2, _LONGEST_PAUSE_S)
    waiting.done()


async def _failure(attempt: Knock, settings: PoolSettings) -> DatabaseError | None:
    try:
        await attempt(settings)
    except Misconfigured as error:
        sentence = f"PostgreSQL at {settings.place} turns this service away: {error.detail}"
        raise Misconfigured(sentence, sqlstate=error.sqlstate, detail=error.detail) from error
    except (Unavailable, Overloaded) as error:
        return error
    return None


class _Waiting:
    """What has been said so far, and since when we wait."""

    def __init__(
        self, settings: PoolSettings, say: Callable[[str], None], clock: Callable[[], float]
    ) -> None:
        self._place = settings.place
        self._say = say
        self._clock = clock
        self._started = clock()
        self._said: tuple[str, float] | None = None

    def elapsed_s(self) -> float:
        return self._clock() - self._started

    def tell(self, error: DatabaseError) -> None:
        now = self._clock()
        if self._said is None or self._said[0] != error.detail or now - self._said[1] >= _SAY_EVERY_S:
            self._said = (error.detail, now)
            self._say(f"Waiting for PostgreSQL at {self._place}: {error.detail} ({self.elapsed_s():.0f} s)")

    def done(self) -> None:
        if self._said is not None:
            self._say(f"PostgreSQL at {self._place} answers after {self.elapsed_s():.0f} s")

    def over(self, error: DatabaseError) -> Unavailable:
        sentence = (
            f"PostgreSQL at {self._place} did not answer within {self.elapsed_s():.0f} s: {error.detail}"
        )
        return Unavailable(sentence, sqlstate=error.sqlstate, detail=error.detail)
