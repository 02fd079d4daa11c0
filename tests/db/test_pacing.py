import asyncio
import itertools
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
        self.bytes = b""
        self.ends: list[object] = []
        self.most_in_a_turn = 0
        self._last_turn = -1
        self._in_turn = 0

    def data_received(self, data: bytes) -> None:
        self._in_turn = self._in_turn + 1 if self._last_turn == self.turn else 1
        self._last_turn = self.turn
        self.received += len(data)
        self.bytes += data[:1]
        self.most_in_a_turn = max(self.most_in_a_turn, self._in_turn)

    def eof_received(self) -> None:
        self.ends.append("eof")

    def connection_lost(self, exc: Exception | None) -> None:
        self.ends.append(exc)


async def test_reading_pauses_after_a_large_piece_until_the_loops_next_turn() -> None:
    transport, reader = Transport(), Reader()
    paced = PacedProtocol(reader, transport)

    paced.data_received(b"x" * TURN_BYTES)
    assert not transport.reading
    await asyncio.sleep(0)

    assert transport.reading
    assert reader.received == TURN_BYTES


async def test_a_larger_piece_is_handed_over_in_slices_with_turns_between() -> None:
    transport, reader = Transport(), Reader()
    paced = PacedProtocol(reader, transport)

    paced.data_received(b"".join(letter * TURN_BYTES for letter in (b"a", b"b", b"c")))
    while not transport.reading:
        reader.turn += 1
        await asyncio.sleep(0)

    assert (reader.bytes, reader.received) == (b"abc", 3 * TURN_BYTES)
    assert reader.most_in_a_turn == 1


async def test_what_a_paused_transport_still_hands_over_comes_last() -> None:
    transport, reader = Transport(), Reader()
    paced = PacedProtocol(reader, transport)

    paced.data_received(b"a" * TURN_BYTES + b"b")
    paced.data_received(b"c")
    while not transport.reading:  # noqa: ASYNC110  turns of the loop are what is counted
        await asyncio.sleep(0)

    assert reader.bytes == b"abc"


async def test_connections_take_turns() -> None:
    readers = [Reader() for _ in range(3)]
    transports = [Transport() for _ in readers]
    for reader, transport in zip(readers, transports, strict=True):
        PacedProtocol(reader, transport).data_received(b"x" * 4 * TURN_BYTES)

    received = [0]
    while not all(transport.reading for transport in transports):
        await asyncio.sleep(0)
        received.append(sum(reader.received for reader in readers))

    steps = [after - before for before, after in itertools.pairwise(received)]
    assert max(steps) == TURN_BYTES
    assert received[-1] == 3 * 4 * TURN_BYTES


async def test_a_small_piece_never_pauses_reading() -> None:
    transport, reader = Transport(), Reader()

    PacedProtocol(reader, transport).data_received(b"x" * 100)

    assert transport.reading
    assert reader.received == 100


async def test_a_transport_that_closes_meanwhile_is_left_alone() -> None:
    transport, reader = Transport(), Reader()
    paced = PacedProtocol(reader, transport)
    paced.data_received(b"x" * 2 * TURN_BYTES)

    transport.closing = True
    await asyncio.sleep(0)
    paced.eof_received()
    paced.connection_lost(None)

    assert not transport.reading
    assert reader.received == 0
    assert reader.ends == ["eof", None]


async def test_the_last_words_of_a_server_come_before_its_end() -> None:
    transport, reader = Transport(), Reader()
    paced = PacedProtocol(reader, transport)
    paced.data_received(b"a" * TURN_BYTES + b"b")

    paced.eof_received()
    assert reader.bytes == b"ab"
    await asyncio.sleep(0)

    assert reader.bytes == b"ab"
    assert reader.ends == ["eof"]


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
