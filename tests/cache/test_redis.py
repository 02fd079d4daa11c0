import asyncio
import time
from collections.abc import Callable
from typing import TypeAlias

import pytest
from redis.asyncio import Redis

from cache import Found, Missing, Mode, OutsidePrefix, RedisStore, StoreDown, Timeouts
from tests.cache.fakes import PREFIX

MakeStore: TypeAlias = Callable[..., RedisStore]

pytestmark = [pytest.mark.anyio, pytest.mark.integration]

NAME = f"{PREFIX}:query:1"


async def fill(client: Redis, names: list[str]) -> None:
    for start in range(0, len(names), 1000):
        await client.mset(dict.fromkeys(names[start : start + 1000], b"x"))


async def get(store: RedisStore, name: str = NAME) -> Found | Missing:
    return (await store.look(name, ())).found


async def test_what_was_put_is_found_with_the_life_it_has_left(store: RedisStore) -> None:
    await store.put(NAME, b"\x00bytes\xff", 60_000)

    found = await get(store)

    assert isinstance(found, Found)
    assert found.body == b"\x00bytes\xff"
    assert 50_000 < found.remaining_ms <= 60_000


async def test_a_miss_is_not_an_empty_value(store: RedisStore) -> None:
    await store.put(NAME, b"", 60_000)

    assert isinstance(await get(store), Found)
    assert await get(store, f"{PREFIX}:query:2") is Missing.ABSENT


async def test_a_value_of_another_type_is_unreadable_and_can_be_replaced(
    store: RedisStore, other_application: Redis
) -> None:
    await other_application.rpush(NAME, "a", "b")

    unreadable = await get(store)
    await store.put(NAME, b"ours", 60_000)

    assert unreadable is Missing.UNREADABLE
    assert isinstance(await get(store), Found)


async def test_a_value_without_an_end_is_not_ours(store: RedisStore, other_application: Redis) -> None:
    await other_application.set(NAME, b"for ever")

    assert await get(store) is Missing.UNREADABLE


async def test_delete_tells_whether_there_was_something(store: RedisStore) -> None:
    await store.put(NAME, b"x", 60_000)

    assert [await store.delete(NAME) for _ in range(2)] == [True, False]


async def test_names_of_other_applications_are_refused(store: RedisStore) -> None:
    with pytest.raises(OutsidePrefix):
        await store.look("sessions:1", ())
    with pytest.raises(OutsidePrefix):
        await store.put("sessions:1", b"x", 1000)
    with pytest.raises(OutsidePrefix):
        await store.delete("sessions:1")


@pytest.mark.parametrize("pattern", ["*", "other:*", "", "analytics*", "[a]nalytics:*"])
async def test_a_clear_beyond_the_prefix_is_refused_before_anything_is_deleted(
    store: RedisStore, other_application: Redis, pattern: str
) -> None:
    await fill(other_application, ["sessions:1", "analytics2:1", NAME])

    with pytest.raises(OutsidePrefix):
        await store.clear(pattern, Mode.PURGE)

    assert await other_application.dbsize() == 3


async def test_a_clear_deletes_only_our_keys(store: RedisStore, other_application: Redis) -> None:
    theirs = ["sessions:1", "analytics2:1", "xanalytics:1", "analytics"]
    await fill(other_application, [*theirs, NAME, f"{PREFIX}:query:2"])

    assert await store.clear(f"{PREFIX}:*", Mode.PURGE) == 2
    left = await other_application.keys()
    assert sorted(name for name in left if b":gen:" not in name) == sorted(name.encode() for name in theirs)


async def test_a_clear_leaves_tokens_locks_and_notes_alone(
    store: RedisStore, other_application: Redis
) -> None:
    await store.look(NAME, ("table:sales",))
    await store.note("topic", "text", 60_000)
    await store.lease("a").take()
    before = set(await other_application.keys())

    await store.clear(f"{PREFIX}:*", Mode.PURGE)

    assert before <= set(await other_application.keys())


async def test_a_clear_that_expires_deletes_nothing(store: RedisStore) -> None:
    await store.put(NAME, b"x", 60_000)

    assert await store.clear(f"{PREFIX}:*", Mode.EXPIRE) == 0
    assert isinstance(await get(store), Found)


async def test_a_clear_can_be_narrower_than_the_prefix(store: RedisStore, other_application: Redis) -> None:
    await fill(other_application, [f"{PREFIX}:query:{name}" for name in ("a1", "a2", "b1")])

    assert await store.clear(f"{PREFIX}:query:a*", Mode.PURGE) == 2


async def test_a_prefix_with_glob_characters_matches_only_itself(
    make_store: MakeStore, other_application: Redis
) -> None:
    await fill(other_application, ["team[ab]*:query:1", "teama:query:1", "teamb-x:query:1"])
    store = make_store("team[ab]*")

    assert (await store.info()).keys == 1
    assert await store.clear("team[ab]*:*", Mode.PURGE) == 1
    assert await other_application.exists("teama:query:1", "teamb-x:query:1") == 2


