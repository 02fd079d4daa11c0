"""What one connection that listens makes of what it hears."""

import asyncio
from typing import Any

import pytest
from redis.exceptions import ResponseError

from cache.inbox import Inbox
from cache.watch import Watch
from tests.cache.fakes import Clock, settle

pytestmark = pytest.mark.anyio

INFO = b"# Server\r\nredis_version:7\r\nrun_id:abc\r\n"


class Parser:
    def set_invalidation_push_handler(self, handler: Any) -> None:
        self.told = handler


class Connection:
    """Answers by a script; what is read before it is written waits."""

    def __init__(self, clock: Clock, *replies: object) -> None:
        self._parser = Parser()
        self.clock = clock
        self.sent: list[tuple[str, ...]] = []
        self.open = False
        self.seconds = 0.0
        self._replies: asyncio.Queue[object] = asyncio.Queue()
        for reply in replies:
            self._replies.put_nowait(reply)

    def answer(self, reply: object) -> None:
        self._replies.put_nowait(reply)

    async def connect(self) -> None:
        self.open = True

    async def disconnect(self, *, nowait: bool) -> None:
        self.open = not nowait

    async def send_command(self, *command: str, **_options: Any) -> None:
        self.sent.append(command)

    async def read_response(self, **options: Any) -> object:
        if options.get("timeout") is not None:
            self.clock.turn(options["timeout"])
            await asyncio.sleep(0)
            return None
        reply = await self._replies.get()
        self.clock.turn(self.seconds)
        if isinstance(reply, Exception):
            raise reply
        return reply

    async def tell(self, names: object) -> None:
        await self._parser.told([b"invalidate", names])


class NoInbox(Inbox):
    """Of a connection without a socket."""

    def __init__(self, *_: Any) -> None:
        pass

    def is_heard(self) -> bool:
        return True

    def close(self) -> None:
        pass


def watch(connection: Connection, heard: list[str | None] | None = None) -> Watch:
    told = [] if heard is None else heard
    return Watch(connection, "analytics:gen:", told.append, NoInbox)  # type: ignore[arg-type]


async def test_it_learns_who_answers_and_asks_to_be_told() -> None:
    connection = Connection(Clock(), INFO, b"OK")
    opened = watch(connection)

    await opened.open(connection.clock)

    assert (opened.run_id, opened.told, opened.refusal) == ("abc", True, "")
    assert connection.sent[-1] == ("CLIENT", "TRACKING", "ON", "BCAST", "PREFIX", "analytics:gen:")


async def test_a_server_that_does_not_tell_is_watched_all_the_same() -> None:
    connection = Connection(Clock(), INFO, ResponseError("NOPERM no permission"))
    opened = watch(connection)

    await opened.open(connection.clock)

    assert (opened.run_id, opened.told, opened.refusal) == ("abc", False, "NOPERM no permission")


async def test_changes_are_told_without_their_prefix() -> None:
    connection, heard = Connection(Clock(), INFO, b"OK"), list[str | None]()
    await watch(connection, heard).open(connection.clock)

    await connection.tell([b"analytics:gen:table:sales", b"analytics:gen:channel:\xff"])
    await connection.tell(None)

    assert heard == ["table:sales", "channel:\ufffd", None]


@pytest.mark.parametrize(
    "garbled",
    [
        b"analytics:gen:table:sales",
        [],
        [b"analytics:gem:table:sales"],
        [b"analytics:gen:table:sales", b"bnalytics:gen:table:stores"],
        [b"analytics:gen:table:sales", None],
        [b"analytics:gen:table:sales", 7],
        7,
    ],
)
async def test_when_it_cannot_be_read_what_has_changed_anything_may_have(garbled: object) -> None:
    connection, heard = Connection(Clock(), INFO, b"OK"), list[str | None]()
    await watch(connection, heard).open(connection.clock)

    await connection.tell(garbled)

    assert heard == [None]


async def test_it_is_confirmed_as_of_the_moment_in_which_it_asked() -> None:
    clock = Clock()
    connection = Connection(clock, INFO, b"OK")
    connection.seconds = 0.4
    opened = watch(connection)

    await opened.open(clock)

    assert opened.confirmed == 1000.0
    listening = asyncio.create_task(opened.listen(beat=1.0, lease=5.0, clock=clock))
    await settle()
    asked = clock.now
    connection.answer(b"PONG")
    await settle()

    assert (asked, opened.confirmed) == (1000.8, 1000.8)
    listening.cancel()
    await asyncio.wait((listening,))


async def test_a_ping_is_due_one_beat_after_the_one_before() -> None:
    clock = Clock()
    connection = Connection(clock, INFO, b"OK")
    opened = watch(connection)
    await opened.open(clock)
    connection.seconds = 0.4

    listening = asyncio.create_task(opened.listen(beat=1.0, lease=5.0, clock=clock))
    for _ in range(3):
        connection.answer(b"PONG")
        await settle()

    assert connection.sent.count(("PING",)) == 4
    assert clock.now == pytest.approx(1003.0)
    listening.cancel()
    await asyncio.wait((listening,))


async def test_a_ping_that_nobody_answers_ends_it() -> None:
    connection = Connection(Clock(), INFO, b"OK")
    opened = watch(connection)
    await opened.open(connection.clock)

    with pytest.raises(TimeoutError):
        await opened.listen(beat=1.0, lease=0.02, clock=connection.clock)


async def test_what_comes_before_the_answer_is_no_answer() -> None:
    connection = Connection(Clock(), INFO, None, None, b"OK")
    opened = watch(connection)

    await opened.open(connection.clock)

    assert opened.told


async def test_closing_waits_for_nobody() -> None:
    connection = Connection(Clock(), INFO, b"OK")
    opened = watch(connection)
    await opened.open(connection.clock)

    await opened.close()

    assert not connection.open
