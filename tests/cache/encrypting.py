"""TLS in front of a server that has none: what comes in is decrypted and handed on."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Final

CERTIFICATES: Final = Path(__file__).parent / "certificates"
AUTHORITY: Final = CERTIFICATES / "authority.pem"
LOCALHOST: Final = CERTIFICATES / "localhost.pem"
"""A key and its certificate for `localhost`, for servers and clients, signed by AUTHORITY."""


@asynccontextmanager
async def encrypting(port: int, *, ask_client: bool = False) -> AsyncIterator[int]:
    """Gives the port that speaks TLS; with `ask_client`, only to who has a certificate of our authority."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(AUTHORITY))
    context.load_cert_chain(LOCALHOST)
    context.verify_mode = ssl.CERT_REQUIRED if ask_client else ssl.CERT_NONE
    tasks: set[asyncio.Task[None]] = set()

    def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tasks.add(asyncio.create_task(_join(reader, writer, port)))

    proxy = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    try:
        yield proxy.sockets[0].getsockname()[1]
    finally:
        proxy.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _join(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, port: int) -> None:
    server_reader, server_writer = await asyncio.open_connection("127.0.0.1", port)
    ways = (_pass_on(reader, server_writer), _pass_on(server_reader, writer))
    try:
        await asyncio.gather(*ways)
    finally:
        for each in (writer, server_writer):
            each.transport.abort()


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while piece := await reader.read(65_536):
            writer.write(piece)
            await writer.drain()
        writer.close()
