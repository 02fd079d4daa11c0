"""From a commit to outdated answers: by one of several processes, and by another one when that ends."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest

from db.errors import Misconfigured
from db.listener import Line, LineSettings
from model.load import model_of_text
from servery.events.event import Absent, Broken, Gap, Leads, Lost, Uncovered, Waits, unobserved
from servery.events.leader import Leader
from servery.events.notes import Memory
from servery.events.pace import Pace
from servery.events.sources import sources_of
from servery.events.targets import Targets
from tests.db.eventually import eventually
from tests.db.telling import connected, installed, removed, role
from tests.proxy import proxy_to
from tests.servery.events.following import (
    MODEL,
    TABLES,
    WHOLE,
    Redis,
    Worker,
    tags_for,
    until_seen,
    whole,
    working,
)

pytestmark = [pytest.mark.anyio, pytest.mark.integration]

INSERT = "insert into sales values (1, '2026-01-15 12:00+00')"
MONTH = ["sales@2026-01"]


@pytest.fixture
async def writer(database_url: str) -> AsyncIterator[Any]:
    async with connected(database_url) as connection:
        await connection.execute(TABLES)
        await installed(database_url, *sources_of(model_of_text(MODEL)))
        yield connection


@pytest.fixture
def redis() -> Redis:
    return Redis()


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


async def test_at_the_first_start_everything_counts_as_changed(
    writer: Any, redis: Redis, database_url: str
) -> None:
    async with working(database_url, redis) as worker:
        await redis.until(lambda tags: set(tags) >= WHOLE)

        assert [gap.reason for gap in worker.saw(Gap)] == ["it is not known what was read last"]
    assert sorted(redis.tags) == ["sales", "stores"]


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


async def test_without_its_bookmark_everything_counts_as_changed(
    writer: Any, redis: Redis, database_url: str
) -> None:
    async with working(database_url, redis):
        await whole(redis)
    redis.noted.clear()

    async with working(database_url, redis):
        await redis.until(lambda tags: set(tags) >= WHOLE)


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        (0, "another/server", "another database"),
        (1, "900000000000:900000000000:", "back in time"),
        (2, 1.0, "changes are kept for an hour"),
    ],
)
async def test_a_bookmark_that_proves_nothing_is_a_gap(
    writer: Any, redis: Redis, database_url: str, field: int, value: object, reason: str
) -> None:
    async with working(database_url, redis):
        await whole(redis)
    mark = json.loads(redis.noted["events:bookmark"])
    mark[field] = value
    redis.noted["events:bookmark"] = json.dumps(mark)

    async with working(database_url, redis) as worker:
        await whole(redis)
        assert [reason in gap.reason for gap in worker.saw(Gap)] == [True]

        await writer.execute(INSERT)
        await redis.until(lambda tags: tags == MONTH)


async def test_what_commits_during_a_gap_is_read_after_it(
    writer: Any, redis: Redis, database_url: str
) -> None:
    # It begins before everything is outdated, and ends after it.
    await writer.execute(f"begin; {INSERT}")

    async with working(database_url, redis):
        await whole(redis)
        await writer.execute("commit")

        await redis.until(lambda tags: tags == MONTH)


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


async def test_where_nothing_is_installed_it_waits_until_that_is_done(
    writer: Any, redis: Redis, database_url: str
) -> None:
    await removed(database_url)
    async with working(database_url, redis, pace=Pace(look_s=0.2)) as worker:
        await asyncio.sleep(0.7)
        assert (len(worker.saw(Absent)), redis.tags) == (1, [])

        await installed(database_url, *sources_of(model_of_text(MODEL)))

        await whole(redis)


async def test_who_may_not_read_is_told(writer: Any, redis: Redis, database_url: str) -> None:
    async with role(database_url) as (_, url), working(url, redis, pace=Pace(look_s=0.2)) as worker:
        await until_seen(worker, Absent)
        assert "permission denied" in worker.saw(Absent)[0].detail


async def test_a_table_that_was_exchanged_counts_as_changed(
    writer: Any, redis: Redis, database_url: str
) -> None:
    async with working(database_url, redis, pace=Pace(look_s=0.2)) as worker:
        await whole(redis)
        await asyncio.sleep(0.5)

        await writer.execute(
            "create table new_stores (like stores);drop table stores; alter table new_stores rename to stores"
        )

        await redis.until(lambda tags: tags == ["stores"])
        assert worker.saw(Uncovered) == [Uncovered("public.stores")]


async def test_a_table_that_was_exchanged_while_nobody_looked_counts_as_changed(
    writer: Any, redis: Redis, database_url: str
) -> None:
    async with working(database_url, redis):
        await whole(redis)
    await writer.execute(
        "create table more (like stores); drop table stores; alter table more rename to stores"
    )

    async with working(database_url, redis) as worker:
        await redis.until(lambda tags: tags == ["stores"])
        assert worker.saw(Gap) == []


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
