"""Tokens on a real server: made, changed, damaged, lost."""

import asyncio
from collections.abc import Callable
from typing import TypeAlias

import pytest
from redis.asyncio import Redis

from cache import Missing, Mode, RedisStore, StoreDown
from cache.tokens import EVERYTHING, MEMORY, SERVER, bucket_of, only_expired
from tests.cache.fakes import PREFIX, key

MakeStore: TypeAlias = Callable[..., RedisStore]

pytestmark = [pytest.mark.anyio, pytest.mark.integration]

NAME = key().name
TAG = "table:sales"
TOKEN = f"{PREFIX}:gen:{TAG}"
DAY_MS = 24 * 3600 * 1000


async def stamp(store: RedisStore, tag: str = TAG) -> str:
    return (await store.look(NAME, (tag,))).stamps[tag]


async def asked(make_store: MakeStore, tag: str = TAG) -> str:
    """The token as a process sees it that has known nothing before."""
    return await stamp(make_store(), tag)


async def test_a_tag_without_a_token_is_given_one_that_stays(make_store: MakeStore) -> None:
    tokens = {await asked(make_store) for _ in range(3)}

    assert len(tokens) == 1
    assert "." in tokens.pop()


async def test_processes_that_ask_at_one_time_agree_on_a_token(make_store: MakeStore) -> None:
    stores = [make_store() for _ in range(10)]

    tokens = await asyncio.gather(*(stamp(store) for store in stores))

    assert len(set(tokens)) == 1


async def test_every_answer_is_stamped_with_the_server(make_store: MakeStore) -> None:
    one, other = await make_store().look(NAME, ()), await make_store().look(NAME, (TAG,))

    assert one.stamps[SERVER] == other.stamps[SERVER]
    assert other.stamps.keys() == {SERVER, TAG}


@pytest.mark.parametrize("mode", list(Mode))
async def test_an_invalidation_changes_the_token_for_all(make_store: MakeStore, mode: Mode) -> None:
    ordering, asking = make_store(), make_store()
    before = await asking.look(NAME, (TAG, "other"))

    await ordering.invalidate([TAG], mode)
    after = await make_store().look(NAME, (TAG, "other"))
    own = await ordering.look(NAME, (TAG, "other"))

    assert after.stamps[TAG] != before.stamps[TAG]
    assert after.stamps["other"] == before.stamps["other"]
    assert own.stamps == after.stamps
    assert only_expired(before.stamps, after.stamps) is (mode is Mode.EXPIRE)


async def test_expiring_twice_is_still_only_expired(make_store: MakeStore) -> None:
    store = make_store()
    before = await store.look(NAME, (TAG,))
    tokens = {before.stamps[TAG]}

    for _ in range(2):
        await store.invalidate([TAG], Mode.EXPIRE)
        tokens.add(await stamp(store))

    assert len(tokens) == 3
    assert only_expired(before.stamps, (await store.look(NAME, (TAG,))).stamps)


@pytest.mark.parametrize("order", [(Mode.PURGE, Mode.EXPIRE), (Mode.EXPIRE, Mode.PURGE)])
async def test_a_purge_is_never_undone(make_store: MakeStore, order: tuple[Mode, Mode]) -> None:
    store = make_store()
    before = await store.look(NAME, (TAG,))

    for mode in order:
        await store.invalidate([TAG], mode)

    assert not only_expired(before.stamps, (await store.look(NAME, (TAG,))).stamps)


async def test_purges_and_expiries_at_one_time_end_purged(make_store: MakeStore) -> None:
    store = make_store()
    before = await store.look(NAME, (TAG,))

    await asyncio.gather(*(store.invalidate([TAG], mode) for mode in (*Mode, *Mode, *Mode)))

    assert not only_expired(before.stamps, (await store.look(NAME, (TAG,))).stamps)


async def test_expiring_what_has_no_token_purges(make_store: MakeStore, other_application: Redis) -> None:
    store = make_store()
    before = await store.look(NAME, (TAG,))
    await other_application.delete(TOKEN)

    await store.invalidate([TAG], Mode.EXPIRE)

    assert not only_expired(before.stamps, (await store.look(NAME, (TAG,))).stamps)


async def test_many_tags_are_invalidated_at_once(make_store: MakeStore) -> None:
    tags = [f"channel:{number}" for number in range(1200)]
    store = make_store()
    before = (await store.look(NAME, tags)).stamps

    for mode in Mode:
        await store.invalidate([*tags, tags[0]], mode)
        now = (await make_store().look(NAME, tags)).stamps

        assert [tag for tag in tags if now[tag] == before[tag]] == []
        before = now


async def test_nothing_to_invalidate_is_no_fault(make_store: MakeStore, other_application: Redis) -> None:
    before = await other_application.keys()

    await make_store().invalidate([], Mode.PURGE)
    await make_store().invalidate([], Mode.EXPIRE)

    assert await other_application.keys() == before


