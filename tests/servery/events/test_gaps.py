"""Where nobody can tell what changed, everything did."""

import asyncio
import json
from typing import Any

import pytest

from model.load import model_of_text
from servery.events.event import Absent, Gap, Uncovered
from servery.events.pace import Pace
from servery.events.sources import sources_of
from tests.db.telling import installed, removed, role
from tests.servery.events.following import (
    MODEL,
    WHOLE,
    Redis,
    until_seen,
    whole,
    working,
)

pytestmark = [pytest.mark.anyio, pytest.mark.integration]

INSERT = "insert into sales values (1, '2026-01-15 12:00+00')"
MONTH = ["sales@2026-01"]


async def test_at_the_first_start_everything_counts_as_changed(
    writer: Any, redis: Redis, database_url: str
) -> None:
    async with working(database_url, redis) as worker:
        await redis.until(lambda tags: set(tags) >= WHOLE)

        assert [gap.reason for gap in worker.saw(Gap)] == ["it is not known what was read last"]
    assert sorted(redis.tags) == ["sales", "stores"]


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
