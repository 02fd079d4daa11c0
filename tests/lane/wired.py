"""Connections as uvicorn makes them, without a socket: bytes go in, bytes come out."""

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from starlette.types import ASGIApp
from uvicorn import Config
from uvicorn.server import ServerState

from servery.lane.connection import Connection
from servery.lane.wire import WIRE, Wire
from tests.lane.sent import Sent

if TYPE_CHECKING:
    from tests.lane.world import World

ENOUGH: Final = 6
"""So often a request is sent until it is known."""


class Transport(asyncio.Transport):
    """Keeps what is written."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""
        self.closed = False
        self.is_read = True

    def write(self, data: Any) -> None:
        if not self.closed:
            self.written += bytes(data)

    def close(self) -> None:
        self.closed = True

    def is_closing(self) -> bool:
        return self.closed

    def pause_reading(self) -> None:
        self.is_read = False

    def resume_reading(self) -> None:
        self.is_read = True


class Line:
    """One connection to an app, of which `wire` answers what it may."""

    def __init__(self, app: ASGIApp, wire: Wire | None, **settings: Any) -> None:
        config = Config(app, access_log=False, log_config=None, ws="none", lifespan="off", **settings)
        config.load()
        self.state = ServerState()
        self.protocol = Connection(config, self.state, {WIRE: wire}, asyncio.get_running_loop())
        self.transport = Transport()
        self.at_once = 0
        """How often there was an answer before the app was called."""
        self.protocol.connection_made(self.transport)

    async def send(self, *pieces: bytes) -> bytes:
        """All that comes back."""
        self.transport.written = b""
        for piece in pieces:
            self.protocol.data_received(piece)
        self.at_once += bool(self.transport.written and not self.state.tasks)
        while self.state.tasks:
            await asyncio.wait(set(self.state.tasks))
            await asyncio.sleep(0)  # what waited its turn begins
        return self.transport.written

    def lost(self) -> None:
        self.protocol.connection_lost(None)


def written(sent: Sent, *lines: bytes) -> bytes:
    """A request as it travels, with more `lines` of headers."""
    target = b"/graphql" + (b"?" + sent.query_string if sent.query_string else b"")
    headers = [*sent.headers, (b"content-length", b"%d" % len(sent.body))] if sent.body else sent.headers
    head = (b"%b %b HTTP/1.1" % (sent.method.encode(), target), b"host: servery", *_lines(headers), *lines)
    return b"\r\n".join((*head, b"", sent.body))


def _lines(headers: Sequence[tuple[bytes, bytes]]) -> list[bytes]:
    return [b"%b: %b" % header for header in headers]


def parted(received: bytes) -> tuple[int, tuple[tuple[bytes, bytes], ...], bytes]:
    """Status, headers and body of a response."""
    head, _, body = received.partition(b"\r\n\r\n")
    status, *lines = head.split(b"\r\n")
    pairs = [line.split(b": ", 1) for line in lines]
    headers = tuple((name, value) for name, value in pairs)
    if (b"transfer-encoding", b"chunked") in headers:
        headers = tuple(pair for pair in headers if pair[0] != b"transfer-encoding")
        size, _, rest = body.partition(b"\r\n")
        body = rest[: int(size or b"0", 16)]
    return int(status.split()[1]), headers, body


async def known(world: "World", sent: bytes, **settings: Any) -> Line:
    """A line on which that was asked so often that it is known, if it ever is."""
    line = Line(world.endpoint, world.endpoint.wire, **settings)
    for _ in range(ENOUGH):
        await line.send(sent)
    line.at_once = 0
    return line
