"""A pooler in transaction mode, as small as it can be, for tests: each transaction goes to another process.

Whoever logs in makes a process; from then on it belongs to all. Processes take turns, so that a client with
two of them behind it never has the same twice running.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit, urlunsplit

ENDS: Final = {b"S", b"Q"}
"""What a client sends last in a transaction: each is answered with one word that it is over."""

OVER: Final = b"Z"
GOODBYE: Final = b"X"
NUMBER: Final = b"K"
"""By which a connection is told the number of its process."""

NEEDED: Final = {b"user", b"database", b"client_encoding"}


@dataclass(frozen=True, slots=True)
class Process:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter


class Pooler:
    """Tells numbers of its own, as PgBouncer does, or the true one of the process that was logged in with.

    With `drops_settings` nothing of what a session starts with reaches PostgreSQL.
    """

    def __init__(self, url: str, *, tells_true_numbers: bool = False, drops_settings: bool = False) -> None:
        self._url = urlsplit(url)
        self._tells_true_numbers = tells_true_numbers
        self._drops_settings = drops_settings
        self._free: asyncio.Queue[Process] = asyncio.Queue()
        self._all: list[Process] = []
        self._serving: set[asyncio.Task[None]] = set()
        self._port = 0

    @property
    def url(self) -> str:
        user, _, _ = self._url.netloc.rpartition("@")
        return urlunsplit(
            self._url._replace(netloc=f"{user}@127.0.0.1:{self._port}", query="sslmode=disable")
        )

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Pooler"]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self._port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            for task in self._serving:
                task.cancel()
            await asyncio.gather(*self._serving, return_exceptions=True)
            for process in self._all:
                process.writer.transport.abort()
            await asyncio.sleep(0)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if task := asyncio.current_task():
            self._serving.add(task)
        try:
            with suppress(asyncio.IncompleteReadError, OSError):
                await self._log_in(reader, writer)
                while await self._transaction(reader, writer):
                    pass
        finally:
            writer.transport.abort()

    async def _log_in(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        process = Process(*await asyncio.open_connection(self._url.hostname, self._url.port))
        self._all.append(process)
        length = int.from_bytes(await reader.readexactly(4))
        process.writer.write(self._start(await reader.readexactly(length - 4)))
        answering = asyncio.create_task(self._answer(process, writer))
        asking = asyncio.create_task(_forward_for_ever(reader, process.writer))
        await answering
        asking.cancel()
        await asyncio.wait({asking})
        self._free.put_nowait(process)

    async def _transaction(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Whether there was one: a goodbye is for us alone."""
        kind, body = await _message(reader)
        if kind == GOODBYE:
            return False
        process = await self._free.get()
        answering = asyncio.create_task(self._answer(process, writer))
        process.writer.write(kind + body)
        while kind not in ENDS:
            kind, body = await _message(reader)
            process.writer.write(kind + body)
        await answering
        self._free.put_nowait(process)
        return True

    def _start(self, told: bytes) -> bytes:
        """The first message of a connection: the version, then names and values."""
        words = told[4:].split(b"\0")
        pairs = dict(zip(words[::2], words[1::2], strict=False))
        kept = {name: value for name, value in pairs.items() if name in NEEDED or not self._drops_settings}
        written = b"".join(b"%b\0%b\0" % pair for pair in kept.items() if pair[0]) + b"\0"
        return (len(written) + 8).to_bytes(4) + told[:4] + written

    async def _answer(self, process: Process, writer: asyncio.StreamWriter) -> None:
        """All that the process says until the transaction is over."""
        kind = b""
        while kind != OVER:
            kind, body = await _message(process.reader)
            if kind == NUMBER and not self._tells_true_numbers:
                body = body[:4] + b"\0\0\0\1" + body[8:]
            writer.write(kind + body)


async def _message(reader: asyncio.StreamReader) -> tuple[bytes, bytes]:
    """Its kind, and its length with all that follows."""
    kind = await reader.readexactly(1)
    length = await reader.readexactly(4)
    return kind, length + await reader.readexactly(int.from_bytes(length) - 4)


async def _forward_for_ever(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """What is said until somebody is let in is an answer to a question, so nothing is cut apart."""
    while True:
        writer.write(b"".join(await _message(reader)))
