"""The body of a request, bounded, and whether its client is still there."""

import asyncio
from collections.abc import Awaitable
from typing import Any, TypeVar

from starlette.requests import ClientDisconnect
from starlette.types import Receive

from servery.transport.refused import BadRequest

T = TypeVar("T")


async def body_of(receive: Receive, most: int) -> bytes:
    """The whole body, unless it is over `most` bytes: then not a byte more than that is kept."""
    pieces: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        piece = message.get("body", b"")
        more = message.get("more_body", False)
        size += len(piece)
        if size > most:
            told = f"The request body is over {most} bytes, the most that is read. Send less at once."
            raise BadRequest(told, 413, "LIMIT_EXCEEDED", max=most)
        if not more and not pieces:
            return bytes(piece)
        pieces.append(piece)
        if not more:
            return b"".join(pieces)


async def until_hang_up(receive: Receive, work: Awaitable[T]) -> T:
    """The result of `work`, which is cancelled as soon as the client has gone; then ClientDisconnect."""
    task = asyncio.ensure_future(work)
    try:
        # What is there at once needs nobody who listens.
        await asyncio.sleep(0)
        if not task.done():
            await _done_or_hung_up(task, receive)
        if task.done():
            return task.result()
        raise ClientDisconnect
    finally:
        if not task.done():
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


async def _done_or_hung_up(task: asyncio.Future[Any], receive: Receive) -> None:
    """What fails while it listens is as good as a client who has gone."""
    first = asyncio.get_running_loop().create_future()
    listening = asyncio.ensure_future(_hang_up(receive))

    def tell(either: asyncio.Future[Any]) -> None:
        if not either.cancelled():
            either.exception()  # seen: whoever has a use for it raises it
        if not first.done():
            first.set_result(None)

    task.add_done_callback(tell)
    listening.add_done_callback(tell)
    try:
        await first
    finally:
        listening.cancel()  # it is not waited for: nothing is left of it but its own end


async def _hang_up(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
