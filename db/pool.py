"""A bounded number of sessions, lent one statement at a time and replaced when they break.

A session goes back without a reset: statements are read-only and leave nothing behind. So a statement
costs one round trip where asyncpg's own pool needs two.
"""

import asyncio
from asyncio import Semaphore, Task
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any, TypeVar

from db.connection import connect
from db.errors import Overloaded, Unavailable
from db.events import Observe, unobserved
from db.prepared import ANOTHER_PROCESS, Prepared
from db.session import Session
from db.settings import PoolSettings

_GOODBYE_S = 1.0
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Usage:
    """Connections of a pool now, and the most that there may be."""

    idle: int
    busy: int
    most: int


class Pool:
    """Slots first, then connections: no slot in time is `Overloaded`, no connection is `Unavailable`."""

    def __init__(self, settings: PoolSettings, observe: Observe = unobserved) -> None:
        self._settings = settings
        self._prepared = Prepared(settings.statement_cache_size, settings.prepared_statements, observe)
        self._slots = Semaphore(settings.max_size)
        self._idle: list[Session] = []
        self._busy: set[Session] = set()
        self._background: set[Task[Any]] = set()
        self._closing = False
        self._ended = False

    @property
    def usage(self) -> Usage:
        return Usage(len(self._idle), len(self._busy), self._settings.max_size)

    async def acquire(self) -> Session:
        """Lend a session, the one used last first; give it back with `release`."""
        await self._slot()
        session = self._idle_session() or await self._open()
        self._busy.add(session)
        return session

    def release(self, session: Session) -> None:
        """Take a session back. One that was interrupted keeps its slot until PostgreSQL has let go of it."""
        if session.interrupted and not session.closed:
            self._keep(self._settle(session), "settle an interrupted statement")
        else:
            self._give_back(session)

    async def warm(self, size: int) -> None:
        """Open connections until `size` of them are there."""
        lent: list[Session] = []
        try:
            while len(lent) < size:
                lent.append(await self.acquire())
        finally:
            for session in lent:
                self.release(session)

    async def close(self) -> None:
        """Wait for the lent sessions within the close timeout, then end them; nothing is left running."""
        if self._closing:
            return
        self._closing = True
        try:
            async with asyncio.timeout(self._settings.close_timeout_ms / 1000):
                for _ in range(self._settings.max_size):
                    await self._slots.acquire()
        except TimeoutError:
            self._end_busy()
        await self._end_background()
        await self._close_idle()

    async def _slot(self) -> None:
        self._refuse_when_closing()
        try:
            async with asyncio.timeout(self._settings.acquire_timeout_ms / 1000):
                await self._slots.acquire()
        except TimeoutError:
            limit = self._settings.acquire_timeout_ms
            detail = f"all {self._settings.max_size} connections were busy for {limit} ms"
            raise Overloaded(limit, detail=detail) from None
        if self._closing:
            self._slots.release()
            self._refuse_when_closing()

    def _refuse_when_closing(self) -> None:
        if self._closing:
            raise Unavailable(detail="the service is shutting down")

    def _idle_session(self) -> Session | None:
        while self._idle:
            session = self._idle.pop()
            if not session.closed:
                return session
        return None

    async def _open(self) -> Session:
        # Connecting goes on when the caller is cancelled: the connection serves the next one, and its
        # handshake is never torn apart half-way.
        opening = self._keep(self._connect(), "connect to PostgreSQL")
        try:
            return await asyncio.shield(opening)
        except asyncio.CancelledError:
            opening.add_done_callback(self._take_unclaimed)
            raise
        except BaseException:
            self._slots.release()
            raise

    async def _connect(self) -> Session:
        wire = await connect(self._settings)
        if wire.is_pooled:
            self._prepared.doubt(ANOTHER_PROCESS)
        session = Session(wire, self._prepared)
        if self._ended:
            session.terminate()
            self._refuse_when_closing()
        return session

    def _take_unclaimed(self, opening: Task[Session]) -> None:
        if opening.cancelled() or opening.exception() is not None:
            self._slots.release()
        else:
            self._give_back(opening.result())

    def _keep(self, work: Coroutine[Any, Any, _T], name: str) -> Task[_T]:
        task = asyncio.create_task(work, name=name)
        self._background.add(task)
        task.add_done_callback(self._background.discard)
        return task

    async def _settle(self, session: Session) -> None:
        try:
            await session.settle()
        finally:
            self._give_back(session)

    def _give_back(self, session: Session) -> None:
        self._busy.discard(session)
        if session.closed:
            self._distrust_idle()
        else:
            self._idle.append(session)
        self._slots.release()

    def _distrust_idle(self) -> None:
        # What broke one connection has often broken all, and some die without a sign. A new
        # connection costs milliseconds; finding a dead one by asking it costs a whole timeout.
        while self._idle:
            self._idle.pop().terminate()

    def _end_busy(self) -> None:
        self._ended = True
        for session in tuple(self._busy):
            session.terminate()

    async def _end_background(self) -> None:
        # Connecting and settling have limits of their own, so this wait is bounded.
        if self._background:
            await asyncio.wait(self._background)

    async def _close_idle(self) -> None:
        async with asyncio.TaskGroup() as group:
            while self._idle:
                group.create_task(self._idle.pop().close(_GOODBYE_S))
        # Transports end in the loop's next turn.
        await asyncio.sleep(0)
