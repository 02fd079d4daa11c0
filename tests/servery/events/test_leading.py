"""Of several processes one leads, and another one when that ends."""

import asyncio
import time
from typing import Any

import pytest

from db.errors import Misconfigured
from db.listener import Line, LineSettings
from model.load import model_of_text
from servery.events.event import Broken, Gap, Leads, Lost, unobserved
from servery.events.leader import Leader
from servery.events.notes import Memory
from servery.events.pace import Pace
from servery.events.sources import sources_of
from servery.events.targets import Targets
from tests.db.eventually import eventually
from tests.proxy import proxy_to
from tests.servery.events.following import (
    MODEL,
    Redis,
    Worker,
    tags_for,
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


async def end_lines(writer: Any) -> None:
    """Of all followers."""
    await writer.execute(
        "select pg_terminate_backend(pid) from pg_stat_activity"
        " where application_name = 'servery events' and datname = current_database()"
    )


async def test_one_of_several_leads(writer: Any, redis: Redis, database_url: str) -> None:
    async with working(database_url, redis) as one, working(database_url, redis) as two:
        await whole(redis)
        await writer.execute(INSERT)
        await redis.until(lambda tags: tags == MONTH)
        await asyncio.sleep(0.5)

        assert redis.tags == MONTH
        assert sorted(worker.follower.is_leading for worker in (one, two)) == [False, True]


async def test_deployments_do_not_stand_in_for_each_other(
    writer: Any, redis: Redis, database_url: str
) -> None:
    other = Redis()
    async with working(database_url, redis), working(database_url, other, deployment="other"):
        await whole(redis)
        await whole(other)

        await writer.execute(INSERT)

        await redis.until(lambda tags: tags == MONTH)
        await other.until(lambda tags: tags == MONTH)


async def test_when_the_leader_ends_another_goes_on_where_it_was(
    writer: Any, redis: Redis, database_url: str
) -> None:
    async with working(database_url, redis) as one:
        await whole(redis)
        await leader_of(one)
        async with working(database_url, redis) as two:
            await one.follower.close()
            await writer.execute(INSERT)

            await redis.until(lambda tags: tags == MONTH)

            assert (len(one.saw(Leads)), len(two.saw(Leads)), two.saw(Gap)) == (1, 1, [])


async def test_what_commits_while_nobody_leads_is_read_later(
    writer: Any, redis: Redis, database_url: str
) -> None:
    async with working(database_url, redis):
        await whole(redis)
        await writer.execute(INSERT)
        await redis.until(lambda tags: tags == MONTH)
    redis.forget()
    await writer.execute("insert into sales values (2, '2026-02-15')")

    async with working(database_url, redis) as later:
        await redis.until(lambda tags: "sales@2026-02" in tags)

        assert later.saw(Gap) == []
    assert set(redis.tags) <= {"sales@2026-01", "sales@2026-02"}


async def test_leaders_whose_connections_are_killed_lose_nothing(
    writer: Any, redis: Redis, database_url: str
) -> None:
    async with working(database_url, redis) as one, working(database_url, redis) as two:
        await whole(redis)
        for number in range(6):
            await end_lines(writer)
            await writer.execute(f"insert into sales values ({number}, '{2001 + number}-06-15')")
            await asyncio.sleep(0.1)

        wanted = {f"sales@{2001 + number}-06" for number in range(6)}
        await redis.until(lambda tags: wanted <= set(tags))

        assert one.saw(Gap) + two.saw(Gap) == [Gap("it is not known what was read last")]
        assert one.saw(Lost) + two.saw(Lost)
        assert one.saw(Broken) + two.saw(Broken) == []


async def test_closing_is_quick_and_gives_the_lock_back(writer: Any, redis: Redis, database_url: str) -> None:
    async with working(database_url, redis) as worker:
        await whole(redis)
        started = time.monotonic()
        await worker.follower.close()
        assert time.monotonic() - started < 1

    async def is_free() -> bool:
        return bool(
            await writer.fetchval(
                "select count(*) = 0 from pg_locks where locktype = 'advisory' and database ="
                " (select oid from pg_database where datname = current_database())"
            )
        )

    await eventually(is_free, within_s=5)


async def test_a_network_that_freezes_delays_and_loses_nothing(
    writer: Any, redis: Redis, database_url: str
) -> None:
    async with (
        proxy_to(database_url) as proxy,
        working(database_url, redis, line=proxy.url(database_url)) as worker,
    ):
        await whole(redis)
        proxy.freeze()
        await writer.execute(INSERT)
        await asyncio.sleep(3)
        proxy.resume()

        await redis.until(lambda tags: "sales@2026-01" in tags)

        assert len(worker.saw(Lost)) >= 1
        assert len(worker.saw(Gap)) == 1


async def test_a_pooler_in_between_is_told_with_what_to_set(
    writer: Any, redis: Redis, database_url: str
) -> None:
    line = await Line.open(LineSettings(database_url))
    await line.lock(1)
    line.backend += 1  # as if the lock had been taken by another server process
    targets = Targets(sources_of(model_of_text(MODEL)), tags_for)
    leader = Leader(
        line,
        targets,
        Memory(),
        invalidate=redis.invalidate,
        notes=redis,
        observe=unobserved,
        pace=Pace(),
    )

    with pytest.raises(Misconfigured) as refused:
        await leader.lead()

    assert "SERVERY_EVENTS_DATABASE_URL" in refused.value.detail
    line.close()