async def test_twenty_thousand_keys_are_cleared_while_others_are_answered(
    store: RedisStore, other_application: Redis
) -> None:
    await fill(other_application, [f"{PREFIX}:query:{number}" for number in range(20_000)])
    slowest = 0.0

    clearing = asyncio.create_task(store.clear(f"{PREFIX}:*", Mode.PURGE))
    while not clearing.done():
        started = time.perf_counter()
        await other_application.ping()
        slowest = max(slowest, time.perf_counter() - started)

    assert await clearing == 20_000
    assert await other_application.keys(f"{PREFIX}:query:*") == []
    assert slowest < 1


async def test_two_clears_at_one_time_count_every_key_once(
    store: RedisStore, other_application: Redis
) -> None:
    await fill(other_application, [f"{PREFIX}:query:{number}" for number in range(5000)])

    counts = await asyncio.gather(*(store.clear(f"{PREFIX}:*", Mode.PURGE) for _ in range(4)))

    assert sum(counts) == 5000


async def test_a_clear_that_takes_too_long_is_told(make_store: MakeStore, other_application: Redis) -> None:
    await fill(other_application, [f"{PREFIX}:query:{number}" for number in range(20_000)])
    store = make_store(timeouts=Timeouts(clear=0.001))

    with pytest.raises(StoreDown):
        await store.clear(f"{PREFIX}:*", Mode.PURGE)


async def test_info_counts_our_keys_only(store: RedisStore, other_application: Redis) -> None:
    await fill(other_application, ["sessions:1", NAME, f"{PREFIX}:query:2"])
    await store.look(NAME, ("table:sales",))

    server = await store.info()

    assert (server.keys, server.keys_exact) == (2, True)
    assert server.memory_used_mb > 0
    assert server.connected_clients >= 1
    assert server.uptime_seconds >= 0


async def test_a_count_that_takes_too_long_is_a_lower_bound(
    make_store: MakeStore, other_application: Redis
) -> None:
    await fill(other_application, [f"{PREFIX}:query:{number}" for number in range(20_000)])
    store = make_store(timeouts=Timeouts(count=0))

    server = await store.info()

    assert not server.keys_exact
    assert server.keys < 20_000


async def test_more_callers_than_connections_wait_their_turn(make_store: MakeStore) -> None:
    store = make_store(connections=2, timeouts=Timeouts(operation=10))

    found = await asyncio.gather(*(get(store, f"{PREFIX}:query:{number}") for number in range(200)))

    assert found == [Missing.ABSENT] * 200


async def test_a_full_server_refuses_writes_as_a_store_that_is_down(
    store: RedisStore, other_application: Redis
) -> None:
    before = await other_application.config_get("maxmemory*")
    await other_application.config_set("maxmemory-policy", "noeviction")
    await other_application.config_set("maxmemory", "1mb")
    try:
        with pytest.raises(StoreDown, match="memory"):
            await store.put(NAME, b"x" * 100_000, 60_000)
        assert await get(store) is Missing.ABSENT
    finally:
        for name in ("maxmemory", "maxmemory-policy"):
            await other_application.config_set(name, str(before[name]))


async def test_cancelled_calls_give_their_connections_back_and_mix_no_replies(make_store: MakeStore) -> None:
    store = make_store(connections=4, timeouts=Timeouts(operation=10))
    for number in range(20):
        await store.put(f"{PREFIX}:query:{number}", str(number).encode(), 60_000)

    async def cancelled_after(pauses: int, number: int) -> None:
        call = asyncio.create_task(get(store, f"{PREFIX}:query:{number}"))
        for _ in range(pauses):
            await asyncio.sleep(0)
        call.cancel()
        await asyncio.wait((call,))

    for _ in range(5):
        await asyncio.gather(*(cancelled_after(pauses, pauses % 20) for pauses in range(60)))
    found = await asyncio.gather(*(get(store, f"{PREFIX}:query:{number}") for number in range(20)))

    assert [hit.body for hit in found if isinstance(hit, Found)] == [str(n).encode() for n in range(20)]


async def test_a_stall_of_our_own_loop_is_not_taken_for_a_slow_server(make_store: MakeStore) -> None:
    store = make_store(timeouts=Timeouts(operation=0.25))
    await store.put(NAME, b"body", 60_000)

    asked = [asyncio.create_task(get(store)) for _ in range(20)]
    for _ in range(4):
        await asyncio.sleep(0)
        time.sleep(0.3)  # noqa: ASYNC251  the stall
    found = await asyncio.gather(*asked)

    assert all(isinstance(each, Found) for each in found)
