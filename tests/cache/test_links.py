"""The ways to one server: which of them are taken, and what is known of a server before it is used."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import pytest
from redis.asyncio.connection import AbstractConnection
from redis.exceptions import RedisError

from cache.address import BadAddress
from cache.links import links_of, on_invalidation
from cache.pool import closed
from tests.cache.encrypting import AUTHORITY, LOCALHOST, encrypting
from tests.cache.linked import Seen, linked
from tests.cache.node import Node, running

QUICKLY: Final = 5.0
"""Seconds. Without a bound of its own a close would wait for ever."""

pytestmark = [pytest.mark.anyio, pytest.mark.integration]

PASSWORD: Final = "s/cr:t"
ENCODED: Final = "s%2Fcr%3At"
TRACKING: Final = ("CLIENT", "TRACKING", "ON", "BCAST", "PREFIX", "analytics:gen:")


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    folder = tmp_path_factory.mktemp("server")
    with running(
        Node(folder, {"requirepass": PASSWORD, "unixsocket": str(folder / "redis.sock")})
    ) as started:
        started.ask("ACL", "SETUSER", "ana", "on", f">{PASSWORD}", "~*", "&*", "+@all", password=PASSWORD)
        yield started


@pytest.fixture(autouse=True)
def empty(node: Node) -> None:
    node.ask("FLUSHALL", password=PASSWORD)


def url_of(node: Node) -> str:
    return f"redis://:{ENCODED}@127.0.0.1:{node.port}/0"


@asynccontextmanager
async def connected(connection: AbstractConnection) -> AsyncIterator[Any]:
    """As Any: the library has no types for what is asked of it."""
    anything: Any = connection
    await anything.connect()
    try:
        yield anything
    finally:
        await anything.disconnect(nowait=True)


async def asked(connection: Any, *command: str) -> Any:
    await connection.send_command(*command)
    return await connection.read_response()


def run_id_of(node: Node) -> str:
    told: bytes = node.ask("INFO", "server", password=PASSWORD)
    return told.partition(b"run_id:")[2][:40].decode()


@pytest.mark.parametrize(
    ("form", "database"),
    [
        ("redis://:{password}@127.0.0.1:{port}", 0),
        ("redis://ana:{password}@localhost:{port}/3", 3),
        ("unix://:{password}@{folder}/redis.sock?db=2", 2),
        ("unix://ana:{password}@{folder}/redis.sock", 0),
    ],
)
async def test_a_server_is_reached_by_port_and_by_socket(node: Node, form: str, database: int) -> None:
    url = form.format(password=ENCODED, port=node.port, folder=node.folder.parent)

    async with linked(url) as links:
        await links.client.set("analytics:a", "1")
        (primary,) = await links.primaries()
        async with connected(links.dedicated(primary)) as dedicated:
            found = await asked(dedicated, "GET", "analytics:a")

    assert found == b"1"
    assert f"db{database}:keys=1".encode() in node.ask("INFO", "keyspace", password=PASSWORD)


async def test_each_connection_says_first_which_server_it_leads_to(node: Node) -> None:
    seen: list[str] = []

    async with linked(url_of(node), seen.append) as links:
        await asyncio.gather(*(links.client.get("analytics:a") for _ in range(20)))
        await links.sweeper.scan(0)

    assert seen == [run_id_of(node)] * 5


@pytest.mark.parametrize("fault", [ConnectionError("another server"), LookupError("a mistake")])
async def test_no_command_is_sent_to_a_server_that_is_refused(node: Node, fault: Exception) -> None:
    refused: list[str] = []

    def refuse(run_id: str) -> None:
        refused.append(run_id)
        raise fault

    async with linked(url_of(node), refuse, connections=1) as links:
        for _ in range(2):
            before = len(refused)
            with pytest.raises((RedisError, LookupError), match=str(fault)):
                await links.client.set("analytics:a", "1")
            assert len(refused) > before

    assert node.ask("EXISTS", "analytics:a", password=PASSWORD) == 0


async def test_sweeps_have_connections_of_their_own(node: Node) -> None:
    async with linked(url_of(node), connections=1) as links:
        client: Any = links.client
        async with client.client() as only:
            await only.set("analytics:a", "1")

            _, names = await links.sweeper.scan(0)

    assert names == [b"analytics:a"]


async def test_changes_are_told_to_the_one_who_listens(node: Node) -> None:
    told: list[Any] = []

    async with linked(url_of(node)) as links:
        (primary,) = await links.primaries()
        async with connected(links.dedicated(primary)) as dedicated:
            on_invalidation(dedicated, told.append)
            await asked(dedicated, *TRACKING)
            await links.client.set("analytics:gen:a", "1")
            await links.client.set("analytics:query:a", "1")
            await dedicated.read_response(timeout=2.0, push_request=True)
            await links.client.flushdb()
            await dedicated.read_response(timeout=2.0, push_request=True)

    assert told == [[b"analytics:gen:a"], None]


async def test_waiting_in_vain_for_changes_leaves_the_listener_as_it_is(node: Node) -> None:
    async with linked(url_of(node)) as links:
        (primary,) = await links.primaries()
        async with connected(links.dedicated(primary)) as dedicated:
            nothing = await dedicated.read_response(timeout=0.05, push_request=True)

            assert nothing is None
            assert await asked(dedicated, "PING") == b"PONG"


async def test_a_wrong_password_is_told(node: Node) -> None:
    async with linked(f"redis://:wrong@127.0.0.1:{node.port}") as links:
        with pytest.raises(RedisError, match="invalid username-password pair"):
            await links.client.get("analytics:a")


class Broken:
    """A client that cannot be closed in order."""

    def __init__(self) -> None:
        self.told = False

    async def aclose(self) -> None:
        self.told = True
        raise ConnectionResetError


class Stuck(Broken):
    async def aclose(self) -> None:
        self.told = True
        await asyncio.Event().wait()


async def test_closing_never_raises_and_has_an_end() -> None:
    clients = (Broken(), Stuck(), Broken())

    await closed(*clients)

    assert all(client.told for client in clients)


async def test_links_may_be_closed_twice_while_the_server_hangs(tmp_path: Path) -> None:
    with running(Node(tmp_path)) as node:
        links = links_of(f"redis://127.0.0.1:{node.port}", connections=4, sweep_timeout=1.0, vouch=Seen())
        await links.client.get("analytics:a")
        node.freeze()
        began = time.monotonic()

        await links.close()
        await links.close()

        assert time.monotonic() - began < QUICKLY


async def test_tls_is_spoken_with_those_whom_the_authority_vouches_for(node: Node) -> None:
    async with (
        encrypting(node.port) as port,
        linked(f"rediss://:{ENCODED}@localhost:{port}?ssl_ca_certs={AUTHORITY}") as links,
    ):
        await links.client.set("analytics:a", "1")
        (primary,) = await links.primaries()
        async with connected(links.dedicated(primary)) as dedicated:
            found = await asked(dedicated, "GET", "analytics:a")

    assert found == b"1"


@pytest.mark.parametrize(
    ("host", "parameters", "fault"),
    [
        ("localhost", "", "certificate verify failed"),
        ("127.0.0.1", "?ssl_ca_certs={authority}", "certificate is not valid for '127.0.0.1'"),
    ],
)
async def test_an_unknown_server_is_not_given_the_password(
    node: Node, host: str, parameters: str, fault: str
) -> None:
    async with (
        encrypting(node.port) as port,
        linked(f"rediss://:{ENCODED}@{host}:{port}{parameters.format(authority=AUTHORITY)}") as links,
    ):
        with pytest.raises(RedisError, match=fault):
            await links.client.get("analytics:a")


@pytest.mark.parametrize(
    "parameters", ["ssl_ca_certs={authority}&ssl_check_hostname=false", "ssl_cert_reqs=none"]
)
async def test_a_name_that_is_not_in_the_certificate_may_be_allowed(node: Node, parameters: str) -> None:
    async with (
        encrypting(node.port) as port,
        linked(f"rediss://:{ENCODED}@127.0.0.1:{port}?{parameters.format(authority=AUTHORITY)}") as links,
    ):
        assert await links.client.get("analytics:a") is None


async def test_a_certificate_of_our_own_is_shown(node: Node) -> None:
    url = f"rediss://:{ENCODED}@localhost:{{port}}?ssl_ca_certs={AUTHORITY}&ssl_certfile={LOCALHOST}"

    async with encrypting(node.port, ask_client=True) as port, linked(url.format(port=port)) as links:
        assert await links.client.get("analytics:a") is None


async def test_without_the_certificate_that_is_asked_for_nothing_is_answered(node: Node) -> None:
    async with (
        encrypting(node.port, ask_client=True) as port,
        linked(f"rediss://:{ENCODED}@localhost:{port}?ssl_ca_certs={AUTHORITY}") as links,
    ):
        with pytest.raises(RedisError):
            await links.client.get("analytics:a")


@pytest.mark.parametrize("parameter", ["ssl_ca_certs", "ssl_certfile"])
def test_certificates_that_cannot_be_read_are_told_at_the_start(tmp_path: Path, parameter: str) -> None:
    for file in (tmp_path / "missing.pem", Path(__file__)):
        with pytest.raises(BadAddress, match=rf"the files? of {parameter}.* cannot be used: "):
            links_of(f"rediss://cache?{parameter}={file}", connections=1, sweep_timeout=1.0, vouch=Seen())
