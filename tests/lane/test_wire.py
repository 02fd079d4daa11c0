"""Requests that come again byte for byte, on connections as uvicorn makes them."""

import asyncio
from collections.abc import Callable
from typing import Any, Final

import pytest

from model.viewer import ANONYMOUS, Viewer
from servery.lane.wire import LONGEST, MOST_SEEN, OVERHEAD, Wire
from servery.transport.dress import Reply
from servery.transport.facts import Facts, facts_of
from servery.transport.refused import BadRequest
from tests.cache.fakes import settle
from tests.lane.sent import Sent, asks, got
from tests.lane.wired import Line, parted, written
from tests.lane.world import World

pytestmark = pytest.mark.anyio

DOCUMENT: Final = "{ analytics(metrics: [revenue]) { data metadata { source } } }"
QUESTION: Final = asks(DOCUMENT)
OTHER: Final = asks("{ analytics(metrics: [sold]) { data } }")
SENT: Final = written(QUESTION)
ENOUGH: Final = 6
"""So often a request is sent until it is known."""


async def known(world: World, sent: bytes = SENT, **settings: Any) -> Line:
    """A line on which that was asked so often that it is known, if it ever is."""
    line = Line(world.endpoint, world.endpoint.wire, **settings)
    for _ in range(ENOUGH):
        await line.send(sent)
    line.at_once = 0
    return line


@pytest.fixture
def world() -> World:
    return World(fast_lane=True)


async def test_what_comes_again_is_answered_without_the_app(world: World) -> None:
    line = await known(world)

    answers = [await line.send(SENT) for _ in range(3)]

    assert line.at_once == 3
    assert answers[0] == answers[1] == answers[2]
    assert parted(answers[0])[0] == 200
    assert world.requests == {(200, "OK"): ENOUGH + 3}
    assert line.state.total_requests == ENOUGH + 3


async def test_the_same_bytes_come_back_either_way(world: World) -> None:
    line = Line(world.endpoint, world.endpoint.wire)

    answers = [await line.send(SENT) for _ in range(ENOUGH + 2)]

    assert line.at_once >= 1
    assert len(set(answers[1:])) == 1


async def test_other_connections_know_it_too(world: World) -> None:
    await known(world)
    line = Line(world.endpoint, world.endpoint.wire)

    await line.send(SENT)

    assert line.at_once == 1


async def test_after_a_clear_the_next_one_is_asked_anew(world: World) -> None:
    line = await known(world)
    loads = len(world.database.statements)

    await world.cache.clear("analytics:*")
    answer = await line.send(SENT)

    assert b'"source":"DATABASE"' in answer
    assert len(world.database.statements) == loads + 1


async def test_an_answer_near_its_end_may_be_loaded_anew(world: World) -> None:
    world.database.cost_s = 3.0
    line = await known(world)
    loads = len(world.database.statements)

    world.turn(200)
    world.chance = 0.999_999_999_999_999  # that it ends by now
    await line.send(SENT)
    await settle()

    assert line.at_once == 0
    assert len(world.database.statements) == loads + 1


async def test_a_request_in_pieces_is_read_as_ever(world: World) -> None:
    line = await known(world)
    head = SENT.index(b"{")

    for at in (50, *[head] * ENOUGH):
        answer = await line.send(SENT[:at], SENT[at:])
        assert answer.count(b"HTTP/1.1 ") == 1
        assert parted(answer)[0] == 200
    assert line.at_once == 0


async def test_bytes_that_are_known_may_be_headers_of_another_request(world: World) -> None:
    line = await known(world)

    answer = await line.send(b"GET /graphql HTTP/1.1\r\nx-odd: ", SENT)

    assert line.at_once == 0
    assert b'"source":"MEMORY"' not in answer


async def test_bytes_that_are_known_may_be_the_body_of_another_request(world: World) -> None:
    line = await known(world)
    head = written(Sent("POST", headers=QUESTION.headers), b"content-length: %d" % len(SENT))

    answer = await line.send(head, SENT)

    assert parted(answer)[0] == 400
    assert b"is not JSON" in answer
    assert line.at_once == 0


