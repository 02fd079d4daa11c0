"""Links for tests: made, used as the store uses them, and closed."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final

from redis.exceptions import RedisError

from cache.links import Links, Place, links_of
from cache.patience import patience
from tests.cache.node import Node

BUDGET: Final = 0.25
"""Seconds that the store gives an operation."""

RECOVERY: Final = 2.0
"""Seconds after a promotion until all is well again."""

NAMES: Final = [f"analytics:gen:{number}" for number in range(200)]
"""Keys for every node of a Cluster."""


class Seen:
    """Vouches for every server, and remembers it."""

    def __init__(self) -> None:
        self.run_ids: list[str] = []

    def __call__(self, run_id: str) -> None:
        self.run_ids.append(run_id)


@asynccontextmanager
async def linked(
    url: str, vouch: Callable[[str], None] | None = None, connections: int = 4
) -> AsyncIterator[Links]:
    links = links_of(url, connections=connections, sweep_timeout=1.0, vouch=vouch or Seen())
    try:
        yield links
    finally:
        await links.close()


async def together(links: Links, *commands: Sequence[Any]) -> list[Any]:
    """Raises the first fault."""
    replies = await links.exchange([tuple(command) for command in commands])
    for reply in replies:
        if isinstance(reply, Exception):
            raise reply
    return replies


async def bounded(operation: Awaitable[Any]) -> Any:
    """As the store asks: with an end to all waiting."""
    with patience(BUDGET):
        return await operation


async def seconds_until(succeeds: Callable[[], Awaitable[Any]]) -> float:
    """How long it fails; every try is bounded."""
    start = time.monotonic()
    while time.monotonic() < start + 10:
        try:
            await bounded(succeeds())
        except (RedisError, OSError):
            await asyncio.sleep(0.02)
        else:
            return time.monotonic() - start
    raise AssertionError("it never succeeds again")


async def apart(wait: Callable[..., None], *arguments: Any) -> None:
    """Wait for servers without keeping the loop from its work."""
    await asyncio.to_thread(wait, *arguments)


def places(*nodes: Node) -> set[Place]:
    return {Place("127.0.0.1", node.port) for node in nodes}
