import asyncio
import socket
from typing import Any

import pytest

from db.pacing import TURN_BYTES, PacedProtocol

pytestmark = pytest.mark.anyio

PIECES = 64


class Transport(asyncio.Transport):
    def __init__(self) -> None:
        super().__init__()
        self.reading = True
        self.closing = False

    def pause_reading(self) -> None:
        self.reading = False

    def resume_reading(self) -> None:
        self.reading = True

    def is_closing(self) -> bool:
        return self.closing


class Reader(asyncio.Protocol):
    """Notes what arrives, and in which turn of the loop."""

    def __init__(self) -> None:
        self.turn = 0
        self.received = 0
        self.most_in_a_turn = 0
        self._last_turn = -1
        self._in_turn = 0

    def data_received(self, data: bytes) -> None:
        self._in_turn = self._in_turn + 1 if self._last_turn == self.turn else 1
        self._last_turn = self.turn
        self.received += len(data)
        self.most_in_a_turn = max(self.most_in_a_turn, self._in_turn)


async def test_reading_pauses_after_a_large_piece_until_the_loops_next_turn() -> None:
    transport, reader = Transport(), Reader()
    paced = PacedProtocol(reader, transport)

    paced.data_received(b"x" * TURN_BYTES)
    assert not transport.reading
    await asyncio.sleep(0)

    assert transport.reading
    assert reader.received == TURN_BYTES


async def test_a_small_piece_never_pauses_reading() -> None:
    transport, reader = Transport(), Reader()

    PacedProtocol(reader, transport).data_received(b"x" * 100)

    assert transport.reading
    assert reader.received == 100


async def test_a_transport_that_closes_meanwhile_is_left_alone() -> None:
    transport = Transport()
    PacedProtocol(Reader(), transport).data_received(b"x" * TURN_BYTES)

    transport.closing = True
    await asyncio.sleep(0)

    assert not transport.reading


@pytest.mark.parametrize("anyio_backend", [("asyncio", {"use_uvloop": True})], ids=["uvloop"])
async def test_the_loop_turns_between_two_pieces_of_what_already_lies_in_the_socket(
    anyio_backend: Any,
) -> None:
    ours, theirs = socket.socketpair()
    for end in (ours, theirs):
        end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, PIECES * TURN_BYTES)
    theirs.setblocking(False)
    reader = Reader()
    transport, _ = await asyncio.get_running_loop().create_connection(asyncio.Protocol, sock=ours)
    transport.set_protocol(PacedProtocol(reader, transport))

    sent = theirs.send(b"x" * PIECES * TURN_BYTES)
    while reader.received < sent:
        reader.turn += 1
        await asyncio.sleep(0)
    # Before any assertion: uvloop does not end while a transport is open.
    transport.close()
    theirs.close()
    await asyncio.sleep(0)

    assert sent > 4 * TURN_BYTES
    assert reader.most_in_a_turn == 1
