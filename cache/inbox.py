"""What a listening connection was sent and has not read yet, heard before its turn comes.

Whoever answers from memory does so in the middle of a turn of the loop, while word of a change may lie in the
socket. It is looked at there, and left to be read: what is heard twice takes nothing away but time.
"""

import os
import socket
from collections.abc import Callable
from select import POLLIN, poll
from typing import Any, Final

from hiredis import ProtocolError, PushNotification, Reader
from redis.asyncio.connection import AbstractConnection

_MOST: Final = 64 * 1024
_NO_MORE: Final = object()
_END: Final = b"+end\r\n"
_GLANCE: Final = socket.MSG_PEEK | socket.MSG_DONTWAIT


class Inbox:
    """Of one connection, which is open. `pushed` is told what is pushed. Whoever makes one closes it."""

    def __init__(self, connection: AbstractConnection, pushed: Callable[[list[Any]], None]) -> None:
        streams: Any = connection
        # The library and asyncio have no other way in. The reader holds one buffer for its whole life.
        self._held: bytearray = streams._reader._buffer  # noqa: SLF001
        number = streams._writer.get_extra_info("socket").fileno()  # noqa: SLF001
        self._socket = socket.socket(fileno=os.dup(number))
        self._pushed = pushed
        arrived = poll()
        arrived.register(self._socket.fileno(), POLLIN)
        self._arrived = arrived.poll

    def is_heard(self) -> bool:
        """Whether all that was sent is known by now. It costs less than a microsecond where nothing was.

        What is incomplete, garbled, encrypted or too much for a glance is not known.
        """
        if not self._held and not self._arrived(0):
            return True
        try:
            ahead = self._socket.recv(_MOST, _GLANCE) if self._arrived(0) else b""
            return len(ahead) < _MOST and self._understood(bytes(self._held) + ahead)
        except (OSError, ProtocolError):
            return False

    def close(self) -> None:
        self._socket.close()

    def _understood(self, sent: bytes) -> bool:
        reader = Reader(notEnoughData=_NO_MORE)
        # Where something is incomplete, the end becomes a part of it.
        reader.feed(sent + _END)
        while (message := reader.gets()) is not _NO_MORE:
            if isinstance(message, PushNotification) and message[0] == b"invalidate":
                self._pushed(message)
            elif message != b"PONG":  # as the rest of what is half read
                # Of a connection that has ended nothing is there.
                return bool(sent) and message == b"end" and not reader.has_data()
        return False
