"""Reads changes and outdates what depends on them, as long as its connection holds the lock.

A snapshot is passed only after everything before it was outdated, so whatever fails in between is done again.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Final, NoReturn

from cache.store import StoreDown
from db.changes import (
    CHANNEL,
    Batch,
    NotInstalled,
    Shape,
    changes_since,
    is_standby,
    server_of,
    shapes,
    titles_of,
)
from db.errors import Misconfigured
from db.listener import Line
from db.snapshot import Snapshot
from servery.events.bookmark import Bookmark
from servery.events.event import Absent, Gap, Observe, Outdated, Uncovered, Waits
from servery.events.notes import Memory, Notes, note_bookmark, note_shapes
from servery.events.pace import Pace
from servery.events.targets import Targets

Invalidate = Callable[[Sequence[str]], Awaitable[None]]
"""Outdates every answer with one of these tags. Raises StoreDown."""

_END: Final = Snapshot(2**63, 2**63)
"""After which nothing is new."""

POOLER: Final = (
    "its statements reach several server processes, so a pooler stands between: "
    "set SERVERY_EVENTS_DATABASE_URL to PostgreSQL's own address"
)


class Leader:
    """Goes on where `memory` ends. Used once, over one line."""

    def __init__(
        self,
        line: Line,
        targets: Targets,
        memory: Memory,
        *,
        invalidate: Invalidate,
        notes: Notes,
        observe: Observe,
        pace: Pace,
    ) -> None:
        self._line = line
        self._targets = targets
        self._memory = memory
        self._invalidate = invalidate
        self._notes = notes
        self._observe = observe
        self._pace = pace
        self._server = ""
        self._shapes: dict[str, str] = {}
        self._uncovered: frozenset[str] = frozenset()
        self._noted_at = 0.0
        self._is_waiting = False

    async def lead(self) -> NoReturn:
        """Until the line fails: raises DatabaseError then."""
        if not await is_standby(self._line):
            await self._line.listen(CHANNEL)
        said = ""
        while True:
            try:
                await self._follow()
            except NotInstalled as error:
                if error.detail != said:
                    self._observe(Absent(error.detail))
                said = error.detail
                await self._forget()
            await asyncio.sleep(self._pace.look_s)

    async def _follow(self) -> NoReturn:
        """Each turn is a poll; every few seconds, a look at the tables comes before it."""
        self._server = await server_of(self._line)
        await self._look()  # before anything is said: where nothing is installed, nothing is outdated
        mark, looked_at = self._recalled(), asyncio.get_running_loop().time()
        while True:
            now = asyncio.get_running_loop().time()
            if now - looked_at >= self._pace.look_s:
                await self._look()
                looked_at = now
            mark = await self._poll(mark)
            await self._line.rest(self._pace.poll_s)

    def _recalled(self) -> Bookmark | None:
        mark = self._memory.bookmark
        reason = mark.strange(self._server) if mark else "it is not known what was read last"
        if reason:
            self._observe(Gap(reason))
        return None if reason else mark

    async def _look(self) -> None:
        """See which relations there are. The poll behind it outdates those that are others than before."""
        if not self._server:
            self._server = await server_of(self._line)
        found = await shapes(self._line)
        self._shapes = {each.relation: each.text for each in found}
        self._targets.place(await titles_of(self._line, self._targets.sources))
        self._watch_coverage(found)

    async def _poll(self, mark: Bookmark | None) -> Bookmark | None:
        """The next bookmark, or the same one when answers could not be outdated. None: nothing is known."""
        batch = await changes_since(self._line, mark.snapshot if mark else _END)
        if batch.backend != self._line.backend:
            raise Misconfigured(detail=POOLER)
        gap = mark.gap(batch.until, batch.at) if mark else ""
        if gap:
            self._observe(Gap(gap))
            mark = None
        tags = self._tags(batch) if mark else self._targets.all_tags
        if not await self._outdate(tags, batch):
            return mark
        found = self._memory.bookmark = Bookmark(self._server, batch.until, batch.at)
        await self._note(found, at_once=bool(tags) or mark is None)
        return found

    def _tags(self, batch: Batch) -> tuple[str, ...]:
        """Of the rows that changed, and of relations that came, went or were written anew by other means."""
        known = self._memory.shapes
        others = [title for title, shape in self._shapes.items() if known.get(title) != shape]
        return tuple(sorted({*self._targets.tags(batch.changes), *self._targets.tags_of(others)}))

    async def _outdate(self, tags: Sequence[str], batch: Batch) -> bool:
        """Whether it was done. No tags are no reason to ask Redis."""
        if not tags:
            return True
        try:
            await self._invalidate(tags)
        except StoreDown as error:
            if not self._is_waiting:
                self._observe(Waits(error.reason))
            self._is_waiting = True
            return False
        self._is_waiting = False
        self._observe(Outdated(len(tags), batch.oldest_s * 1000))
        return True

    async def _note(self, mark: Bookmark, *, at_once: bool) -> None:
        """For the next leader. What cannot be noted is read again, or everything is outdated."""
        now = asyncio.get_running_loop().time()
        with suppress(StoreDown):
            if self._memory.shapes != self._shapes:
                self._memory.shapes = self._shapes
                await note_shapes(self._notes, self._shapes)
            if at_once or now - self._noted_at >= self._pace.note_s:
                self._noted_at = now
                await note_bookmark(self._notes, mark)

    async def _forget(self) -> None:
        """What was written while there was nothing to write to, nobody knows."""
        self._memory.bookmark = None
        with suppress(StoreDown):
            await note_bookmark(self._notes, None)

    def _watch_coverage(self, found: Sequence[Shape]) -> None:
        uncovered = frozenset(
            each.relation for each in found if each.has_triggers and each.covered < each.parts
        )
        for relation in sorted(uncovered - self._uncovered):
            self._observe(Uncovered(relation))
        self._uncovered = uncovered
