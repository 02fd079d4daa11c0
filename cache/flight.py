"""Callers that want the same thing at the same time wait for one task."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from cache.ended import ended

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")


class LoadCancelled(Exception):
    """The shared task was cancelled, though this caller was not."""


@dataclass(slots=True, eq=False)
class Flight(Generic[T]):
    """One task and those who wait for it. One in the `background` goes on without anybody."""

    task: asyncio.Task[T] = field(init=False)
    waiters: int = 0
    background: bool = False


class Flights(Generic[K, T]):
    """Owns the tasks: no caller's cancellation reaches another, and the last one out stops the work."""

    def __init__(self) -> None:
        self._open: dict[K, Flight[T]] = {}
        self._tasks: set[asyncio.Task[T]] = set()
        self._closed = False

    def is_under_way(self, ident: K) -> bool:
        """Whether a caller who joins would share another's work."""
        return self._under_way(ident) is not None

    async def join(self, ident: K, work: Callable[[], Awaitable[T]], *, label: str) -> tuple[T, bool]:
        """The result of the work under `ident`, and whether another caller had begun it."""
        flight = self._under_way(ident)
        if flight is not None:
            return await self._ride(ident, flight), True
        return await self._ride(ident, self._take_off(ident, work, label)), False

    async def alone(self, ident: K, work: Callable[[], Awaitable[T]], *, label: str) -> T:
        """The result of work that begins now; those who come later may join it."""
        return await self._ride(ident, self._take_off(ident, work, label))

    def send(
        self, ident: K, work: Callable[[], Awaitable[T]], landed: Callable[[], None], *, label: str
    ) -> bool:
        """Begin the work with nobody aboard, unless it is under way; whether it was begun.

        `landed` is called when it has ended, however it does.
        """
        if self._closed or self.is_under_way(ident):
            return False
        flight = self._take_off(ident, work, label)
        flight.background = True
        flight.task.add_done_callback(lambda _task: landed())
        return True

    async def close(self) -> None:
        """Cancel what is under way and wait until it has stopped."""
        self._closed = True
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)

    def _under_way(self, ident: K) -> Flight[T] | None:
        flight = self._open.get(ident)
        return None if flight is None or flight.task.done() else flight

    async def _ride(self, ident: K, flight: Flight[T]) -> T:
        flight.waiters += 1
        try:
            await ended(flight.task)
        finally:
            flight.waiters -= 1
            self._leave(ident, flight)
        if flight.task.cancelled():
            raise LoadCancelled("The load was cancelled before it had an answer. Ask again.")
        return flight.task.result()

    def _take_off(self, ident: K, work: Callable[[], Awaitable[T]], label: str) -> Flight[T]:
        if self._closed:
            raise LoadCancelled("The cache is closed and loads nothing any more.")
        flight: Flight[T] = Flight()
        flight.task = asyncio.create_task(_run(work), name=f"load {label}")
        self._open[ident] = flight
        self._tasks.add(flight.task)
        flight.task.add_done_callback(lambda _task: self._land(ident, flight))
        return flight

    def _land(self, ident: K, flight: Flight[T]) -> None:
        self._tasks.discard(flight.task)
        self._forget(ident, flight)
        if not flight.task.cancelled():
            flight.task.exception()  # seen: those who wait raise it, and there may be none left

    def _leave(self, ident: K, flight: Flight[T]) -> None:
        if flight.waiters or flight.background or flight.task.done():
            return
        # Forgotten before it is cancelled, so that a caller who comes now starts anew.
        self._forget(ident, flight)
        flight.task.cancel()

    def _forget(self, ident: K, flight: Flight[T]) -> None:
        if self._open.get(ident) is flight:
            del self._open[ident]


async def _run(work: Callable[[], Awaitable[T]]) -> T:
    return await work()
