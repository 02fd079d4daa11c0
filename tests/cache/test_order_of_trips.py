"""What stands in a trip, in which order, and what comes of replies that nobody asked for."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import pytest
from redis.exceptions import OutOfMemoryError, ResponseError

from cache import Missing, RedisStore, StoreDown, Timeouts
from cache.clients import renew
from cache.lock import RedisLease
from cache.pool import Command
from cache.store import Claim
from tests.cache.fakes import PREFIX, key, until
from tests.cache.linked import apart, linked
from tests.cache.mistreat import SpoilingProxy
from tests.cache.node import Node, fresh_port, running
from tests.cache.node import until as until_it_holds
from tests.cache.road import Road
from tests.cache.room import Room

pytestmark = pytest.mark.anyio

NAME: Final = key().name
SLOTS: Final = 16_384
FULL: Final = "command not allowed when used memory > 'maxmemory'."


class Wire:
    """Answers commands by their first word, and remembers them."""

    def __init__(self, **replies: Any) -> None:
        self.sent: list[list[Command]] = []
        self.replies = replies
        self.then: dict[str, Any] = {}
        """What it answers otherwise after the first trip."""
        self.gate = asyncio.Event()
        self.gate.set()

    async def __call__(self, commands: Sequence[Command]) -> list[Any]:
        self.sent.append(list(commands))
        await self.gate.wait()
        replies = [self.replies.get(str(each[0])) for each in commands]
        self.replies |= self.then
        return replies

    def words(self) -> list[list[str]]:
        return [[str(command[0]) for command in trip] for trip in self.sent]


def lease_over(wire: Wire) -> RedisLease:
    async def unused(*_: Any) -> Any:
        raise AssertionError

    return RedisLease("lock", 2, wire, unused, unused)


async def store_over(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> RedisStore:
    """A store that talks to nobody else, and trusts what it hears."""
    store = RedisStore("redis://127.0.0.1:1/0", prefix=PREFIX, timeouts=Timeouts(operation=1))

    async def vouched() -> str:
        return "server"

    monkeypatch.setattr(store._links, "exchange", wire)
    monkeypatch.setattr(store._tracker, "vouched", vouched)
    monkeypatch.setattr(store._tracker, "vouches_for", lambda _: True)
    return store


async def test_the_attempt_to_take_a_lease_comes_before_the_look(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else an answer that was kept in between would be missed, and loaded again."""
    wire = Wire(PTTL=-2)
    store = await store_over(wire, monkeypatch)

    look = await store.lease("a").look(NAME, ("x", "y"))

    assert (look.claim, look.found) == (Claim.OURS, Missing.ABSENT)
    assert wire.words() == [["SET", "PTTL", "GET", "PTTL", "SET", "SET"]]
    await store.close()


async def test_an_answer_is_kept_before_its_lease_is_let_go() -> None:
    wire = Wire(SET=b"OK")

    await lease_over(wire).put("a", b"1", 1_000)

    assert wire.words() == [["SET", "EVAL"]]


@pytest.mark.parametrize("held", [7, True, [b"token"], {b"a": 1}, 1.5])
def test_nobody_is_waited_for_on_the_word_of_a_garbled_reply(held: Any) -> None:
    assert lease_over(Wire()).claim_in(held, 1_000) is Claim.UNSHARED


def test_an_attempt_that_is_refused_is_no_failure_of_the_look() -> None:
    refusal = ResponseError("NOREPLICAS Not enough good replicas to write.")

    assert lease_over(Wire()).claim_in(refusal, -2) is Claim.UNSHARED


