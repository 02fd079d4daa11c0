"""Walks over many keys, a batch at a time, so that the server answers others in between.

They have connections of their own and are bounded by their callers. Raises what the library raises.
"""

from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Final

from redis.exceptions import ResponseError

from cache.links import Links
from cache.pattern import confined, escaped

_BATCH: Final = 500


class Sweeps:
    """Of the keys under one prefix."""

    def __init__(self, links: Links, prefix: str) -> None:
        self._links = links
        self._prefix = prefix

    async def names(self, pattern: str) -> AsyncIterator[list[bytes]]:
        """The names of answers that match, some hundred at a time, some perhaps twice."""
        glob = confined(pattern, self._prefix)
        ours, batch = f"{self._prefix}:query:".encode(), []
        async for name in self._links.sweeper.scan_iter(match=glob, count=_BATCH):
            if name.startswith(ours):
                batch.append(name)
            if len(batch) >= _BATCH:
                yield batch
                batch = []
        if batch:
            yield batch

    async def unlink(self, pattern: str) -> int:
        """Delete the answers that match; how many this call deleted."""
        deleted = 0
        async for names in self.names(pattern):
            # UNLINK tells how many it removed: two clears at one time never count a key twice.
            deleted += await self._links.sweeper.unlink(*names)
        return deleted

    async def count(self, seen: set[bytes]) -> None:
        """Note the name of each answer in `seen`, which holds what was found when this is broken off."""
        async for names in self.names(f"{self._prefix}:query:*"):
            seen.update(names)

    async def notes(self, start: str, glob: str) -> dict[str, str]:
        """The texts under `start` whose topics match."""
        found = {}
        async for name in self._links.sweeper.scan_iter(match=escaped(start) + glob, count=_BATCH):
            text: object = None
            with suppress(ResponseError):  # something else lies under the name of a note
                text = await self._links.sweeper.get(name)
            if isinstance(text, bytes):
                found[name.decode(errors="replace").removeprefix(start)] = text.decode(errors="replace")
        return found
