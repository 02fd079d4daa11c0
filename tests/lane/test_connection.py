"""Requests that come again byte for byte, on connections as uvicorn makes them."""

import asyncio
from collections.abc import Callable
from typing import Any, Final

import pytest

from servery.lane.connection import MOST_WAITING
from tests.cache.fakes import settle
from tests.lane.sent import Sent, asks
from tests.lane.wired import ENOUGH, Line, known, parted, written
from tests.lane.world import World

pytestmark = pytest.mark.anyio

DOCUMENT: Final = "{ analytics(metrics: [revenue]) { data metadata { source } } }"
QUESTION: Final = asks(DOCUMENT)
OTHER: Final = asks("{ analytics(metrics: [sold]) { data } }")
SENT: Final = written(QUESTION)


@pytest.fixture
def world() -> World:
    return World(fast_lane=True)


async def test_what_comes_again_is_answered_without_the_app(world: World) -> None:
    line = await known(world, SENT)

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
    await known(world, SENT)
    line = Line(world.endpoint, world.endpoint.wire)

    await line.send(SENT)

    assert line.at_once == 1


async def test_after_a_clear_the_next_one_is_asked_anew(world: World) -> None:
    line = await known(world, SENT)
    loads = len(world.database.statements)

    await world.cache.clear("analytics:*")
    answer = await line.send(SENT)

    assert b'"source":"DATABASE"' in answer
    assert len(world.database.statements) == loads + 1


async def test_an_answer_near_its_end_may_be_loaded_anew(world: World) -> None:
    world.database.cost_s = 3.0
    line = await known(world, SENT)
    loads = len(world.database.statements)

    world.turn(200)
    world.chance = 0.999_999_999_999_999  # that it ends by now
    await line.send(SENT)
    await settle()

    assert line.at_once == 0
    assert len(world.database.statements) == loads + 1


async def test_a_request_in_pieces_is_read_as_ever(world: World) -> None:
    line = await known(world, SENT)
    head = SENT.index(b"{")

    for at in (50, *[head] * ENOUGH):
        answer = await line.send(SENT[:at], SENT[at:])
        assert answer.count(b"HTTP/1.1 ") == 1
        assert parted(answer)[0] == 200
    assert line.at_once == 0


async def test_bytes_that_are_known_may_be_headers_of_another_request(world: World) -> None:
    line = await known(world, SENT)

    answer = await line.send(b"GET /graphql HTTP/1.1\r\nx-odd: ", SENT)

    assert line.at_once == 0
    assert b'"source":"MEMORY"' not in answer


async def test_bytes_that_are_known_may_be_the_body_of_another_request(world: World) -> None:
    line = await known(world, SENT)
    head = written(Sent("POST", headers=QUESTION.headers), b"content-length: %d" % len(SENT))

    answer = await line.send(head, SENT)

    assert parted(answer)[0] == 400
    assert b"is not JSON" in answer
    assert line.at_once == 0


async def test_several_requests_in_one_piece_are_answered_in_their_order(world: World) -> None:
    line = await known(world, SENT)
    for _ in range(ENOUGH):
        answers = await line.send(SENT + written(OTHER) + SENT)

    first, second, third = answers.split(b"HTTP/1.1 ")[1:]
    assert b'"source"' in first
    assert b'"source"' not in second
    assert b'"source"' in third
    assert line.at_once == 0


async def test_while_many_wait_for_their_turn_no_more_are_read(world: World) -> None:
    line = await known(world, SENT)
    line.transport.written = b""
    line.protocol.data_received(SENT * 3 * MOST_WAITING)

    seen = []
    while line.state.tasks:
        seen.append((len(line.protocol.pipeline), line.transport.is_read))
        await asyncio.sleep(0)

    assert not any(is_read for waiting, is_read in seen if waiting > MOST_WAITING)
    assert any(is_read for waiting, is_read in seen if waiting)
    assert line.transport.written.count(b"HTTP/1.1 200 OK") == 3 * MOST_WAITING
    assert line.transport.is_read


async def test_what_comes_while_another_is_answered_waits(world: World) -> None:
    line = await known(world, SENT)

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


async def test_who_does_not_read_is_sent_nothing_more_until_then(world: World) -> None:
    line = await known(world, SENT)
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
    line = await known(world, SENT, **settings)

    await line.send(SENT)

    assert line.at_once == 0


async def test_a_connection_ends_when_nothing_came_for_as_long_as_is_set(world: World) -> None:
    line = await known(world, SENT)
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
    line = await known(world, SENT)
    await line.send(SENT)

    line.protocol.shutdown()

    assert line.transport.closed


async def test_the_head_tells_the_date_of_now(world: World) -> None:
    line = await known(world, SENT)
    line.state.default_headers = [(b"date", b"yesterday")]
    first = await line.send(SENT)
    line.state.default_headers = [(b"date", b"today")]
    second = await line.send(SENT)

    assert line.at_once == 2
    assert (b"date", b"yesterday") in parted(first)[1]
    assert (b"date", b"today") in parted(second)[1]


async def test_large_answers_come_whole(world: World) -> None:
    world.database.least, world.database.most = 4_000, 1
    line = await known(world, SENT)

    answer = await line.send(SENT)

    assert line.at_once == 1
    assert len(answer) > 65_536
    assert len(parted(answer)[2]) == int(dict(parted(answer)[1])[b"content-length"])
