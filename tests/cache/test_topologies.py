"""The store does the same, however its servers are arranged, and outlives the loss of one."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

import pytest

from cache import Found, Missing, RedisStore, StoreDown
from cache.store import Claim, Look
from cache.tokens import SERVER, Mode
from tests.cache.linked import BUDGET, RECOVERY
from tests.cache.node import Node, running, until
from tests.cache.topologies import SentinelTrio, SixNodes

pytestmark = [pytest.mark.anyio, pytest.mark.integration]

PREFIX: Final = "analytics"
TAGS: Final = tuple(f"table:t{number}" for number in range(30))
ANSWERS: Final = tuple(f"{PREFIX}:query:{number:032x}" for number in range(60))
MINUTE: Final = 60_000


@pytest.fixture(scope="module", params=["server", "sentinel", "cluster"])
def url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp(request.param)
    if request.param == "server":
        with running(Node(folder)) as node:
            yield f"redis://127.0.0.1:{node.port}"
    elif request.param == "sentinel":
        with running(SentinelTrio(folder, password="a", sentinel_password="b")) as trio:
            yield trio.url
    else:
        with running(SixNodes(folder, password="a")) as six:
            yield six.url()


@pytest.fixture(autouse=True)
async def emptied(request: pytest.FixtureRequest) -> None:
    if "url" in request.fixturenames:
        store = RedisStore(request.getfixturevalue("url"), prefix=PREFIX)
        await store.clear(f"{PREFIX}:*", Mode.PURGE)
        await store.close()


@pytest.fixture
async def stores(url: str) -> AsyncIterator[tuple[RedisStore, RedisStore]]:
    """Two processes of one deployment, as it were."""
    both = RedisStore(url, prefix=PREFIX), RedisStore(url, prefix=PREFIX)
    yield both
    for store in both:
        await store.close()


Stores = tuple[RedisStore, RedisStore]


async def test_what_one_process_puts_another_finds(stores: Stores) -> None:
    ours, theirs = stores
    await asyncio.gather(*(ours.put(name, name.encode(), MINUTE) for name in ANSWERS))

    looks = await asyncio.gather(*(theirs.look(name, TAGS) for name in ANSWERS))
    nothing = await theirs.look(f"{PREFIX}:query:{'f' * 32}", TAGS)

    assert [look.found.body for look in looks if isinstance(look.found, Found)] == [
        name.encode() for name in ANSWERS
    ]
    assert nothing.found is Missing.ABSENT
    assert set(nothing.stamps) == {SERVER, *TAGS}


@pytest.mark.parametrize("mode", Mode)
async def test_an_invalidation_gives_every_process_new_tokens(stores: Stores, mode: Mode) -> None:
    ours, theirs = stores
    before = await theirs.look(ANSWERS[0], TAGS)

    await ours.invalidate(TAGS[:20], mode)

    after = await theirs.look(ANSWERS[0], TAGS)
    changed = {tag for tag in after.stamps if after.stamps[tag] != before.stamps[tag]}
    purged = {tag for tag in changed if after.stamps[tag].split(".")[0] != before.stamps[tag].split(".")[0]}
    assert changed == set(TAGS[:20])
    assert purged == (changed if mode is Mode.PURGE else set())


async def test_every_server_tells_of_changes(stores: Stores) -> None:
    ours, theirs = stores
    await theirs.look(ANSWERS[0], TAGS)
    knew = theirs.known(TAGS)

    await ours.invalidate(TAGS, Mode.PURGE)
    await asyncio.to_thread(until, lambda: not any(theirs.known((tag,)) for tag in TAGS), "all is forgotten")

    assert knew is not None


async def test_a_clear_reaches_all_answers_and_counts_them(stores: Stores) -> None:
    ours, theirs = stores
    await asyncio.gather(*(ours.put(name, b"x", MINUTE) for name in ANSWERS))
    keys = (await theirs.info()).keys
    names = {name async for name in theirs.names(f"{PREFIX}:query:*")}

    deleted = await theirs.clear(f"{PREFIX}:query:*", Mode.PURGE)

    assert keys == deleted == len(ANSWERS)
    assert names == set(ANSWERS)
    assert not [name async for name in ours.names(f"{PREFIX}:query:*")]


async def test_a_lease_keeps_others_out(stores: Stores) -> None:
    ours, theirs = (store.lease(f"{{{ANSWERS[0]}}}") for store in stores)

    assert await ours.take()
    await ours.renew()
    assert not await theirs.take()
    await ours.release(unshared=False)
    assert await theirs.take()
    await theirs.release(unshared=True)
    assert (await ours.look(ANSWERS[0], TAGS)).claim is Claim.UNSHARED


async def test_who_takes_the_lease_finds_what_its_last_holder_has_put(stores: Stores) -> None:
    leases = [(store.lease(f"{{{name}}}:put"), name) for name in ANSWERS for store in stores]
    ours, theirs = leases[::2], leases[1::2]

    taken = await asyncio.gather(*(lease.look(name, TAGS) for lease, name in ours))
    refused = await asyncio.gather(*(lease.look(name, TAGS) for lease, name in theirs))
    await asyncio.gather(*(lease.put(name, name.encode(), MINUTE) for lease, name in ours))
    found = await asyncio.gather(*(lease.look(name, TAGS) for lease, name in theirs))

    assert {look.claim for look in taken} == {Claim.OURS}
    assert {(look.claim, look.found) for look in refused} == {(Claim.THEIRS, Missing.ABSENT)}
    assert {look.claim for look in found} == {Claim.OURS}
    assert [look.found.body for look in found if isinstance(look.found, Found)] == [
        name.encode() for name in ANSWERS
    ]


async def test_notes_are_read_by_the_others(stores: Stores) -> None:
    ours, theirs = stores

    for number in range(10):
        await ours.note(f"load:{number}", f"text {number}", MINUTE)

    assert await theirs.notes("load:*") == {f"load:{number}": f"text {number}" for number in range(10)}


@pytest.mark.parametrize("end", [Node.kill, Node.freeze])
async def test_a_cluster_that_loses_a_primary_is_used_again_soon_after(
    tmp_path: Path, end: Callable[[Node], None]
) -> None:
    with running(SixNodes(tmp_path, password="a")) as six:
        lost = six.primaries[1]
        await is_used_again(six.url(), lambda: end(lost), lambda: six.until_promoted(six.replica_of(lost)))


@pytest.mark.parametrize("end", [Node.kill, Node.freeze])
async def test_a_primary_that_sentinels_replace_is_used_again_soon_after(
    tmp_path: Path, end: Callable[[Node], None]
) -> None:
    with running(SentinelTrio(tmp_path, password="a", sentinel_password="b")) as trio:
        await is_used_again(trio.url, lambda: end(trio.primary), trio.until_promoted)


async def looked(store: RedisStore) -> Look:
    """As soon as it can be."""
    while True:
        with suppress(StoreDown):
            return await store.look(ANSWERS[0], TAGS)
        await asyncio.sleep(0.02)


async def is_used_again(url: str, lose: Callable[[], None], until_promoted: Callable[[], None]) -> None:
    """Also: nothing takes longer than it may, and no answer from before counts as good afterwards."""
    store = RedisStore(url, prefix=PREFIX)
    try:
        before = await looked(store)
        lose()
        promotion = asyncio.create_task(asyncio.to_thread(until_promoted))
        slowest = 0.0
        while not promotion.done():
            start = time.monotonic()
            with suppress(StoreDown):
                await store.look(ANSWERS[0], TAGS)
            slowest = max(slowest, time.monotonic() - start)
            await asyncio.sleep(0.02)
        promoted = time.monotonic()
        after = await looked(store)
        took = time.monotonic() - promoted
        await store.put(ANSWERS[0], b"x", MINUTE)
    finally:
        await store.close()
    assert slowest < 4 * BUDGET
    assert took < RECOVERY
    assert after.stamps[SERVER] != before.stamps[SERVER]