async def test_several_requests_in_one_piece_are_answered_in_their_order(world: World) -> None:
    line = await known(world)
    for _ in range(ENOUGH):
        answers = await line.send(SENT + written(OTHER) + SENT)

    first, second, third = answers.split(b"HTTP/1.1 ")[1:]
    assert b'"source"' in first
    assert b'"source"' not in second
    assert b'"source"' in third
    assert line.at_once == 0


async def test_what_comes_while_another_is_answered_waits(world: World) -> None:
    line = await known(world)

    answers = await line.send(written(OTHER), SENT)

    first, second = answers.split(b"HTTP/1.1 ")[1:]
    assert (b'"source"' in first, b'"source"' in second) == (False, True)


@pytest.mark.parametrize("line", [b"connection: close", b"expect: 100-continue", b"upgrade: h2c"])
async def test_what_says_something_of_the_connection_is_read_each_time(world: World, line: bytes) -> None:
    lines = [line, b"connection: upgrade"] if line.startswith(b"upgrade") else [line]
    sent = written(QUESTION, *lines)
    for _ in range(ENOUGH):
        at = Line(world.endpoint, world.endpoint.wire)
        answer = await at.send(sent)
        assert at.at_once == 0
        assert at.transport.closed == (line == b"connection: close")
    # Who asks for another protocol is not read to the end by uvicorn.
    assert (b"HTTP/1.1 200" in answer) == (not line.startswith(b"upgrade"))


async def test_who_speaks_an_old_http_is_told_the_end_as_ever(world: World) -> None:
    sent = SENT.replace(b"HTTP/1.1", b"HTTP/1.0")
    for _ in range(ENOUGH):
        line = Line(world.endpoint, world.endpoint.wire)
        await line.send(sent)
        assert line.transport.closed
        assert line.at_once == 0


async def test_what_browsers_keep_says_each_time_for_how_long(world: World) -> None:
    asked = written(got({"query": DOCUMENT}))
    line = await known(world, asked)

    answers = []
    for seconds in (7, 0, 250, 13):
        world.turn(seconds)
        answers.append(await line.send(asked))

    assert line.at_once == 4
    told = [dict(parted(answer)[1])[b"cache-control"] for answer in answers]
    assert told[0] == told[1] == b"public, max-age=60, stale-while-revalidate=60"
    assert [each.split(b",")[1] for each in told[2:]] == [b" max-age=43", b" max-age=30"]


async def test_who_has_it_already_is_told_so_at_once(world: World) -> None:
    first = await (await known(world, written(got({"query": DOCUMENT})))).send(
        written(got({"query": DOCUMENT}))
    )
    etag = dict(parted(first)[1])[b"etag"]
    asked = written(got({"query": DOCUMENT}), b"if-none-match: " + etag)

    line = await known(world, asked)
    answer = await line.send(asked)

    assert line.at_once == 1
    status, headers, body = parted(answer)
    assert (status, dict(headers)[b"etag"], body) == (304, etag, b"")
    assert world.requests[304, "OK"] == ENOUGH + 1


async def test_who_asks_for_the_head_is_sent_no_body(world: World) -> None:
    asked = written(got({"query": DOCUMENT}, "HEAD"))
    line = await known(world, asked)

    answer = await line.send(asked)

    assert parted(answer)[2] == b""
    assert line.at_once == 0


async def test_who_does_not_read_is_sent_nothing_more_until_then(world: World) -> None:
    line = await known(world)
    line.protocol.pause_writing()
    line.transport.written = b""

    line.protocol.data_received(SENT)
    for _ in range(10):
        await asyncio.sleep(0)
    before = line.transport.written
    line.protocol.resume_writing()
    while line.state.tasks:
        await asyncio.wait(set(line.state.tasks))

    assert before == b""
    assert parted(line.transport.written)[0] == 200


@pytest.mark.parametrize("settings", [{"limit_concurrency": 10}])
async def test_where_requests_are_limited_by_number_all_are_read(
    world: World, settings: dict[str, Any]
) -> None:
    line = await known(world, **settings)

    await line.send(SENT)

    assert line.at_once == 0