@pytest.mark.parametrize("reply", [None, 7, [b"a.b"], [b"a.b"] * 6, {b"a": 1}])
async def test_a_garbled_reply_is_a_failure_of_the_store(reply: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    store = await store_over(Wire(MGET=reply, PTTL=-2), monkeypatch)

    with pytest.raises(StoreDown):
        await store.look(NAME, tuple("abcde"))
    await store.close()


@pytest.mark.parametrize(
    "reply", [7, [b"a.b"], ResponseError("WRONGTYPE"), ResponseError("NOREPLICAS"), OutOfMemoryError(FULL)]
)
async def test_a_token_that_is_not_told_is_asked_for_by_itself(
    reply: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full server answers no command that might write, though the token is there."""
    wire = Wire(SET=reply, PTTL=-2)
    store = await store_over(wire, monkeypatch)
    wire.then = {"GET": b"a.b"}

    look = await store.look(NAME, ("x",))

    assert look.stamps["x"] == "a.b"
    assert wire.words() == [["GET", "PTTL", "SET"], ["SET", "GET"]]
    await store.close()


async def test_a_token_is_the_one_that_was_there_or_the_one_that_was_offered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    wire = Wire(PTTL=-2)
    store = await store_over(wire, monkeypatch)

    made = (await store.look(NAME, ("x",))).stamps["x"]
    wire.replies["SET"] = b"a.b"
    there = (await store.look(NAME, ("x",))).stamps["x"]

    assert wire.sent[0][-1][2] == made
    assert there == "a.b"
    assert wire.words() == [["GET", "PTTL", "SET"]] * 2
    await store.close()


async def test_a_lease_that_is_taken_when_its_caller_has_left_is_let_go(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The caller's own word may have come before it."""
    wire = Wire(PTTL=-2)
    store = await store_over(wire, monkeypatch)
    wire.gate.clear()
    leaving = asyncio.create_task(store.lease("a").look(NAME, ("x",)))
    await until(lambda: bool(wire.sent))

    leaving.cancel()
    await asyncio.wait((leaving,))
    wire.gate.set()
    await until(lambda: len(wire.sent) == 2)

    assert wire.words()[1] == ["EVAL"]
    await store.close()


@pytest.mark.parametrize("turns", range(6))
async def test_who_waits_at_the_close_is_told_whenever_that_comes(turns: int) -> None:
    road = Road()
    road.gate.clear()
    waiting = road.ask("a")
    for _ in range(turns):
        await asyncio.sleep(0)

    await road.looks.close()

    with pytest.raises(StoreDown):
        async with asyncio.timeout(5):
            await waiting


async def test_what_several_processes_wait_for_lies_where_its_answer_does() -> None:
    """In a Cluster one command follows the other to the same node."""
    room = Room()
    room.database.gate.clear()
    loading = asyncio.create_task(room.answer())
    await until(lambda: bool(room.store.leases))

    (lease,) = room.store.leases
    room.database.gate.set()
    await loading

    assert lease.startswith(f"{{{NAME}}}:")


async def test_connections_are_closed_without_a_farewell() -> None:
    """In TLS a server that hangs is given half a minute for it."""
    told: list[bool] = []

    class Connection:
        async def disconnect(self, *, nowait: bool = False) -> None:
            told.append(nowait)

    async with linked("redis://127.0.0.1:1/0") as links:
        client: Any = links.client
        pool = client.connection_pool
        pool._available_connections.append(Connection())
        pool._in_use_connections.add(Connection())
        await renew(links.client)
        pool._available_connections.clear()
        pool._in_use_connections.clear()

    assert told == [True, True]


@pytest.mark.integration
@pytest.mark.parametrize("cluster", [False, True])
async def test_after_a_reply_too_many_each_question_gets_its_own(tmp_path: Path, *, cluster: bool) -> None:
    node = Node(tmp_path)
    proxy = SpoilingProxy("127.0.0.1", node.port)
    await proxy.start()
    if cluster:
        # Its own choice is 10,000 above its port, which there may not be.
        announced = {"cluster-announce-ip": "127.0.0.1", "cluster-announce-port": str(proxy.port)}
        announced["cluster-port"] = str(fresh_port())
        node.settings.update({"cluster-enabled": "yes", "cluster-config-file": "nodes.conf", **announced})
    with running(node):
        if cluster:
            node.ask("CLUSTER", "ADDSLOTSRANGE", 0, SLOTS - 1)
            await apart(until_it_holds, lambda: b"cluster_state:ok" in node.ask("CLUSTER", "INFO"), "slots")
        for number in range(6):
            node.ask("SET", f"k{number}", number)
        url = f"redis{'+cluster' if cluster else ''}://127.0.0.1:{proxy.port}"
        async with linked(url, connections=1) as links:
            await links.exchange([("GET", "k0")])
            proxy.spoil = lambda reply: (reply + b"$3\r\nbad\r\n", True)
            await links.exchange([("GET", "k1")])
            proxy.spoil = None
            found = [await links.exchange([("GET", f"k{number}")]) for number in range(2, 6)]
    await proxy.stop()

    assert found == [[b"%d" % number] for number in range(2, 6)]
