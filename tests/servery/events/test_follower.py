"""From a commit to outdated answers."""

import asyncio
import time
from typing import Any

import pytest

from servery.events.event import Gap, Waits
from servery.events.pace import Pace
from tests.db.eventually import eventually
from tests.servery.events.following import (
    MODEL,
    Redis,
    Worker,
    whole,
    working,
)

pytestmark = [pytest.mark.anyio, pytest.mark.integration]

INSERT = "insert into sales values (1, '2026-01-15 12:00+00')"
MONTH = ["sales@2026-01"]


async def leader_of(*workers: Worker) -> Worker:
    async def is_led() -> bool:
        await asyncio.sleep(0)
        return any(worker.follower.is_leading for worker in workers)

    await eventually(is_led, within_s=15)
    (leader,) = (worker for worker in workers if worker.follower.is_leading)
    return leader


async def test_a_commit_outdates_its_months_within_half_a_second(
    writer: Any, redis: Redis, database_url: str
) -> None:
    async with working(database_url, redis):
        await whole(redis)
        waited = []
        for number in range(8):
            await asyncio.sleep(0.05 * number)  # not in step with the polls
            redis.forget()
            committed = time.monotonic()
            await writer.execute(INSERT)
            await redis.until(lambda tags: tags == MONTH)
            waited.append(time.monotonic() - committed)

    # Loose for a busy machine; on an idle one, the longest is a little above a poll's 0.25 s.
    assert sorted(waited)[4] < 0.5
    assert max(waited) < 1.5


async def test_what_a_person_tells_is_there_before_the_next_poll(
    writer: Any, redis: Redis, database_url: str
) -> None:
    async with working(database_url, redis, pace=Pace(poll_s=30)):
        await whole(redis)
        await asyncio.sleep(0.3)  # until it listens and rests

        await writer.execute("select servery.changed('sales', '2026-01-01', '2026-01-31')")

        assert await redis.until(lambda tags: tags == MONTH) < 5


async def test_while_redis_is_down_nothing_is_passed(writer: Any, redis: Redis, database_url: str) -> None:
    async with working(database_url, redis) as worker:
        await whole(redis)
        redis.is_down = True
        await writer.execute(INSERT)
        await writer.execute("insert into sales values (2, '2026-02-15')")
        await asyncio.sleep(0.8)
        assert redis.tags == []
        assert len(worker.saw(Waits)) == 1

        redis.is_down = False

        await redis.until(lambda tags: set(tags) == {"sales@2026-01", "sales@2026-02"})


async def test_at_a_start_without_redis_everything_waits_for_it(
    writer: Any, redis: Redis, database_url: str
) -> None:
    redis.is_down = True
    async with working(database_url, redis) as worker:
        await leader_of(worker)
        await asyncio.sleep(0.5)
        redis.is_down = False

        await whole(redis)

        assert len(worker.saw(Gap)) == 1


async def test_a_model_with_another_zone_is_told_of_any_month(
    writer: Any, redis: Redis, database_url: str
) -> None:
    elsewhere = MODEL.replace("America/Sao_Paulo", "Asia/Tokyo")
    async with working(database_url, redis, model=elsewhere):
        await whole(redis)

        await writer.execute(INSERT)

        await redis.until(lambda tags: tags == ["sales"])


async def test_every_table_of_the_model_over_a_relation_is_told(
    writer: Any, redis: Redis, database_url: str
) -> None:
    more = MODEL + "  shops:\n    source: stores\n    key: id\n    metrics: {shops_there: {type: count}}\n"
    async with working(database_url, redis, model=more):
        await whole(redis, {"sales", "stores"})
        await asyncio.sleep(0.3)
        redis.forget()

        await writer.execute("insert into stores values (1, 'one')")

        await redis.until(lambda tags: sorted(tags) == ["shops", "stores"])
