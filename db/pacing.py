"""Reads large answers in turns, so that one of them does not hold the event loop.

libuv hands over up to 32 reads in a row before anything else runs, and asyncpg decodes rows while
it reads: an answer of 100,000 rows would hold the loop for 300 ms and more. Here reading pauses after a
piece and goes on in the loop's next turn; small answers never notice.
"""

import asyncio
import socket
from typing import Any

TURN_BYTES = 32 * 1024
"""How much may be read in one turn of the loop before others have theirs: 2 to 4 ms of decoding."""


class PacedProtocol(asyncio.Protocol):
    """Stands between a transport and its protocol, and lets the loop turn between two pieces."""

    def __init__(self, inner: Any, transport: asyncio.Transport) -> None:
        self._inner = inner
        self._transport = transport
        self._loop = asyncio.get_running_loop()

    def data_received(self, data: bytes) -> None:
        self._inner.data_received(data)
        if len(data) >= TURN_BYTES and not self._transport.is_closing():
            self._transport.pause_reading()
            self._loop.call_soon(self._resume)

    def _resume(self) -> None:
        if not self._transport.is_closing():
            self._transport.resume_reading()

    def eof_received(self) -> bool | None:
        answer: bool | None = self._inner.eof_received()
        return answer

    def pause_writing(self) -> None:
        self._inner.pause_writing()

    def resume_writing(self) -> None:
        self._inner.resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        self._inner.connection_lost(exc)


# Silence is noticed in about 20 s on an idle connection and in 5 s on one that has sent something.
_SILENCE = (("TCP_KEEPIDLE", 10), ("TCP_KEEPINTVL", 3), ("TCP_KEEPCNT", 3), ("TCP_USER_TIMEOUT", 5_000))


def notice_silence(transport: asyncio.Transport) -> None:
    """Make the kernel close the connection when the other side no longer acknowledges anything."""
    sock = transport.get_extra_info("socket")
    if sock is None or sock.family not in {socket.AF_INET, socket.AF_INET6}:
        return
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in _SILENCE:
        # Not every system knows every option.
        option = getattr(socket, name, None)
        if option is not None:
            sock.setsockopt(socket.IPPROTO_TCP, option, value)
