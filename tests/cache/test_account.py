"""The accounts that docs/redis.md shows: each command in them is needed, and no other."""

import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Final

import pytest
from redis.exceptions import ResponseError

from cache import RedisStore, StoreDown
from cache.tokens import Mode
from tests.cache.linked import linked
from tests.cache.node import Node, fresh_port, running, until
from tests.cache.topologies import SLOTS

pytestmark = [pytest.mark.anyio, pytest.mark.integration]

PAGE: Final = (Path(__file__).parents[2] / "docs" / "redis.md").read_text("utf-8")
FOR_STORE, FOR_SENTINEL = re.findall(r"^ACL SETUSER servery (.*)$", PAGE, re.MULTILINE)
IN_TABLE: Final = re.findall(r"\| `(\+.*)` \|$", PAGE, re.MULTILINE)
FOR_CLUSTER, FOR_DATABASE = (words.replace("\\", "") for words in IN_TABLE)

PREFIX: Final = "analytics"
TAGS: Final = tuple(f"table:t{number}" for number in range(20))
MINUTE: Final = 60_000


def rights(rules: str) -> list[str]:
    return [word for word in rules.split() if word.startswith("+")]


def without(right: str, rules: str) -> str:
    return " ".join(word for word in rules.split() if word != right)


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    with running(Node(tmp_path_factory.mktemp("server"))) as started:
        yield started


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Node, Node]]:
    """A Cluster of two primaries, the second of which has only the last slot."""
    folder = tmp_path_factory.mktemp("cluster")
    first, second = (
        Node(folder, {"cluster-enabled": "yes", "cluster-port": str(fresh_port())}) for _ in range(2)
    )
    with running(first), running(second):
        first.ask("CLUSTER", "ADDSLOTSRANGE", 0, SLOTS - 2)
        second.ask("CLUSTER", "ADDSLOTSRANGE", SLOTS - 1, SLOTS - 1)
        first.ask("CLUSTER", "MEET", "127.0.0.1", second.port, int(second.settings["cluster-port"]))
        for each in (first, second):
            until(partial(agrees, each), "the two are a Cluster")
        yield first, second


def agrees(node: Node) -> bool:
    return b"cluster_state:ok" in node.ask("CLUSTER", "INFO") and len(node.ask("CLUSTER", "SLOTS")) == 2


def employ(node: Node, rules: str) -> None:
    """Anew, at a server that knows no key and no script yet."""
    node.ask("ACL", "DELUSER", "servery")
    node.ask("ACL", "SETUSER", "servery", *rules.split())
    with suppress(ResponseError):  # sentinels have neither
        node.ask("FLUSHALL")
        node.ask("SCRIPT", "FLUSH")
    node.ask("ACL", "LOG", "RESET")


def denied(node: Node) -> set[str]:
    """The commands that were refused, as a right names them."""
    entries = [dict(zip(entry[::2], entry[1::2], strict=True)) for entry in node.ask("ACL", "LOG")]
    return {f"+{entry[b'object'].decode()}" for entry in entries if entry[b"reason"] == b"command"}


async def use_all(url: str) -> list[str]:
    """Everything that a store can be asked for. Gives what went wrong."""
    store = RedisStore(url, prefix=PREFIX)
    faults: list[str] = []
    name = f"{PREFIX}:query:{'a' * 32}"

    async def names() -> None:
        async for _ in store.names(f"{PREFIX}:query:*"):
            pass

    ours, theirs = store.lease("a"), store.lease("a")
    for operation in (
        lambda: store.look(name, TAGS),
        lambda: store.put(name, b"x", MINUTE),
        lambda: store.invalidate(TAGS, Mode.PURGE),
        lambda: store.invalidate(TAGS, Mode.EXPIRE),
        lambda: store.note("load:a", "text", MINUTE),
        lambda: store.notes("load:*"),
        ours.take,
        ours.renew,
        lambda: ours.release(unshared=False),
        lambda: theirs.look(name, TAGS),
        lambda: theirs.put(name, b"x", MINUTE),
        lambda: theirs.release(unshared=True),
        store.info,
        names,
        lambda: store.delete(name),
        lambda: store.clear(f"{PREFIX}:query:aaaa*", Mode.EXPIRE),
        lambda: store.clear(f"{PREFIX}:*", Mode.PURGE),
    ):
        try:
            await operation()
        except StoreDown as fault:
            faults.append(fault.reason)
    await store.close()
    return faults


