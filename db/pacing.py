"""Reads large answers in turns, so that they do not hold the event loop.

uvloop hands over 256 KiB at once, libuv reads up to 32 times before anything else runs, and asyncpg decodes
while it reads: an answer of 100,000 rows would hold the loop for 300 ms and more, and several at once for the
sum of theirs. Here a large piece is cut into slices that stand in line with those of all other answers, and
reading pauses meanwhile; small answers never notice.
"""

import asyncio
import socket
from collections import deque
from typing import Any

from db.turns import turns

TURN_BYTES = 64 * 1024
"""How much is decoded in one turn of the loop: 1 to 3 ms of work."""


class PacedProtocol(asyncio.Protocol):
    """Stands between a transport and its protocol, and lets the loop turn between two slices."""

    def __init__(self, inner: Any, transport: asyncio.Transport) -> None:
        self._inner = inner
        self._transport = transport
        self._turns = turns()
        self._slices: deque[bytes] = deque()

    def data_received(self, data: bytes) -> None:
        if not self._slices and len(data) < TURN_BYTES:
            self._inner.data_received(data)
            return
        if not self._slices:
            self._transport.pause_reading()
            self._turns.add(self._hand_over)
        # A transport may have more at hand although it was paused.
        self._slices.extend(data[start : start + TURN_BYTES] for start in range(0, len(data), TURN_BYTES))

    def _hand_over(self) -> None:
        """One slice; the others follow in turns of their own, and then reading goes on."""
        if self._transport.is_closing():
            # Nobody waits for what is left, and asyncpg takes nothing more once it has hung up.
            self._slices.clear()
        if not self._slices:
            return
        self._inner.data_received(self._slices.popleft())
        if self._slices:
            self._turns.add(self._hand_over)
        elif not self._transport.is_closing():
            self._transport.resume_reading()

    def eof_received(self) -> bool | None:
        # The last words of a server that hangs up say why.
        while self._slices and not self._transport.is_closing():
            self._inner.data_received(self._slices.popleft())
        answer: bool | None = self._inner.eof_received()
        return answer

    def connection_lost(self, exc: Exception | None) -> None:
        self._slices.clear()
        self._inner.connection_lost(exc)

    def pause_writing(self) -> None:
        self._inner.pause_writing()

    def resume_writing(self) -> None:
        self._inner.resume_writing()


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
