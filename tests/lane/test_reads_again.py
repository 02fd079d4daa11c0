"""GETs that come again byte for byte: what browsers may keep, and what they have."""

from typing import Final

import pytest

from tests.lane.sent import got
from tests.lane.wired import ENOUGH, Line, known, parted, written
from tests.lane.world import World

pytestmark = pytest.mark.anyio

DOCUMENT: Final = "{ analytics(metrics: [revenue]) { data metadata { source } } }"


@pytest.fixture
def world() -> World:
    return World(fast_lane=True)


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


async def test_who_asks_for_another_protocol_is_warned_of_each_time(world: World) -> None:
    asked = written(got({"query": DOCUMENT}), b"connection: upgrade", b"upgrade: h2c")

    for _ in range(ENOUGH):
        line = Line(world.endpoint, world.endpoint.wire)
        answer = await line.send(asked)
        assert line.at_once == 0
        assert parted(answer)[0] == 200
