"""A proxy before a Redis that also spoils what comes back, and knows which connections listen to changes."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from tests.proxy import Link, Proxy

_PIECE = 64 * 1024

Spoil = Callable[[bytes], tuple[bytes, bool]]
"""What is passed on of a reply, and whether the connection goes on."""


class SpoilingProxy(Proxy):
    """`spoil` is asked about each piece that comes back from the server.

    The first question that holds the words `fatal` is passed on, and its connection cut before the reply.
    With `stalls_data` nothing passes on connections that do not listen to changes.
    """

    def __init__(self, host: str, port: int) -> None:
        super().__init__(host, port)
        self.spoil: Spoil | None = None
        self.fatal = b""
        self.stalls_data = False
        self._listening: set[Link] = set()
        self._doomed: set[Link] = set()

    def listening(self) -> set[Link]:
        """The connections of now on which the server tells of changes."""
        return self._listening & self._links

    async def _pump(
        self, link: Link, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, counts: bool
    ) -> None:
        try:
            while piece := await reader.read(_PIECE):
                if counts:
                    self._overhear(link, piece)
                await link.flowing.wait()
                if self.delay_s:
                    await asyncio.sleep(self.delay_s)
                passed, goes_on = (piece, True) if counts else self._spoilt(link, piece)
                writer.write(passed)
                await writer.drain()
                if not goes_on:
                    break
        except OSError:
            pass
        finally:
            self._links.discard(link)
            link.cut()

    def _overhear(self, link: Link, question: bytes) -> None:
        if b"HELLO" in question:  # only those speak RESP3
            self._listening.add(link)
        if self.stalls_data and link not in self._listening:
            link.flowing.clear()
        if self.fatal and self.fatal in question:
            self._doomed.add(link)
            self.fatal = b""

    def _spoilt(self, link: Link, reply: bytes) -> tuple[bytes, bool]:
        if link in self._doomed:
            return b"", False
        return self.spoil(reply) if self.spoil else (reply, True)


def cut_in_the_middle(reply: bytes) -> tuple[bytes, bool]:
    return reply[: len(reply) // 2], False


def cut_now_and_then(chance: random.Random) -> Spoil:
    def spoil(reply: bytes) -> tuple[bytes, bool]:
        return cut_in_the_middle(reply) if chance.random() < 0.3 else (reply, True)

    return spoil


def corrupted(chance: random.Random) -> Spoil:
    """One byte of many replies is another."""

    def spoil(reply: bytes) -> tuple[bytes, bool]:
        return (flipped(reply, chance) if chance.random() < 0.3 else reply), True

    return spoil


def flipped(data: bytes, chance: random.Random) -> bytes:
    """One bit of it is another."""
    if not data:
        return data
    place, bit = chance.randrange(len(data)), 1 << chance.randrange(8)
    return data[:place] + bytes([data[place] ^ bit]) + data[place + 1 :]


@asynccontextmanager
async def spoiling_proxy_to(port: int) -> AsyncIterator[SpoilingProxy]:
    proxy = SpoilingProxy("127.0.0.1", port)
    await proxy.start()
    try:
        yield proxy
    finally:
        await proxy.stop()
