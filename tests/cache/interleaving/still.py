"""An event loop whose clock stands still until it is told to go on."""

import asyncio
import heapq
from collections.abc import Callable
from contextvars import Context
from itertools import count
from typing import Any, TypeVarTuple, Unpack

Ts = TypeVarTuple("Ts")

_FARTHEST = 1_000.0
"""Seconds ahead. What waits for longer, as a heartbeat that is switched off does, waits for ever."""


class StillLoop(asyncio.SelectorEventLoop):
    """Sockets are real; time is not: timers fire when `pass_time` has been called often enough."""

    def __init__(self) -> None:
        super().__init__()
        self._now = 0.0
        self._timers: list[tuple[float, int, asyncio.TimerHandle]] = []
        self._order = count()

    def time(self) -> float:
        return self._now

    def call_at(
        self,
        when: float,
        callback: Callable[[Unpack[Ts]], object],
        *args: *Ts,
        context: Context | None = None,
    ) -> asyncio.TimerHandle:
        handle = super().call_at(when, callback, *args, context=context)
        if when < self._now + _FARTHEST:
            heapq.heappush(self._timers, (when, next(self._order), handle))
        return handle

    def pass_time(self) -> bool:
        """Until the next timer; whether there was one."""
        while self._timers:
            when, _, handle = heapq.heappop(self._timers)
            if not handle.cancelled() and when > self._now:
                self._now = when
                return True
        return False

    def restart(self) -> None:
        """Back to the beginning, when nobody waits: so a schedule is the same whatever was before."""
        self._now = 0.0
        self._timers.clear()

    async def settle(self) -> None:
        """Until nothing can go on without a message or more time."""
        idle = 0
        while idle < 2:  # at the first time, sockets have not been looked at yet
            await asyncio.sleep(0)
            idle = 0 if self._has_work else idle + 1

    @property
    def _has_work(self) -> bool:
        ready: Any = getattr(self, "_ready")  # noqa: B009  the loop keeps it to itself
        return bool(ready)
