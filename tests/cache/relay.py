"""A way to a server whose lines fall silent or slow down when a test says so."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field

from tests.cache.fakes import opened


@dataclass(slots=True, eq=False)
class Line:
    """One connection. A line that is not `alive` takes everything and passes on nothing."""

    asked: bytearray = field(default_factory=bytearray)
    alive: bool = True

    @property
    def listens(self) -> bool:
        """Whether it is one on which the server tells of changes."""
        return b"TRACKING" in self.asked


class Relay:
    """Nothing that it does to a line is told to either end: nothing is refused, and nothing ends."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._lines: list[Line] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._silent = False
        self._answers = opened()
        self._server: asyncio.Server | None = None

    async def start(self) -> str:
        self._server = await asyncio.start_server(self._joined, "127.0.0.1", 0)
        return f"redis://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/0"

    def cut(self, *, listening: bool) -> None:
        """The lines of now that listen to changes, or else those of data."""
        for line in self._lines:
            if line.listens is listening:
                line.alive = False

    def cut_for_good(self) -> None:
        """All lines, those that are still to come as well."""
        self._silent = True

    def hold_answers(self) -> None:
        """On the lines of data; what is told of changes goes on."""
        self._answers.clear()

    def let_go(self) -> None:
        self._answers.set()

    async def close(self) -> None:
        if self._server:
            self._server.close()
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)

    async def _joined(self, client: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        server, on = await asyncio.open_connection("127.0.0.1", self._port)
        line = Line()
        self._lines.append(line)
        for work in (self._pass_on(client, on, line), self._pass_back(server, back, line)):
            task = asyncio.create_task(work)
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _pass_on(self, client: asyncio.StreamReader, on: asyncio.StreamWriter, line: Line) -> None:
        with suppress(OSError):
            while data := await client.read(65536):
                line.asked.extend(data[:1000])
                if line.alive and not self._silent:
                    on.write(data)
        on.close()

    async def _pass_back(self, server: asyncio.StreamReader, back: asyncio.StreamWriter, line: Line) -> None:
        with suppress(OSError):
            while data := await server.read(65536):
                if not line.listens:
                    await self._answers.wait()
                if line.alive and not self._silent:
                    back.write(data)
        back.close()
