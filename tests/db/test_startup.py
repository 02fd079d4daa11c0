import asyncio
import time

import pytest

from db.errors import Misconfigured, Overloaded, Unavailable
from db.settings import PoolSettings
from db.startup import wait_until_ready

pytestmark = pytest.mark.anyio

SETTINGS = PoolSettings("postgresql://ana:secret@127.0.0.1:6543/shop")


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds


class Server:
    """Fails with each error in turn, then answers; the last error stays when `for_ever`."""

    def __init__(self, *errors: Exception, for_ever: bool = False) -> None:
        self.errors = list(errors)
        self.for_ever = for_ever
        self.knocks = 0

    async def __call__(self, _settings: PoolSettings) -> None:
        self.knocks += 1
        if self.errors:
            raise self.errors[0] if self.for_ever else self.errors.pop(0)


async def wait(server: Server, clock: Clock, said: list[str], deadline_s: float = 60) -> None:
    await wait_until_ready(
        SETTINGS, say=said.append, deadline_s=deadline_s, clock=clock, sleep=clock.sleep, attempt=server
    )


async def test_a_server_that_answers_at_once_is_not_talked_about() -> None:
    said: list[str] = []

    await wait(Server(), Clock(), said)

    assert said == []


async def test_waiting_names_the_place_and_the_reason_but_no_password() -> None:
    said: list[str] = []

    await wait(Server(Unavailable(detail="connection refused")), Clock(), said)

    assert said[0] == "Waiting for PostgreSQL at 127.0.0.1:6543/shop: connection refused (0 s)"
    assert "secret" not in "".join(said)


async def test_a_new_reason_is_said_and_an_old_one_only_every_five_seconds() -> None:
    refused, starting = Unavailable(detail="connection refused"), Unavailable(detail="starting up")
    said: list[str] = []

    await wait(Server(refused, starting, *[starting] * 8), Clock(), said)

    assert [line.split(": ")[1] for line in said[:-1]] == [
        "connection refused (0 s)",
        "starting up (0 s)",
        "starting up (6 s)",
    ]


async def test_a_full_server_is_waited_for() -> None:
    server = Server(Overloaded(100, detail="too many clients"))

    await wait(server, Clock(), [])

    assert server.knocks == 2


async def test_a_wrong_password_fails_at_once_with_the_reason() -> None:
    server = Server(Misconfigured(detail="password authentication failed"), for_ever=True)

    with pytest.raises(Misconfigured, match=r"127\.0\.0\.1:6543/shop .* password authentication failed"):
        await wait(server, Clock(), [])

    assert server.knocks == 1


async def test_the_deadline_ends_the_wait_and_names_place_and_reason() -> None:
    clock = Clock()

    with pytest.raises(Unavailable, match=r"6543/shop did not answer within .* s: connection refused"):
        await wait(Server(Unavailable(detail="connection refused"), for_ever=True), clock, [], deadline_s=10)

    assert 8 <= clock.now - 100 <= 10


async def test_a_port_where_nobody_listens_is_connection_refused() -> None:
    said: list[str] = []

    with pytest.raises(Unavailable, match="connection refused"):
        await wait_until_ready(
            PoolSettings("postgresql://ana:secret@127.0.0.1:1/shop"), say=said.append, deadline_s=0.2
        )

    assert said


@pytest.mark.parametrize("url", ["mysql://127.0.0.1/shop", "postgresql://ana:hun/ter2@127.0.0.1/shop"])
async def test_a_url_that_cannot_be_read_is_not_repeated(url: str) -> None:
    with pytest.raises(Misconfigured, match="percent-encoded") as caught:
        await wait_until_ready(PoolSettings(url), say=print)

    assert "hun" not in str(caught.value)


async def test_a_server_that_accepts_and_says_nothing_is_bounded() -> None:
    async def mute(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await held.wait()
        writer.close()

    held = asyncio.Event()
    listener = await asyncio.start_server(mute, "127.0.0.1", 0)
    port = listener.sockets[0].getsockname()[1]
    started = time.monotonic()

    with pytest.raises(Unavailable, match="no answer within 300 ms"):
        await wait_until_ready(
            PoolSettings(f"postgresql://ana@127.0.0.1:{port}/shop", connect_timeout_ms=300),
            say=print,
            deadline_s=0.1,
        )

    assert time.monotonic() - started < 1
    held.set()
    listener.close()
    await asyncio.sleep(0)
