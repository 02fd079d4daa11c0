"""The fixtures that every test with real servers stands on."""

import asyncpg
import pytest
import redis

pytestmark = [pytest.mark.anyio, pytest.mark.integration]


@pytest.mark.parametrize("time", ["first", "second"])
async def test_each_test_gets_an_empty_database_of_its_own(database_url: str, time: str) -> None:
    connection = await asyncpg.connect(database_url)
    try:
        tables = await connection.fetchval("select count(*) from pg_class where relname = 'left_behind'")
        await connection.execute("create table left_behind (number int)")
    finally:
        await connection.close()

    assert tables == 0


async def test_a_database_with_open_connections_is_dropped_all_the_same(database_url: str) -> None:
    connection = await asyncpg.connect(database_url)

    assert await connection.fetchval("select 1") == 1

    connection.terminate()


@pytest.mark.parametrize("time", ["first", "second"])
def test_each_test_gets_an_empty_redis(redis_url: str, time: str) -> None:
    with redis.Redis.from_url(redis_url) as client:
        keys = client.dbsize()
        client.set("left behind", 1)

    assert keys == 0
