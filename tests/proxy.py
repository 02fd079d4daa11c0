"""A small TCP proxy that delays, cuts, freezes and strands what runs through it, for fault tests."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from urllib.parse import urlsplit, urlunsplit

_PIECE = 64 * 1024


class Link:
    """One client's connection and the one that the proxy holds for it."""

    def __init__(self, client: asyncio.StreamWriter, server: asyncio.StreamWriter) -> None:
        self.client = client
        self.server = server
        self.flowing = asyncio.Event()

    def cut(self) -> None:
        for writer in (self.client, self.server):
            writer.transport.abort()


class Proxy:
    """Forwards `port` to a server. `requests` counts the pieces sent towards the server."""

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._listener: asyncio.Server | None = None
        self._links: set[Link] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._frozen = False
        self.port = 0
        self.delay_s = 0.0
        self.requests = 0

    async def start(self) -> None:
        """Listen; after a `stop` on the same port as before."""
        self._listener = await asyncio.start_server(self._accept, "127.0.0.1", self.port)
        self.port = self._listener.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Refuse new connections and cut those that run."""
        if self._listener is not None:
            self._listener.close()
        self.cut()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def cut(self) -> None:
        """End every connection with a reset."""
        for link in tuple(self._links):
            link.cut()

    def freeze(self) -> None:
        """Forward nothing more, in no direction, on old and new connections; no one is told."""
        self._frozen = True
        self.strand()

    def strand(self) -> None:
        """Forward nothing more on the connections of now; new ones work."""
        for link in self._links:
            link.flowing.clear()

    def resume(self) -> None:
        self._frozen = False
        for link in self._links:
            link.flowing.set()

    def url(self, direct: str) -> str:
        """Return the URL that leads through this proxy."""
        parts = urlsplit(direct)
        user, _, _ = parts.netloc.rpartition("@")
        return urlunsplit(parts._replace(netloc=f"{user}@127.0.0.1:{self.port}"))

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            server_reader, server_writer = await asyncio.open_connection(*self._target)
        except OSError:
            writer.transport.abort()
            return
        link = Link(writer, server_writer)
        if not self._frozen:
            link.flowing.set()
        self._links.add(link)
        self._keep(self._pump(link, reader, server_writer, counts=True))
        self._keep(self._pump(link, server_reader, writer, counts=False))

    def _keep(self, pump: Coroutine[object, object, None]) -> None:
        task = asyncio.create_task(pump, name="proxy")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _pump(
        self, link: Link, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, counts: bool
    ) -> None:
        try:
            while piece := await reader.read(_PIECE):
                await link.flowing.wait()
                if self.delay_s:
                    await asyncio.sleep(self.delay_s)
                self.requests += counts
                writer.write(piece)
                await writer.drain()
        except OSError:
            pass
        finally:
            self._links.discard(link)
            link.cut()


@asynccontextmanager
async def proxy_to(url: str) -> AsyncIterator[Proxy]:
    """Run a proxy before the server of a URL."""
    parts = urlsplit(url)
    proxy = Proxy(parts.hostname or "127.0.0.1", parts.port or 5432)
    await proxy.start()
    try:
        yield proxy
    finally:
        await proxy.stop()
