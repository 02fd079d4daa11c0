"""The socket that connections come to."""

import asyncio
import socket

import pytest

from servery.serving import LAST_PORT, PortInUse, listen
from servery.shared_port import DEALS_OUT, shared_port

pytestmark = pytest.mark.anyio


async def sends_at_once(listening: socket.socket) -> bool:
    """Whether asyncio sends small pieces to who connects there as they are written."""
    told: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

    async def connected(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = writer.get_extra_info("socket")
        told.set_result(bool(connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)))
        writer.close()

    async with await asyncio.start_server(connected, sock=listening):
        _, writer = await asyncio.open_connection(*listening.getsockname()[:2])
        found = await told
        writer.close()
    return found


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
async def test_small_pieces_are_sent_at_once(host: str) -> None:
    assert await sends_at_once(listen(host, 0))


@pytest.mark.skipif(not DEALS_OUT, reason="only Linux deals connections out")
async def test_that_is_so_where_connections_are_dealt_out() -> None:
    assert await sends_at_once(shared_port("127.0.0.1", 0))


async def test_who_asks_for_a_port_that_is_taken_is_told_of_the_next_one() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        other = port + 1 if port < LAST_PORT else port - 1

        with pytest.raises(PortInUse, match=f"Choose another: --port {other}, or SERVERY_PORT={other}"):
            listen("127.0.0.1", port, exactly=True)


async def test_an_address_of_another_machine_is_told_as_one() -> None:
    with pytest.raises(PortInUse, match=r"192\.0\.2\.1 is no address of this machine"):
        listen("192.0.2.1", 0)
