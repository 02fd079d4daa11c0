"""Between a client and a real server: each piece waits for its turn, in each direction."""

import asyncio
from collections import deque
from pathlib import Path

from tests.cache.interleaving.turns import Move, Turns

INTRODUCTION = (b"$4\r\nAUTH\r\n", b"$5\r\nHELLO\r\n", b"$4\r\nINFO\r\n")
"""What a new connection says first. It waits for nobody: schedules are about what comes then."""


class Direction:
    """Pieces on their way one way, one behind the other. None waits while the connection is `new`."""

    def __init__(self, label: str, turns: Turns, *, asks: bool) -> None:
        self._label = label
        self._turns = turns
        self._asks = asks
        self._held: deque[bytes] = deque()
        self._move: Move | None = None
        self._to: asyncio.WriteTransport | None = None
        self._expects = False
        self.new = True
        self.is_cut = False
        self.come = 0
        self.gone = 0

    def leads_to(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        self._to = transport
        if self.is_cut:
            transport.abort()
        self._offer()

    def take(self, piece: bytes) -> None:
        self.come += 1
        self._held.append(piece)
        self._offer()

    def answered(self) -> None:
        if self._expects:
            self._expects = False
            self._turns.arrive()

    def cut(self) -> None:
        self.answered()
        self._turns.withdraw(self._move)
        self._move = None
        self._held.clear()
        self.is_cut = True
        if self._to is not None:
            self._to.abort()

    def _offer(self) -> None:
        if not self._held or self._move is not None or self._to is None:
            return
        if self.new:
            self._go()
        else:
            self._move = self._turns.offer(self._label, self._go)

    def _go(self) -> None:
        self._move = None
        if not self._held or self._to is None or self._to.is_closing():
            return
        if self._asks and not self._expects:
            self._expects = True
            self._turns.depart()
        self.gone += 1
        self._to.write(self._held.popleft())
        self._offer()


class Link:
    """One connection of a client. `listens` tells that it is the one that is told of changes."""

    def __init__(self, name: str, turns: Turns) -> None:
        self.there = Direction(f"{name} asks", turns, asks=True)
        self.back = Direction(f"{name} is told", turns, asks=False)
        self.listens = False

    def hear(self, question: bytes) -> None:
        """What the client says."""
        self.listens |= b"TRACKING" in question
        if not any(word in question for word in INTRODUCTION):
            self.there.new = self.back.new = False
        self.there.take(question)

    def cut(self) -> None:
        self.there.cut()
        self.back.cut()


class Wire:
    """Listens on a socket of its own, and leads to the server's."""

    def __init__(self, name: str, path: Path, server: Path, turns: Turns) -> None:
        self._name = name
        self._path = path
        self._server = server
        self._turns = turns
        self._listener: asyncio.Server | None = None
        self._opening: set[asyncio.Task[None]] = set()
        self.links: dict[Link, None] = {}

    @property
    def url(self) -> str:
        return f"unix://{self._path}"

    async def open(self) -> None:
        loop = asyncio.get_running_loop()
        self._listener = await loop.create_unix_server(lambda: _ClientSide(self), str(self._path))

    async def close(self) -> None:
        assert self._listener is not None
        self._listener.close()
        for link in tuple(self.links):
            link.cut()
        await asyncio.sleep(0)

    def accept(self, client: asyncio.BaseTransport) -> Link:
        link = Link(self._name, self._turns)
        self.links[link] = None
        link.back.leads_to(client)
        opening = asyncio.create_task(self._connect(link), name="wire")
        self._opening.add(opening)
        opening.add_done_callback(self._opening.discard)
        return link

    def lose(self, link: Link) -> None:
        self.links.pop(link, None)
        link.cut()

    def untold(self) -> tuple[tuple[Direction, int], ...]:
        """Where pieces are held that tell of changes, and up to which number."""
        return tuple((link.back, link.back.come) for link in self.links if link.listens)

    async def _connect(self, link: Link) -> None:
        with self._turns.in_air():
            loop = asyncio.get_running_loop()
            server, _ = await loop.create_unix_connection(lambda: _ServerSide(self, link), str(self._server))
            link.there.leads_to(server)


class _ClientSide(asyncio.Protocol):
    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._link: Link | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._link = self._wire.accept(transport)

    def data_received(self, data: bytes) -> None:
        assert self._link is not None
        self._link.hear(data)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        assert self._link is not None
        self._wire.lose(self._link)


class _ServerSide(asyncio.Protocol):
    def __init__(self, wire: Wire, link: Link) -> None:
        self._wire = wire
        self._link = link

    def data_received(self, data: bytes) -> None:
        self._link.back.take(data)
        self._link.there.answered()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        self._wire.lose(self._link)
