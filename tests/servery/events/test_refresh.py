"""Refresh keys: another result outdates the table, whatever else happens."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest

from db.database import Result
from model.load import model_of_text
from model.refresh import Refresh
from servery.events.event import Broken, KeyFailed
from servery.events.notes import Memory
from servery.events.pace import Pace
from servery.events.refresh import MOST_ROWS, RefreshKeys, result_of, statement_of
from tests.db.telling import connected
from tests.servery.events.following import TABLES, Redis, tags_for, until_seen, working

pytestmark = [pytest.mark.anyio]

KEYED = """
tables:
  stores:
    source: public.stores
    key: id
    refresh_key: select max(name), count(*) from public.stores
    refresh_every: 1
    dimensions: {store: {column: name}}
    metrics: {shops: {type: count}}
"""


@pytest.fixture
async def writer(database_url: str) -> AsyncIterator[Any]:
    async with connected(database_url) as connection:
        await connection.execute(TABLES)
        yield connection


@pytest.fixture
def redis() -> Redis:
    return Redis()


@pytest.mark.integration
async def test_another_result_outdates_the_table(writer: Any, redis: Redis, database_url: str) -> None:
    async with working(database_url, redis, model=KEYED, events=False):
        await redis.until(lambda tags: tags == ["stores"])  # absent counts as changed
        redis.forget()
        await asyncio.sleep(1.2)
        assert redis.tags == []

        await writer.execute("insert into stores values (1, 'one')")

        await redis.until(lambda tags: tags == ["stores"])


@pytest.mark.integration
async def test_the_next_leader_knows_the_result(writer: Any, redis: Redis, database_url: str) -> None:
    async with working(database_url, redis, model=KEYED, events=False):
        await redis.until(lambda _: bool(redis.noted.get("events:refresh:stores")))
    redis.forget()

    async with working(database_url, redis, model=KEYED, events=False):
        await asyncio.sleep(1)
        assert redis.tags == []
        await writer.execute("insert into stores values (1, 'one')")
        await redis.until(lambda tags: tags == ["stores"])


@pytest.mark.integration
async def test_keys_are_asked_beside_change_events(writer: Any, redis: Redis, database_url: str) -> None:
    # There are none here, which is no reason not to ask.
    async with working(database_url, redis, model=KEYED):
        await redis.until(lambda tags: tags == ["stores"])


@pytest.mark.integration
async def test_a_key_that_writes_is_refused_by_the_database(
    writer: Any, redis: Redis, database_url: str
) -> None:
    await writer.execute(
        "create function public.sly() returns int language sql as "
        "$$ insert into public.stores values (1, 'sly') returning 1 $$"
    )
    sly = KEYED.replace("select max(name), count(*) from public.stores", "select public.sly()")
    async with working(database_url, redis, model=sly, events=False) as worker:
        await until_seen(worker, KeyFailed)
        assert "read-only transaction" in worker.saw(KeyFailed)[0].detail
    assert await writer.fetchval("select count(*) from stores") == 0


@pytest.mark.integration
async def test_a_key_that_fails_is_told_once_and_asked_again(
    writer: Any, redis: Redis, database_url: str
) -> None:
    await writer.execute("alter table stores rename to shops")
    async with working(database_url, redis, model=KEYED, events=False) as worker:
        await asyncio.sleep(2.3)
        assert len(worker.saw(KeyFailed)) == 1
        assert worker.saw(Broken) == []

        await writer.execute("alter table shops rename to stores")

        await redis.until(lambda tags: tags == ["stores"])


class Answers:
    """A database that gives these results, one after the other, and then the last one."""

    def __init__(self, *results: object) -> None:
        self._left = [*results]

    async def fetch(self, text: str, args: object = (), *, timeout_ms: int | None = None) -> Result:  # noqa: ARG002
        await asyncio.sleep(0)
        found = self._left.pop(0) if len(self._left) > 1 else self._left[0]
        return Result((), [[found]], 0.0)

    async def ready(self) -> float:
        return 0.0

    async def close(self) -> None:
        return


def keys(database: Answers, redis: Redis) -> RefreshKeys:
    return RefreshKeys(
        {"stores": Refresh("select 1")},
        database,
        invalidate=redis.invalidate,
        tags_for=tags_for,
        notes=redis,
        observe=lambda _: None,
        pace=Pace(),
    )


async def test_without_redis_the_result_is_not_remembered(redis: Redis) -> None:
    redis.is_down = True
    memory = Memory()
    watching = asyncio.create_task(keys(Answers(1), redis).watch(memory))
    await asyncio.sleep(0.1)
    assert memory.results == {}

    redis.is_down = False

    await redis.until(lambda tags: tags == ["stores"])
    watching.cancel()
    await asyncio.wait({watching})


class Stuck(Redis):
    """Never comes to the end of outdating."""

    reached = asyncio.Event()

    async def invalidate(self, tags: Sequence[str]) -> None:  # noqa: ARG002
        self.reached.set()
        await asyncio.sleep(60)


async def test_who_ends_while_it_outdates_leaves_no_result() -> None:
    # The next leader may find the very first result again, and answers of the second in the cache.
    first = result_of([[1]])
    redis = Stuck(noted={"events:refresh:stores": first})
    watching = asyncio.create_task(keys(Answers(2), redis).watch(Memory(results={"stores": first})))

    async with asyncio.timeout(5):
        await redis.reached.wait()

    assert redis.noted["events:refresh:stores"] not in {first, result_of([[2]])}
    watching.cancel()
    await asyncio.wait({watching})


def test_a_result_is_short_and_the_same_for_the_same_rows() -> None:
    assert result_of([[1, None]]) == "[['1', 'None']]"
    assert result_of([]) == "[]"
    assert result_of([["x" * 500]]) == result_of([["x" * 500]])
    assert len(result_of([["x" * 500]])) == 64
    assert result_of([["x" * 500]]) != result_of([["x" * 501]])


def test_a_key_that_means_every_row_does_not_fill_the_memory() -> None:
    assert statement_of(Refresh("select * from sales")).endswith(f"limit {MOST_ROWS}")


def test_a_model_without_keys_asks_none() -> None:
    plain = KEYED.replace("    refresh_key: select max(name), count(*) from public.stores\n", "").replace(
        "    refresh_every: 1\n", ""
    )

    assert [table.refresh for table in model_of_text(plain).tables.values()] == [None]
