"""Walks over many keys, a batch at a time, so that the server answers others in between.

They have connections of their own and are bounded by their callers. Raises what the library raises.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from time import monotonic
from typing import Final

import orjson
from redis.exceptions import ResponseError

from cache.ledger import Ledger
from cache.links import Links
from cache.pattern import confined, escaped, tag_for
from cache.pool import Command
from cache.replies import sound

_BATCH: Final = 500
_AT_FIRST: Final = 4
_SHORT: Final = 0.005
_LONG: Final = 0.01
"""Seconds for which a server may be held up by a few deletions, since it reads what it deletes."""

_UNLINK_UNLESS_STAMPED: Final = """
local deleted = 0
for place, name in ipairs(KEYS) do
  local held, stamped = redis.pcall('GET', name), false
  if ARGV[place] ~= '' and type(held) == 'string' then
    local line = string.sub(held, 1, string.find(held, '\\n', 1, true) or 0)
    stamped = string.find(line, ARGV[place], 1, true)
  end
  if not stamped then deleted = deleted + redis.call('UNLINK', name) end
end
return deleted
"""
"""In one step, so that nothing is put between the look and the deletion."""


class Sweeps:
    """Of the keys under one prefix."""

    def __init__(self, links: Links, prefix: str, ledger: Ledger) -> None:
        self._links = links
        self._prefix = prefix
        self._ledger = ledger

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

    async def unlink(self, pattern: str, tags: Sequence[str]) -> int:
        """Delete the answers that match; how many this call deleted.

        These tags of theirs have new tokens: whatever is stamped with those was loaded meanwhile, and is
        spared, or it would be loaded twice.
        """
        deleted, pace = 0, _Pace()
        async for names in self.names(pattern):
            began = monotonic()
            stamps = await self._stamps(names, tags)
            trip, start = monotonic() - began, 0
            while start < len(names):
                end, began = start + pace.names, monotonic()
                deleted += await self._unlink(names[start:end], stamps[start:end])
                pace.took(monotonic() - began - trip)
                start = end
        return deleted

    async def unlink_one(self, name: str, tag: str) -> int:
        """The same for one answer."""
        names = [name.encode()]
        return await self._unlink(names, await self._stamps(names, (tag,)))

    async def _stamps(self, names: Sequence[bytes], tags: Sequence[str]) -> list[bytes]:
        """What good answers of these names bear."""
        of_names = [tag_for(name.decode(errors="replace"), tags) for name in names]
        tokens = await self._ledger.held(tuple(dict.fromkeys(of_names)))
        return [_stamp(tag, tokens[tag]) for tag in of_names]

    async def _unlink(self, names: Sequence[bytes], stamps: Sequence[bytes]) -> int:
        # UNLINK tells how many it removed: two clears at one time never count a key twice.
        commands: list[Command] = [("EVAL", _UNLINK_UNLESS_STAMPED, len(names), *names, *stamps)]
        if not self._links.together:
            several = zip(names, stamps, strict=True)
            commands = [("EVAL", _UNLINK_UNLESS_STAMPED, 1, name, stamp) for name, stamp in several]
        return sum(map(sound, await self._links.sweep(commands)))

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


class _Pace:
    """How many names go into one script: more while it is short, so that a far server is not asked often."""

    def __init__(self) -> None:
        self.names = _AT_FIRST

    def took(self, seconds: float) -> None:
        """Beside the way there and back."""
        if seconds < _SHORT:
            self.names = min(self.names * 2, _BATCH)
        elif seconds > _LONG:
            self.names = max(self.names // 2, 1)


def _stamp(tag: str, token: str) -> bytes:
    """As it stands in the first line of an answer; nothing where there is no token to be stamped with."""
    return orjson.dumps({tag: token})[1:-1] if token else b""