async def test_a_connection_ends_when_nothing_came_for_as_long_as_is_set(world: World) -> None:
    line = await known(world)
    told: list[tuple[float, Callable[[], None]]] = []
    line.protocol.loop = Loop(told)  # type: ignore[assignment]
    line.protocol.timeout_keep_alive_task = None

    Loop.now = 100.0
    await line.send(SENT)
    Loop.now = 103.0
    await line.send(SENT)
    (after, ends) = told.pop()
    Loop.now = 105.0
    ends()  # uvicorn's five seconds from the first one on
    still_open = not line.transport.closed
    (left, ends) = told.pop()
    Loop.now = 108.0
    ends()

    assert (after, still_open, left) == (5, True, 3.0)
    assert line.transport.closed


class Loop:
    """A clock, and what is to be called when."""

    now = 0.0

    def __init__(self, told: list[tuple[float, Callable[[], None]]]) -> None:
        self._told = told

    def time(self) -> float:
        return self.now

    def call_later(self, seconds: float, ends: Callable[[], None]) -> object:
        self._told.append((seconds, ends))
        return object()


async def test_at_the_stop_an_idle_connection_is_closed(world: World) -> None:
    line = await known(world)
    await line.send(SENT)

    line.protocol.shutdown()

    assert line.transport.closed


async def test_the_head_tells_the_date_of_now(world: World) -> None:
    line = await known(world)
    line.state.default_headers = [(b"date", b"yesterday")]
    first = await line.send(SENT)
    line.state.default_headers = [(b"date", b"today")]
    second = await line.send(SENT)

    assert line.at_once == 2
    assert (b"date", b"yesterday") in parted(first)[1]
    assert (b"date", b"today") in parted(second)[1]


async def test_large_answers_come_whole(world: World) -> None:
    world.database.least, world.database.most = 4_000, 1
    line = await known(world)

    answer = await line.send(SENT)

    assert line.at_once == 1
    assert len(answer) > 65_536
    assert len(parted(answer)[2]) == int(dict(parted(answer)[1])[b"content-length"])


class Answers:
    """Something to ask, with the same reply each time."""

    reply = Reply(200, [(b"content-length", b"2")], b"{}")

    def __init__(self, most: int = 100_000) -> None:
        self.viewers: list[Viewer] = []
        self.refuses = False
        self.wire = Wire(self, self._viewer, most)

    def __call__(self, facts: Facts, raw: bytes, viewer: Viewer) -> Reply | None:  # noqa: ARG002
        self.viewers.append(viewer)
        return self.reply

    def _viewer(self, authorization: str | None) -> Viewer:
        if self.refuses:
            raise BadRequest("no", 401, "UNAUTHENTICATED")
        return Viewer(authorization) if authorization else ANONYMOUS

    def learn(self, sent: bytes, authorization: bytes = b"", times: int = 2) -> None:
        headers = [(b"authorization", authorization)] if authorization else []
        for _ in range(times):
            self.wire.learn(sent, facts_of({"method": "POST", "headers": headers}), sent)


def test_a_request_is_remembered_when_it_comes_again() -> None:
    answers = Answers()

    answers.learn(b"asked", times=1)
    once = answers.wire.answer(b"asked", [])
    answers.learn(b"asked", times=1)

    assert once is None
    assert answers.wire.answer(b"asked", []) == (b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n", b"{}")


def test_who_asks_is_looked_up_each_time() -> None:
    answers = Answers()
    answers.learn(b"asked", b"ann")

    answers.wire.answer(b"asked", [])
    answers.refuses = True

    assert answers.viewers == [Viewer("ann")]
    assert answers.wire.answer(b"asked", []) is None


def test_requests_that_never_come_again_take_no_room() -> None:
    answers = Answers()
    for number in range(MOST_SEEN + 10):
        answers.learn(b"%d" % number, times=1)

    assert len(answers.wire) == 0
    assert answers.wire.seen <= MOST_SEEN


def test_what_is_remembered_is_bounded() -> None:
    answers = Answers(most=10 * OVERHEAD)
    for number in range(100):
        answers.learn(b"%d" % number)

    assert 0 < len(answers.wire) < 10
    assert answers.wire.answer(b"99", []) is not None
    assert answers.wire.answer(b"0", []) is None


def test_long_requests_are_not_remembered() -> None:
    answers = Answers()
    for longer in (0, 1):
        answers.learn(b"x" * (LONGEST + longer))

    assert answers.wire.answer(b"x" * LONGEST, []) is not None
    assert answers.wire.answer(b"x" * (LONGEST + 1), []) is None