async def test_a_token_that_was_lost_is_made_anew(make_store: MakeStore, other_application: Redis) -> None:
    before = await asked(make_store)

    await other_application.delete(TOKEN)

    assert await asked(make_store) not in {before, ""}


@pytest.mark.parametrize("garbage", [b"", b"no dot", b"\xff\xfe", b".", b"a.b.c", b"x" * 10_000])
@pytest.mark.parametrize("mode", list(Mode))
async def test_garbage_for_a_token_is_as_good_as_any_until_it_is_invalidated(
    make_store: MakeStore, other_application: Redis, garbage: bytes, mode: Mode
) -> None:
    await other_application.set(TOKEN, garbage)
    before = await asked(make_store)

    again = await asked(make_store)
    await make_store().invalidate([TAG], mode)

    assert before == again != ""
    assert await asked(make_store) not in {before, ""}


async def test_a_token_of_another_type_is_replaced_by_a_look(
    make_store: MakeStore, other_application: Redis
) -> None:
    await other_application.rpush(TOKEN, "a", "b")

    tokens = {await asked(make_store) for _ in range(2)}

    assert len(tokens) == 1
    assert "" not in tokens


@pytest.mark.parametrize("mode", list(Mode))
async def test_a_token_of_another_type_is_replaced_by_an_invalidation(
    make_store: MakeStore, other_application: Redis, mode: Mode
) -> None:
    before = await asked(make_store)
    await other_application.delete(TOKEN)
    await other_application.rpush(TOKEN, "a", "b")

    await make_store().invalidate([TAG], mode)

    assert await asked(make_store) not in {before, ""}


async def test_an_entry_of_another_type_does_not_disturb_the_looks_beside_it(
    make_store: MakeStore, other_application: Redis
) -> None:
    store = make_store()
    await other_application.rpush(f"{PREFIX}:query:odd", "a")

    odd, absent = await asyncio.gather(store.look(f"{PREFIX}:query:odd", ()), store.look(NAME, ()))

    assert (odd.found, absent.found) == (Missing.UNREADABLE, Missing.ABSENT)


async def test_tags_may_be_any_text(make_store: MakeStore) -> None:
    tags = [
        "channel:São Paulo",
        "channel:a b",
        "channel:*",
        "channel:\n",
        "channel:[a]",
        "channel:😀",
        "x{y}z",
    ]
    store = make_store()
    before = (await store.look(NAME, tags)).stamps

    await store.invalidate(["channel:*"], Mode.PURGE)
    after = (await make_store().look(NAME, tags)).stamps

    assert {tag for tag in tags if before[tag] != after[tag]} == {"channel:*"}


async def test_a_deletion_invalidates_its_bucket_and_every_memory(make_store: MakeStore) -> None:
    tags = (EVERYTHING, MEMORY, bucket_of(NAME), TAG)
    store = make_store()
    before = (await store.look(NAME, tags)).stamps

    await store.delete(NAME)
    after = (await make_store().look(NAME, tags)).stamps

    assert {tag for tag in tags if before[tag] != after[tag]} == {MEMORY, bucket_of(NAME)}


@pytest.mark.parametrize("mode", list(Mode))
async def test_a_clear_of_all_changes_one_token(make_store: MakeStore, mode: Mode) -> None:
    tags = (EVERYTHING, MEMORY, bucket_of(NAME), TAG)
    store = make_store()
    before = (await store.look(NAME, tags)).stamps

    await store.clear(f"{PREFIX}:*", mode)
    after = (await make_store().look(NAME, tags)).stamps

    assert {tag for tag in tags if before[tag] != after[tag]} == {EVERYTHING}


async def test_a_full_server_that_makes_no_tokens_is_a_store_that_is_down(
    make_store: MakeStore, other_application: Redis
) -> None:
    store = make_store()
    before = await other_application.config_get("maxmemory*")
    await store.look(NAME, ())
    await other_application.config_set("maxmemory-policy", "noeviction")
    await other_application.config_set("maxmemory", "1mb")
    try:
        with pytest.raises(StoreDown):
            await store.look(NAME, ("table:never seen",))
        for mode in Mode:
            await store.invalidate([TAG], mode)  # lets go of the old token, which takes no room
    finally:
        for name in ("maxmemory", "maxmemory-policy"):
            await other_application.config_set(name, str(before[name]))


@pytest.mark.parametrize("made_by", ["look", *Mode])
async def test_tokens_of_values_end_and_those_of_tables_do_not(
    make_store: MakeStore, other_application: Redis, made_by: str | Mode
) -> None:
    tags = (EVERYTHING, TAG, f"{TAG}@2026-01", "date:2026", "channel:2", "tenant:north")
    store = make_store()

    if isinstance(made_by, Mode):
        await store.invalidate(tags, made_by)
    else:
        await store.look(NAME, tags)
    lives = [await other_application.pttl(f"{PREFIX}:gen:{tag}") for tag in tags]

    assert lives[:4] == [-1] * 4
    assert all(2 * DAY_MS < life <= 3 * DAY_MS for life in lives[4:])
