"""The ways to a Cluster: every key at its primary, also while slots move and when servers fail."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from redis.exceptions import RedisError

from cache.links import Place
from tests.cache.encrypting import AUTHORITY, encrypting
from tests.cache.linked import NAMES, RECOVERY, Seen, apart, bounded, linked, places, seconds_until, together
from tests.cache.node import Node, fresh_port, running, until
from tests.cache.topologies import SLOTS, SixNodes

pytestmark = [pytest.mark.anyio, pytest.mark.integration]

PASSWORD: Final = "secret"


@pytest.fixture(scope="module")
def six(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SixNodes]:
    """A whole Cluster, for tests that leave it whole."""
    with running(SixNodes(tmp_path_factory.mktemp("cluster"), password=PASSWORD)) as started:
        yield started


@pytest.fixture
def six_to_break(tmp_path: Path) -> Iterator[SixNodes]:
    with running(SixNodes(tmp_path, password=PASSWORD)) as started:
        yield started


async def test_any_node_tells_of_all_primaries(six: SixNodes) -> None:
    for node in (six.nodes[0], six.nodes[5]):
        async with linked(six.url(node)) as links:
            assert set(await links.primaries()) == places(*six.primaries)


async def test_commands_that_travel_together_reach_the_slots_of_all_nodes(six: SixNodes) -> None:
    seen = Seen()

    async with linked(six.url(), seen) as links:
        await together(links, *(("SET", name, name) for name in NAMES))
        found = await together(links, *(("GET", name) for name in NAMES))

    assert found == [name.encode() for name in NAMES]
    assert len(set(seen.run_ids)) == 3


async def test_each_connection_to_a_node_says_first_where_it_leads(six: SixNodes) -> None:
    def refuse(_run_id: str) -> None:
        raise ConnectionError("another server")

    async with linked(six.url(), refuse) as links:
        with pytest.raises(RedisError, match="another server"):
            await links.client.set(NAMES[0], "refused")

    assert six.ask(six.serving(NAMES[0]), "GET", NAMES[0]) != b"refused"


async def test_replicas_are_asked_who_serves_and_are_not_vouched_for(six: SixNodes) -> None:
    primaries = {run_id_of(six, node) for node in six.primaries}
    seen = Seen()

    async with linked(six.url(*six.nodes[3:]), seen) as links:
        await links.primaries()
        await together(links, *(("GET", name) for name in NAMES))

    assert set(seen.run_ids) == primaries


async def test_whoever_finds_no_connection_to_a_node_free_waits_for_one(six: SixNodes) -> None:
    seen = Seen()

    async with linked(six.url(), seen, connections=2) as links:
        await asyncio.gather(*(links.client.set(name, name) for name in NAMES))
        await asyncio.gather(*(together(links, ("GET", name)) for name in NAMES))

    assert len(seen.run_ids) <= 2 * 3


async def test_a_sweep_finds_and_deletes_the_keys_of_all_nodes(six: SixNodes) -> None:
    async with linked(six.url()) as links:
        await together(links, *(("SET", name, name) for name in NAMES))

        found = {name async for name in links.sweeper.scan_iter(match="analytics:*", count=20)}
        deleted = await links.sweep([("UNLINK", name) for name in (*found, "analytics:gen:absent")])

    assert found == {name.encode() for name in NAMES}
    assert sum(deleted) == len(NAMES)


async def test_all_primaries_tell_their_figures(six: SixNodes) -> None:
    async with linked(six.url()) as links:
        client: Any = links.client
        figures = await client.info(target_nodes=client.PRIMARIES)

    assert len(figures) == 3


async def test_a_wrong_command_is_told_and_costs_the_others_nothing(six: SixNodes) -> None:
    async with linked(six.url()) as links:
        commands = ("SET", NAMES[0], "text"), ("LPUSH", NAMES[0], "x"), ("GET", NAMES[0])
        replies = await links.exchange(commands)
        with pytest.raises(RedisError, match="WRONGTYPE"):
            await links.client.execute_command("LPUSH", NAMES[0], "x")
        with pytest.raises(RedisError, match="WRONGTYPE"):
            await together(links, ("GET", NAMES[0]), ("LPUSH", NAMES[0], "x"))

    assert (replies[0], replies[2]) == (b"OK", b"text")
    assert "WRONGTYPE" in str(replies[1])


async def test_a_slot_is_followed_while_it_moves_and_afterwards(six: SixNodes) -> None:
    name = "analytics:gen:moving"
    source = six.serving(name)
    target = next(node for node in six.primaries if node is not source)
    slot = six.ask(source, "CLUSTER", "KEYSLOT", name)

    async with linked(six.url()) as links:
        await asyncio.gather(*(links.client.set(name, "before") for _ in range(8)))
        await links.client.unlink(name)
        six.ask(target, "CLUSTER", "SETSLOT", slot, "IMPORTING", six.name_of(source))
        six.ask(source, "CLUSTER", "SETSLOT", slot, "MIGRATING", six.name_of(target))
        await links.client.set(name, "on its way")
        while_moving = await together(links, ("GET", name), ("GET", NAMES[0]))
        for node in six.primaries:
            six.ask(node, "CLUSTER", "SETSLOT", slot, "NODE", six.name_of(target))
        six.ask(source, "CONFIG", "RESETSTAT")
        afterwards = [await together(links, ("GET", name), ("GET", NAMES[0])) for _ in range(3)]

    assert while_moving[0] == b"on its way"
    assert {found for found, _ in afterwards} == {b"on its way"}
    assert b"errorstat_MOVED:count=1\r" in six.ask(source, "INFO", "errorstats")
    assert six.ask(target, "GET", name) == b"on its way"


async def test_when_a_primary_dies_the_new_one_is_found(six_to_break: SixNodes) -> None:
    six = six_to_break
    primary = six.serving(NAMES[0])
    elsewhere = next(name for name in NAMES if six.serving(name) is not primary)

    async with linked(six.url(primary)) as links:
        await together(links, *(("SET", name, "before") for name in NAMES))
        primary.kill()
        with pytest.raises((RedisError, OSError)):
            await bounded(links.client.get(NAMES[0]))
        still_there = await bounded(links.client.get(elsewhere))
        await apart(six.until_promoted, six.replica_of(primary))

        alone = await seconds_until(lambda: links.client.set(NAMES[0], "after"))
        in_a_pipeline = await seconds_until(lambda: together(links, *(("GET", name) for name in NAMES)))
        primaries = await links.primaries()

    assert still_there == b"before"
    assert alone + in_a_pipeline < RECOVERY
    assert places(primary).isdisjoint(primaries)
    assert places(six.replica_of(primary)) < set(primaries)


async def test_a_primary_that_steps_down_is_left(six_to_break: SixNodes) -> None:
    six = six_to_break
    primary = six.primaries[0]

    async with linked(six.url()) as links:
        await together(links, *(("SET", name, "before") for name in NAMES))
        before = connections_to(six, primary)
        six.ask(six.replica_of(primary), "CLUSTER", "FAILOVER")
        await apart(six.until_promoted, six.replica_of(primary))
        await apart(six.until_named, six.replica_of(primary))

        primaries = await links.primaries()
        await apart(until, lambda: connections_to(six, primary) < before, "its connections are closed")
        await together(links, *(("SET", name, "after") for name in NAMES))

    assert places(primary).isdisjoint(primaries)


async def test_a_primary_that_hangs_is_replaced_and_not_written_to_when_it_wakes(
    six_to_break: SixNodes,
) -> None:
    six = six_to_break
    primary = six.serving(NAMES[0])

    async with linked(six.url()) as links:
        await together(links, *(("SET", name, "before") for name in NAMES))
        primary.freeze()
        with pytest.raises((RedisError, OSError)):
            await bounded(links.client.get(NAMES[0]))
        await apart(six.until_promoted, six.replica_of(primary))

        took = await seconds_until(lambda: together(links, *(("SET", name, "after") for name in NAMES)))
        primary.thaw()
        await bounded(links.client.set(NAMES[0], "last"))

    assert took < RECOVERY
    assert six.ask(six.replica_of(primary), "GET", NAMES[0]) == b"last"


async def test_a_slot_that_nobody_serves_is_told_and_the_others_are_served(tmp_path: Path) -> None:
    settings = {
        "cluster-enabled": "yes",
        "cluster-port": str(fresh_port()),
        "cluster-require-full-coverage": "no",
    }
    with running(Node(tmp_path, settings)) as node:
        orphan, served = NAMES[:2]
        slot = node.ask("CLUSTER", "KEYSLOT", orphan)
        node.ask("CLUSTER", "ADDSLOTSRANGE", 0, slot - 1, slot + 1, SLOTS - 1)
        async with linked(f"redis+cluster://127.0.0.1:{node.port}") as links:
            await seconds_until(lambda: links.client.set(served, "1"))

            with pytest.raises(RedisError, match=f"no primary serves slot {slot}"):
                await links.client.get(orphan)
            with pytest.raises(RedisError, match="No targets"):
                await links.client.execute_command("SCAN", 0, target_nodes="replicas")
            assert await links.client.get(served) == b"1"


async def test_a_server_alone_is_no_cluster(tmp_path: Path) -> None:
    with running(Node(tmp_path)) as node:
        async with linked(f"redis+cluster://127.0.0.1:{node.port}") as links:
            with pytest.raises(RedisError, match="cluster support disabled"):
                await links.client.get(NAMES[0])
            with pytest.raises(RedisError, match="cluster support disabled"):
                await links.primaries()


async def test_a_cluster_that_is_away_is_told_with_all_who_were_asked() -> None:
    ports = fresh_port(), fresh_port()
    hosts = ",".join(f"127.0.0.1:{port}" for port in ports)

    async with linked(f"redis+cluster://{hosts}") as links:
        with pytest.raises(RedisError) as told:
            await together(links, ("GET", NAMES[0]))

    assert all(f"127.0.0.1:{port}: " in str(told.value) for port in ports)


async def test_a_cluster_is_reached_with_tls_by_the_names_of_its_nodes(tmp_path: Path) -> None:
    settings = {"cluster-enabled": "yes", "cluster-port": str(fresh_port())}
    with running(Node(tmp_path, settings)) as node:
        async with encrypting(node.port) as port:
            node.ask("CONFIG", "SET", "cluster-announce-port", port)
            node.ask("CONFIG", "SET", "cluster-announce-hostname", "localhost")
            node.ask("CONFIG", "SET", "cluster-preferred-endpoint-type", "hostname")
            node.ask("CLUSTER", "ADDSLOTSRANGE", 0, SLOTS - 1)
            async with linked(f"rediss+cluster://localhost:{port}?ssl_ca_certs={AUTHORITY}") as links:
                await seconds_until(lambda: links.client.set(NAMES[0], "1"))
                primaries = await links.primaries()

        assert primaries == (Place("localhost", port),)
        assert node.ask("GET", NAMES[0]) == b"1"


def connections_to(six: SixNodes, node: Node) -> int:
    told: bytes = six.ask(node, "CLIENT", "LIST", "TYPE", "NORMAL")
    return len(told.splitlines())


def run_id_of(six: SixNodes, node: Node) -> str:
    told: bytes = six.ask(node, "INFO", "server")
    return told.partition(b"run_id:")[2][:40].decode()