async def test_the_account_of_the_page_is_enough(node: Node) -> None:
    employ(node, FOR_STORE)

    faults = await use_all(f"redis://servery:secret@127.0.0.1:{node.port}")

    assert faults == []
    assert node.ask("ACL", "LOG") == []


@pytest.mark.parametrize("right", rights(FOR_STORE))
async def test_no_right_of_the_account_is_idle(node: Node, right: str) -> None:
    employ(node, without(right, FOR_STORE))

    await use_all(f"redis://servery:secret@127.0.0.1:{node.port}")

    assert right in denied(node)


async def test_another_database_needs_one_more_right(node: Node) -> None:
    url = f"redis://servery:secret@127.0.0.1:{node.port}/1"
    employ(node, FOR_STORE)
    refused = await use_all(url)
    employ(node, f"{FOR_STORE} {FOR_DATABASE}")

    assert refused
    assert await use_all(url) == []
    assert node.ask("ACL", "LOG") == []


@pytest.mark.parametrize(
    "command", [("GET", "other:a"), ("SET", "analytics", "1"), ("FLUSHDB",), ("KEYS", "*")]
)
def test_the_account_reaches_nothing_else(node: Node, command: tuple[str, ...]) -> None:
    employ(node, FOR_STORE)

    with pytest.raises(ResponseError, match="permission"):
        node.ask(*command, user="servery", password="secret")


async def test_the_account_for_a_cluster_is_enough(pair: tuple[Node, Node]) -> None:
    for each in pair:
        employ(each, f"{FOR_STORE} {FOR_CLUSTER}")

    async with moving(*pair) as name:
        faults = await use_all(url_of(pair))
        async with linked(url_of(pair)) as links:
            await links.client.set(name, "1")

    assert faults == []
    assert all(each.ask("ACL", "LOG") == [] for each in pair)


@pytest.mark.parametrize("right", rights(FOR_CLUSTER))
async def test_no_right_of_the_account_for_a_cluster_is_idle(pair: tuple[Node, Node], right: str) -> None:
    for each in pair:
        employ(each, without(right, f"{FOR_STORE} {FOR_CLUSTER}"))

    async with moving(*pair) as name, linked(url_of(pair)) as links:
        with pytest.raises(Exception, match=r"no permissions|no node of the Cluster"):
            await links.client.set(name, "1")

    assert right in set().union(*map(denied, pair))


async def test_the_account_at_the_sentinels_is_enough_and_not_idle(tmp_path: Path) -> None:
    with running(Node(tmp_path, sentinel=True)) as sentinel:
        sentinel.ask("SENTINEL", "MONITOR", "main", "127.0.0.1", 7, 1)
        parameters = "sentinel_username=servery&sentinel_password=secret"
        url = f"redis+sentinel://127.0.0.1:{sentinel.port}/main?{parameters}"

        employ(sentinel, FOR_SENTINEL)
        async with linked(url) as links:
            assert await links.primaries()
        (right,) = rights(FOR_SENTINEL)
        employ(sentinel, without(right, FOR_SENTINEL))
        async with linked(url) as links:
            with pytest.raises(Exception, match="no permissions"):
                await links.primaries()


def url_of(pair: tuple[Node, Node]) -> str:
    return f"redis+cluster://servery:secret@127.0.0.1:{pair[0].port}"


@asynccontextmanager
async def moving(source: Node, target: Node) -> AsyncIterator[str]:
    """The name of a key whose slot is on its way from one to the other."""
    name = f"{PREFIX}:gen:moving"
    slot = source.ask("CLUSTER", "KEYSLOT", name)
    here, there = (each.ask("CLUSTER", "MYID") for each in (source, target))
    target.ask("CLUSTER", "SETSLOT", slot, "IMPORTING", here)
    source.ask("CLUSTER", "SETSLOT", slot, "MIGRATING", there)
    try:
        yield name
    finally:
        for each in (source, target):
            each.ask("CLUSTER", "SETSLOT", slot, "STABLE")
