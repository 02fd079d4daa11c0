"""A tracker, and the server that it watches."""

import asyncio

from cache.links import links_of
from cache.tracker import Rhythm, Tracker
from tests.cache.fakes import PREFIX, Watcher, until
from tests.cache.servers import RunningRedis

QUICK = Rhythm(beat=0.02, lease=0.2)
PATIENCE = 10.0
"""Seconds within which what is expected must have happened on a busy machine."""


class Scene:
    """A tracker, and the server that it watches."""

    def __init__(self, server: RunningRedis, rhythm: Rhythm = QUICK, url: str = "") -> None:
        self.seen = Watcher()
        self.links = links_of(url or server.url, connections=4, sweep_timeout=1, vouch=lambda _run_id: None)
        self.tracker = Tracker(self.links, PREFIX, rhythm=rhythm, observe=self.seen)

    async def knows(self, *tags: str) -> str:
        """Learn tokens; returns the server's identity."""
        server = await self.tracker.vouched()
        self.tracker.learn(dict.fromkeys(tags, "1"), self.tracker.mark())
        assert self.tracker.last_known(tags) == dict.fromkeys(tags, "1")
        return server

    async def until_vouched(self) -> str:
        await until(lambda: self.tracker.server)
        return self.tracker.server or ""

    async def close(self) -> None:
        async with asyncio.timeout(PATIENCE):
            await self.tracker.close()
            await self.links.close()
