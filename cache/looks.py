"""Looks of one moment share a pipeline: one trip to the server for all who ask meanwhile.

A look is only ever joined before it is sent, so that nobody is given what was there before they asked.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from cache.store import Found, Missing, StoreDown

Reply = tuple[Found | Missing, Mapping[str, str]]
"""What lay under a name, and the tokens of the tags that were asked for with it."""

Replies = tuple[Mapping[str, Found | Missing], Mapping[str, str]]

_LARGEST: Final = 32
_AT_ONCE: Final = 4
_CLOSING: Final = "it is being closed"


@dataclass(slots=True)
class _Batch:
    names: dict[str, None] = field(default_factory=dict)
    tags: dict[str, None] = field(default_factory=dict)
    replies: "asyncio.Future[Replies]" = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )


class Looks:
    """`send` asks for names and tags in one trip. Raises what it raises."""

    def __init__(self, send: Callable[[Sequence[str], Sequence[str]], Awaitable[Replies]]) -> None:
        self._send = send
        self._waiting: deque[_Batch] = deque()
        self._tasks: set[asyncio.Task[None]] = set()
        self._scheduled = False
        self._closed = False

    async def look(self, name: str, tags: Sequence[str]) -> Reply:
        if self._closed:
            raise StoreDown(_CLOSING)
        batch = self._open_batch()
        batch.names[name] = None
        batch.tags.update(dict.fromkeys(tags))
        self._schedule()
        await asyncio.wait((batch.replies,))
        found, tokens = batch.replies.result()
        return found[name], tokens

    async def close(self) -> None:
        """Send nothing any more. Those who wait get StoreDown."""
        self._closed = True
        while self._waiting:
            _fail(self._waiting.popleft().replies, StoreDown(_CLOSING))
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)

    def _open_batch(self) -> _Batch:
        if not self._waiting or len(self._waiting[-1].names) >= _LARGEST:
            self._waiting.append(_Batch())
        return self._waiting[-1]

    def _schedule(self) -> None:
        if not self._scheduled and len(self._tasks) < _AT_ONCE:
            self._scheduled = True
            # At the end of this turn of the loop: whoever asks in the same turn comes along.
            asyncio.get_running_loop().call_soon(self._depart)

    def _depart(self) -> None:
        self._scheduled = False
        if not self._waiting or len(self._tasks) >= _AT_ONCE:
            return
        task = asyncio.create_task(self._travel(self._waiting.popleft()), name="cache look")
        self._tasks.add(task)
        task.add_done_callback(self._arrived)
        if self._waiting:
            self._schedule()

    def _arrived(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if self._waiting:
            self._schedule()

    async def _travel(self, batch: _Batch) -> None:
        replies = batch.replies
        try:
            answer = await self._send(tuple(batch.names), tuple(batch.tags))
        except BaseException as fault:
            cancelled = isinstance(fault, asyncio.CancelledError)
            _fail(replies, StoreDown(_CLOSING) if cancelled else fault)
            if not isinstance(fault, Exception):
                raise
        else:
            if not replies.done():
                replies.set_result(answer)


def _fail(replies: "asyncio.Future[Replies]", fault: BaseException) -> None:
    if not replies.done():
        replies.set_exception(fault)
        replies.exception()  # seen: those who wait raise it, and there may be none left
