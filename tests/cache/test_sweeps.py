"""A sweep deletes what is from before its clear, and nothing that was loaded while it went on."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

import pytest

from cache import Found, Lifetime, RedisStore
from cache.entry import Entry
from cache.pool import Command
from cache.redis import Timeouts
from cache.store import StoreDown
from cache.sweeps import _Pace
from cache.tokens import EVERYTHING, Mode, Stamps, bucket_of
from tests.cache.linked import linked
from tests.cache.node import Node, running
from tests.cache.topologies import SixNodes
from tests.proxy import proxy_to

pytestmark = [pytest.mark.anyio, pytest.mark.integration]

PREFIX: Final = "analytics"
ANSWERS: Final = tuple(f"{PREFIX}:query:a{number:031x}" for number in range(12))
MINUTE: Final = 60_000


@pytest.fixture(scope="module", params=["server", "cluster"])
def url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder: Path = tmp_path_factory.mktemp(request.param)
    if request.param == "server":
        with running(Node(folder)) as node:
            yield f"redis://127.0.0.1:{node.port}"
    else:
        with running(SixNodes(folder, password="a")) as six:
            yield six.url()


@pytest.fixture
async def store(url: str) -> AsyncIterator[RedisStore]:
    store = RedisStore(url, prefix=PREFIX)
    await store.clear(f"{PREFIX}:*", Mode.PURGE)
    yield store
    await store.close()


def answer(stamps: Stamps, body: bytes = b"{}") -> bytes:
    return Entry("", "", stamps, 0, Lifetime(1, 2, 3), cost_ms=0, rows=0, body=body).encode()


async def load(store: RedisStore, name: str, body: bytes = b"{}") -> None:
    """As the cache does: stamped with the tokens that were current before."""
    stamps = (await store.look(name, (EVERYTHING, bucket_of(name)))).stamps
    await store.put(name, answer(stamps, body), MINUTE)


def during_a_clear(
    monkeypatch: pytest.MonkeyPatch, store: RedisStore, then: Callable[[], Awaitable[None]]
) -> None:
    """Between its new tokens and its sweep."""
    invalidate = store.invalidate

    async def invalidated(tags: tuple[str, ...], mode: Mode) -> None:
        await invalidate(tags, mode)
        await then()

    monkeypatch.setattr(store, "invalidate", invalidated)


@pytest.mark.parametrize("pattern", [f"{PREFIX}:*", f"{PREFIX}:query:a*", f"{PREFIX}:query:a000*"])
async def test_what_was_loaded_anew_is_spared(
    store: RedisStore, monkeypatch: pytest.MonkeyPatch, pattern: str
) -> None:
    for name in ANSWERS:
        await load(store, name)

    async def some_are_loaded() -> None:
        for name in ANSWERS[:5]:
            await load(store, name)

    during_a_clear(monkeypatch, store, some_are_loaded)

    assert await store.clear(pattern, Mode.PURGE) == len(ANSWERS) - 5
    left = [name for name in ANSWERS if isinstance((await store.look(name, ())).found, Found)]
    assert left == list(ANSWERS[:5])


async def test_what_is_no_answer_of_now_is_deleted(
    url: str, store: RedisStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    tokens: Stamps = {}

    async def odd_ones_are_put() -> None:
        nonlocal tokens
        tokens = (await store.look(ANSWERS[0], (EVERYTHING,))).stamps
        token = answer({EVERYTHING: tokens[EVERYTHING]}).partition(b"\n")[0]
        await store.put(ANSWERS[0], b"", MINUTE)
        await store.put(ANSWERS[1], token, MINUTE)  # a line without an end
        await store.put(ANSWERS[2], answer({}, token), MINUTE)  # the token stands in its rows
        await store.put(ANSWERS[3], answer({EVERYTHING: "a.b"}), MINUTE)
        await store.put(ANSWERS[4], answer({"other": tokens[EVERYTHING]}), MINUTE)
        async with linked(url) as links:
            await links.exchange([("EVAL", "redis.call('LPUSH', KEYS[1], 'x')", 1, ANSWERS[5])])

    during_a_clear(monkeypatch, store, odd_ones_are_put)

    assert await store.clear(f"{PREFIX}:*", Mode.PURGE) == 6
    assert tokens


async def test_without_a_token_of_now_nothing_is_spared(
    url: str, store: RedisStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where a full server took no new one: the sweep is what makes room."""
    await load(store, ANSWERS[0])

    async def tokens_are_lost() -> None:
        async with linked(url) as links:
            await links.exchange([("UNLINK", f"{PREFIX}:gen:{EVERYTHING}")])

    during_a_clear(monkeypatch, store, tokens_are_lost)

    assert await store.clear(f"{PREFIX}:*", Mode.PURGE) == 1


async def test_a_clear_spares_what_was_loaded_after_another_that_came_later(
    store: RedisStore, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    other = RedisStore(url, prefix=PREFIX)

    async def another_clears_and_it_is_loaded() -> None:
        await other.clear(f"{PREFIX}:*", Mode.PURGE)
        await load(other, ANSWERS[0])

    during_a_clear(monkeypatch, store, another_clears_and_it_is_loaded)

    assert await store.clear(f"{PREFIX}:*", Mode.PURGE) == 0
    assert isinstance((await store.look(ANSWERS[0], ())).found, Found)
    await other.close()


async def test_a_far_server_is_asked_for_many_deletions_at_once(
    store: RedisStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    trips: list[int] = []
    sweep = store._links.sweep

    async def far(commands: Sequence[Command]) -> list[object]:
        trips.append(len(commands))
        await asyncio.sleep(0.002)
        return await sweep(commands)

    for number in range(0, 3_000, 50):
        names = (f"{PREFIX}:query:{each}" for each in range(number, number + 50))
        await asyncio.gather(*(store.put(name, b"x", MINUTE) for name in names))
    monkeypatch.setattr(store._links, "sweep", far)

    assert await store.clear(f"{PREFIX}:*", Mode.PURGE) == 3_000
    assert len(trips) < 60


def test_fewer_are_deleted_at_once_where_it_takes_long() -> None:
    pace = _Pace()
    for _ in range(20):
        pace.took(0.001)
    most = pace.names
    for _ in range(20):
        pace.took(0.1)

    assert (most, pace.names) == (500, 1)


async def test_what_was_loaded_anew_is_spared_when_one_key_is_deleted(
    store: RedisStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def it_is_loaded() -> None:
        await load(store, ANSWERS[0], b"new")

    await load(store, ANSWERS[0])
    during_a_clear(monkeypatch, store, it_is_loaded)

    assert not await store.delete(ANSWERS[0])
    assert isinstance((await store.look(ANSWERS[0], ())).found, Found)


async def test_a_sweep_whose_server_falls_silent_ends_with_its_command(
    redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    timeouts = Timeouts(operation=2, sweep_command=0.3, clear=60)
    async with proxy_to(redis_url) as proxy:
        store = RedisStore(proxy.url(redis_url), prefix="silent", timeouts=timeouts)
        await load(store, f"silent:query:{0:032x}")
        sweep = store._links.sweep

        async def silent(commands: Sequence[Command]) -> list[object]:
            proxy.freeze()
            return await sweep(commands)

        monkeypatch.setattr(store._links, "sweep", silent)

        with pytest.raises(StoreDown):
            await asyncio.wait_for(store.clear("silent:*", Mode.PURGE), 3)
        proxy.resume()
        await store.close()
