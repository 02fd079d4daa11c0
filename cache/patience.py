"""A deadline that does not take our own slowness for the server's."""

import asyncio
from types import TracebackType
from typing import Final, Self

SLICES: Final = 25


class patience:  # noqa: N801  used like a function, as asyncio.timeout is
    """Raise TimeoutError in the body after `seconds` in which the event loop was free to read replies.

    A busy loop comes late to everything: to the reply that waits in the socket, and to the timer that would
    call it missing. So the wait is cut into slices, and a slice counts for its length however late it ends:
    between two of them the loop has read whatever had come. There are enough of them for the turns of the
    loop that a command takes, with a new connection before it.

    `with patience(1) as waited` tells in `waited.seconds` how much of it is used up. The body is broken off
    as by `asyncio.timeout`: the task is cancelled, and nobody is told of it who did not ask for it.
    """

    __slots__ = (
        "_began",
        "_cancelled_before",
        "_left",
        "_length",
        "_loop",
        "_over",
        "_task",
        "_timer",
        "seconds",
    )

    _timer: asyncio.TimerHandle

    def __init__(self, seconds: float) -> None:
        slices = SLICES if seconds > 0 else 1
        self._length, self._left = seconds / slices, slices
        self._over = False
        self.seconds = 0.0

    def __enter__(self) -> Self:
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("Only the work of a task can be broken off.")
        self._task, self._cancelled_before = task, task.cancelling()
        self._loop = asyncio.get_running_loop()
        self._began = self._loop.time()
        self._timer = self._loop.call_later(self._length, self._tick)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._timer.cancel()
        self.seconds += min(self._loop.time() - self._began, self._length)
        # Who else cancelled the task meanwhile is obeyed.
        if self._over and self._task.uncancel() <= self._cancelled_before and kind is asyncio.CancelledError:
            raise TimeoutError from error

    def _tick(self) -> None:
        now = self._loop.time()
        self.seconds, self._began, self._left = self.seconds + self._length, now, self._left - 1
        if self._left:
            self._timer = self._loop.call_later(self._length, self._tick)
        else:
            self._over = True
            self._task.cancel()
