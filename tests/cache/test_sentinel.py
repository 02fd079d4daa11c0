"""The ways to the primary that Sentinel names, and what they do when it is another one."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from redis.exceptions import RedisError

from cache.sentinel import ANSWER_SECONDS
from tests.cache.encrypting import AUTHORITY, encrypting
from tests.cache.linked import (
    NAMES,
    RECOVERY,
    Seen,
    apart,
    bounded,
    linked,
    places,
    seconds_until,
    together,
)
from tests.cache.node import Node, running
from tests.cache.topologies import SentinelTrio

pytestmark = [pytest.mark.anyio, pytest.mark.integration]

PASSWORD: Final = "secret"
SENTINEL_PASSWORD: Final = "other"


@pytest.fixture(scope="module")
def trio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SentinelTrio]:
    """A primary with a replica and sentinels, for tests that leave them as they are."""
    with running(trio_in(tmp_path_factory.mktemp("trio"))) as started:
        yield started


@pytest.fixture
def trio_to_break(tmp_path: Path) -> Iterator[SentinelTrio]:
    with running(trio_in(tmp_path)) as started:
        yield started


def trio_in(folder: Path) -> SentinelTrio:
    return SentinelTrio(folder, password=PASSWORD, sentinel_password=SENTINEL_PASSWORD)


async def test_the_primary_that_the_sentinels_name_is_written_to(trio: SentinelTrio) -> None:
    seen = Seen()

    async with linked(trio.url, seen) as links:
        await links.client.set(NAMES[0], "1")
        found = {name async for name in links.sweeper.scan_iter()}
        primaries = await links.primaries()

    assert set(primaries) == places(trio.primary)
    assert trio.ask(trio.primary, "GET", NAMES[0]) == b"1"
    assert found == {NAMES[0].encode()}
    assert len(set(seen.run_ids)) == 1


async def test_a_primary_that_was_demoted_is_not_written_to(trio_to_break: SentinelTrio) -> None:
    trio = trio_to_break

    async with linked(trio.url) as links:
        await asyncio.gather(*(links.client.set(NAMES[0], "before") for _ in range(4)))
        await apart(trio.fail_over)

        await bounded(links.client.set(NAMES[0], "after"))
        in_a_pipeline = await bounded(together(links, ("SET", NAMES[1], "after"), ("GET", NAMES[1])))

    assert in_a_pipeline[1] == b"after"
    assert trio.ask(trio.replica, "GET", NAMES[0]) == b"after"


async def test_when_the_primary_dies_the_promoted_replica_is_found(trio_to_break: SentinelTrio) -> None:
    trio = trio_to_break

    async with linked(trio.url) as links:
        await asyncio.gather(*(links.client.set(NAMES[0], "before") for _ in range(4)))
        trio.primary.kill()
        with pytest.raises((RedisError, OSError)):
            await bounded(links.client.get(NAMES[0]))
        await apart(trio.until_promoted)

        took = await seconds_until(lambda: links.client.set(NAMES[0], "after"))
        primaries = await links.primaries()

    assert took < RECOVERY
    assert set(primaries) == places(trio.replica)


async def test_idle_connections_to_a_primary_that_hung_are_not_used(
    trio_to_break: SentinelTrio,
) -> None:
    trio = trio_to_break

    async with linked(trio.url) as links:
        await asyncio.gather(*(links.client.set(NAMES[0], "before") for _ in range(4)))
        trio.primary.freeze()
        await apart(trio.until_promoted)
        await links.primaries()
        trio.primary.thaw()

        await bounded(links.client.set(NAMES[0], "after"))

    assert trio.ask(trio.replica, "GET", NAMES[0]) == b"after"


async def test_sentinels_that_are_dead_or_hang_are_passed_over(tmp_path: Path) -> None:
    sentinels = [Node(tmp_path, sentinel=True) for _ in range(3)]
    hosts = ",".join(f"127.0.0.1:{each.port}" for each in sentinels)
    dead, hanging, well = sentinels
    with running(hanging), running(well):
        well.ask("SENTINEL", "MONITOR", "main", "127.0.0.1", 7, 1)
        hanging.freeze()

        async with linked(f"redis+sentinel://{hosts}/main") as links:
            await seconds_until(links.primaries)
            once_known = [await seconds_until(links.primaries) for _ in range(5)]
            well.kill()
            with pytest.raises(RedisError, match="no sentinel names the primary of 'main'") as told:
                await bounded(links.primaries())

    assert min(once_known) < ANSWER_SECONDS
    assert all(f"127.0.0.1:{each.port}: " in str(told.value) for each in (dead, hanging, well))


async def test_a_name_that_no_sentinel_knows_is_told(trio: SentinelTrio) -> None:
    async with linked(trio.url.replace("mymaster", "other")) as links:
        with pytest.raises(RedisError, match=r"'other' .*it knows no such name"):
            await links.primaries()


async def test_a_replica_that_is_named_is_not_used(trio: SentinelTrio) -> None:
    """As it happens when a sentinel has not heard of a failover yet."""
    trio.watch(trio.sentinels[0], "other", trio.replica)
    seen = Seen()

    async with linked(trio.url.replace("mymaster", "other"), seen) as links:
        with pytest.raises(RedisError, match="the server is a replica, no longer the primary"):
            await links.client.get(NAMES[0])

    assert seen.run_ids == []


async def test_after_a_sentinel_that_names_a_replica_another_one_is_asked(trio: SentinelTrio) -> None:
    late, *others = trio.sentinels
    trio.watch(late, "third", trio.replica)
    for sentinel in others:
        trio.watch(sentinel, "third", trio.primary)

    url = trio.url.replace("mymaster", "third")

    async with linked(url) as links:
        await links.client.set(NAMES[0], "1")
    async with linked(url) as links:
        exchanged = await together(links, ("GET", NAMES[0]), ("DEL", NAMES[0]))

    assert exchanged == [b"1", 1]


async def test_a_sentinel_and_its_primary_are_reached_with_tls(tmp_path: Path) -> None:
    with running(Node(tmp_path)) as server, running(Node(tmp_path, sentinel=True)) as sentinel:
        async with encrypting(server.port) as port, encrypting(sentinel.port) as sentinel_port:
            sentinel.ask("SENTINEL", "MONITOR", "main", "127.0.0.1", port, 1)
            url = f"rediss+sentinel://127.0.0.1:{sentinel_port}/main?ssl_ca_certs={AUTHORITY}"
            async with linked(f"{url}&ssl_check_hostname=false") as links:
                await links.client.set(NAMES[0], "1")

        assert server.ask("GET", NAMES[0]) == b"1"
