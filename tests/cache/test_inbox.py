"""What lies in a socket is known before it is read, and is read all the same."""

import socket
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from cache.inbox import Inbox

PONG = b"+PONG\r\n"
A = b">2\r\n$10\r\ninvalidate\r\n*1\r\n$1\r\na\r\n"
ALL = b">2\r\n$10\r\ninvalidate\r\n_\r\n"


class Line:
    """A connection whose reader holds `held`, and its far end."""

    def __init__(self) -> None:
        self.near, self.far = socket.socketpair()
        self.held = bytearray()
        self.pushed: list[Any] = []
        connection: Any = SimpleNamespace(
            _reader=SimpleNamespace(_buffer=self.held),
            _writer=SimpleNamespace(get_extra_info={"socket": self.near}.get),
        )
        self.inbox = Inbox(connection, lambda message: self.pushed.append(message[1]))

    def close(self) -> None:
        for each in (self.near, self.far, self.inbox):
            each.close()


@pytest.fixture
def line() -> Iterator[Line]:
    made = Line()
    yield made
    made.close()


def test_where_nothing_was_sent_all_is_heard(line: Line) -> None:
    assert line.inbox.is_heard()


@pytest.mark.parametrize(
    ("held", "arrived", "told"),
    [
        (b"", PONG, []),
        (b"", A, [[b"a"]]),
        (b"", PONG + A + ALL, [[b"a"], None]),
        (A, b"", [[b"a"]]),
        (A[:9], A[9:] + PONG, [[b"a"]]),
        (PONG, A, [[b"a"]]),
    ],
)
def test_what_was_sent_is_told_and_still_there(
    line: Line, held: bytes, arrived: bytes, told: list[Any]
) -> None:
    line.held += held
    line.far.sendall(arrived)

    assert line.inbox.is_heard()
    assert line.pushed == told
    assert line.inbox.is_heard()
    assert not arrived or line.near.recv(1000) == arrived


@pytest.mark.parametrize(
    "sent",
    [
        A[:-1],
        A + A[:4],
        A[26:],  # what was begun is read already: its rest is no message of its own
        b"$1\r\na\r\n",
        b"-ERR\r\n",
        b"\x17\x03\x03\x00\x10encrypted",
        b">2\r\n$7\r\nmessage\r\n$1\r\na\r\n",
        A * 3_000,
    ],
)
def test_what_cannot_be_understood_is_not_heard(line: Line, sent: bytes) -> None:
    line.far.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
    line.far.setblocking(False)
    line.far.send(sent)

    assert not line.inbox.is_heard()


def test_the_end_of_a_connection_is_not_heard_of_as_nothing(line: Line) -> None:
    line.far.close()

    assert not line.inbox.is_heard()
