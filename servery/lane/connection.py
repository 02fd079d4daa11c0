"""A connection to a browser: uvicorn's own, with a shorter way for requests that come again byte for byte.

uvicorn calls an app in a task of its own and builds the request and the response around it; that is most of
what a cached answer costs.
"""

import asyncio
from collections.abc import Sized
from typing import Any, Final

from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from servery.lane.wire import SENT, WIRE, Wire

MOST_WAITING: Final = 64
"""So many requests of a connection may wait for their turn, and those that came in the same piece."""

_JOINED: Final = 65_536
"""A body up to this size is sent in one piece with its head."""


class Flow(FlowControl):
    """While many requests wait for their turn no more of them are read.

    uvicorn reads on as soon as one is answered, however many a client has sent ahead.
    """

    def __init__(self, transport: asyncio.Transport, waiting: Sized) -> None:
        super().__init__(transport)
        self._waiting = waiting

    def resume_reading(self) -> None:
        if len(self._waiting) <= MOST_WAITING:
            super().resume_reading()


class Connection(HttpToolsProtocol):
    """For `uvicorn.Config(http=...)`. Without a `Wire` in the state of the app it does what uvicorn's does.

    The short way is open between two requests, when bytes arrive that were one whole request before. Where
    requests are logged or refused by their number, there is none.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        in_full = self.access_log or self.limit_concurrency is not None
        self._wire: Wire | None = None if in_full else self.app_state.get(WIRE)
        self._latest: RequestResponseCycle | None = None
        self._begun = 0
        self._inside = False
        self._upgrades = False
        self._answered_at = 0.0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's
        super().connection_made(transport)
        self.flow = Flow(transport, self.pipeline)

    def data_received(self, data: bytes) -> None:
        wire = self._wire
        if wire is None or self._inside or (self._latest and not self._latest.response_complete):
            super().data_received(data)
            return
        # A client that does not read what it is sent waits, as uvicorn has it.
        if not self.flow.write_paused:
            found = wire.answer(data, self.server_state.default_headers)
            if found is not None:
                self._send(*found)
                return
        self._begun = 0
        super().data_received(data)
        if self._was_one_that_may_come_again():
            self.scope["extensions"] = {SENT: {"bytes": data}}

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._begun += 1
        self._inside = True

    def on_headers_complete(self) -> None:
        super().on_headers_complete()
        self._latest = self.cycle
        self._upgrades = self.parser.should_upgrade()

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self._inside = False

    def timeout_keep_alive_handler(self) -> None:
        """What was answered by the short way meanwhile begins the time anew."""
        left = self._answered_at + self.timeout_keep_alive - self.loop.time()
        if left > 0:
            self._close_after(left)
        else:
            super().timeout_keep_alive_handler()

    def _was_one_that_may_come_again(self) -> bool:
        """One whole request, of which nothing is to be said about the connection itself."""
        latest = self._latest
        return (
            self._begun == 1
            and not self._inside
            and latest is not None
            and latest.keep_alive
            and not latest.waiting_for_100_continue
            and not self._upgrades
        )

    def _send(self, head: bytes, body: bytes) -> None:
        if len(body) > _JOINED:
            self.transport.write(head)
            self.transport.write(body)
        else:
            self.transport.write(head + body)
        self.server_state.total_requests += 1
        self._answered_at = self.loop.time()
        if self.timeout_keep_alive_task is None:
            self._close_after(self.timeout_keep_alive)

    def _close_after(self, seconds: float) -> None:
        self.timeout_keep_alive_task = self.loop.call_later(seconds, self.timeout_keep_alive_handler)
