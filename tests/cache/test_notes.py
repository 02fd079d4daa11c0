"""Small texts that processes leave for each other, and the names of answers, on a real server."""

from collections.abc import Callable
from typing import TypeAlias

import pytest
from redis.asyncio import Redis

from cache import Mode, RedisStore
from tests.cache.fakes import PREFIX, key

MakeStore: TypeAlias = Callable[..., RedisStore]

pytestmark = [pytest.mark.anyio, pytest.mark.integration]

NAME = key().name
TAG = "table:sales"


async def test_notes_are_left_for_others(make_store: MakeStore, other_application: Redis) -> None:
    await make_store().note("traffic:a", "one", 60_000)
    await make_store().note("traffic:b", "zwei ü", 60_000)
    await make_store().note("other", "three", 60_000)
    await other_application.set("note:traffic:c", "not ours")

    assert await make_store().notes("traffic:*") == {"traffic:a": "one", "traffic:b": "zwei ü"}
    assert await make_store("elsewhere").notes("*") == {}
    assert 0 < await other_application.pttl(f"{PREFIX}:note:traffic:a") <= 60_000


async def test_notes_of_a_prefix_with_glob_characters_are_its_own(make_store: MakeStore) -> None:
    strange, other = make_store("team[ab]*"), make_store("teama")
    await strange.note("a", "ours", 60_000)
    await other.note("a", "theirs", 60_000)

    assert await strange.notes("*") == {"a": "ours"}


async def test_a_note_is_replaced(make_store: MakeStore) -> None:
    store = make_store()

    await store.note("a", "one", 60_000)
    await store.note("a", "two", 60_000)

    assert await store.notes("a") == {"a": "two"}


async def test_a_note_of_another_type_is_passed_over(make_store: MakeStore, other_application: Redis) -> None:
    store = make_store()
    await store.note("a", "one", 60_000)
    await other_application.rpush(f"{PREFIX}:note:b", "x")

    assert await store.notes("*") == {"a": "one"}


async def test_names_are_those_of_answers(make_store: MakeStore, other_application: Redis) -> None:
    store = make_store()
    for number in range(3):
        await store.put(key(number).name, b"x", 60_000)
    await store.note("a", "one", 60_000)
    await store.look(NAME, (TAG,))
    await other_application.set("other:query:1", "x")

    names = {name async for name in store.names(f"{PREFIX}:*")}
    narrow = {name async for name in store.names(f"{key(1).name[:-10]}*")}

    assert names == {key(number).name for number in range(3)}
    assert narrow == {key(1).name}


async def test_many_names_are_told_and_whoever_has_enough_may_stop(
    make_store: MakeStore, other_application: Redis
) -> None:
    store = make_store()
    await other_application.mset({f"{PREFIX}:query:{number}": b"x" for number in range(3000)})

    names = [name async for name in store.names(f"{PREFIX}:*")]
    async for _ in store.names(f"{PREFIX}:*"):
        break

    assert len(set(names)) == 3000
    assert await store.clear(f"{PREFIX}:*", Mode.PURGE) == 3000
