"""Commands that travel together to one server."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cache.linked import bounded, linked, together
from tests.cache.node import Node, running

pytestmark = [pytest.mark.anyio, pytest.mark.integration]


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    with running(Node(tmp_path)) as started:
        yield started


def url_of(node: Node) -> str:
    return f"redis://127.0.0.1:{node.port}"


async def test_a_restart_costs_no_command_and_is_told(node: Node) -> None:
    seen: list[str] = []
    async with linked(url_of(node), seen.append) as links:
        await together(links, ("SET", "analytics:a", "1"))
        node.kill()
        node.start()

        found = await together(links, ("GET", "analytics:a"), ("PTTL", "analytics:a"))

    assert found == [None, -2]
    assert len(set(seen)) == 2


async def test_who_breaks_off_leaves_no_reply_for_the_next_one(node: Node) -> None:
    async with linked(url_of(node), connections=1) as links:
        await together(links, ("SET", "analytics:a", "1"), ("SET", "analytics:b", "2"))
        node.freeze()
        with pytest.raises(TimeoutError):
            await bounded(together(links, ("GET", "analytics:a")))
        node.thaw()

        assert await together(links, ("GET", "analytics:b")) == [b"2"]


async def test_what_is_wrong_with_one_command_is_no_fault_of_those_beside_it(node: Node) -> None:
    async with linked(url_of(node)) as links:
        replies = await links.exchange(
            [("SET", "analytics:a", b"\x00\xff"), ("LPUSH", "analytics:a", 1), ("GET", "analytics:a")]
        )

    assert (replies[0], replies[2]) == (b"OK", b"\x00\xff")
    assert "WRONGTYPE" in str(replies[1])


async def test_whoever_finds_no_connection_free_waits_for_one(node: Node) -> None:
    seen: list[str] = []

    async with linked(url_of(node), seen.append, connections=2) as links:
        await asyncio.gather(*(together(links, ("SET", f"analytics:{n}", "1")) for n in range(50)))

    assert len(seen) == 2
