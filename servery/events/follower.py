"""Follows the database for one deployment: of all its processes one leads, and the others stand by."""

import asyncio
from contextlib import suppress
from hashlib import sha256

from cache.store import StoreDown
from db.database import Database
from db.errors import DatabaseError
from db.listener import Line, LineSettings
from model.model import Model
from servery.events.event import Broken, Leads, Lost, Observe, watch_events
from servery.events.leader import Invalidate, Leader
from servery.events.notes import Memory, Notes, recalled
from servery.events.pace import Pace
from servery.events.refresh import RefreshKeys
from servery.events.sources import sources_of
from servery.events.targets import TagsFor, Targets


class Follower:
    """Started once per process, whatever the state of PostgreSQL and Redis; never raises after that.

    `deployment` tells apart who shares a database but not a cache: the prefix and the address of the Redis.
    `invalidate` and `notes` are the cache's, and raise StoreDown. `tags_for` is `changed` of the resolvers.
    With `events` false only refresh keys are asked. `line` must lead to the server that `database` reads:
    another one may be ahead of it.
    """

    def __init__(
        self,
        model: Model,
        line: LineSettings,
        database: Database,
        *,
        deployment: str,
        invalidate: Invalidate,
        notes: Notes,
        tags_for: TagsFor,
        events: bool = True,
        observe: Observe = watch_events,
        pace: Pace | None = None,
    ) -> None:
        self._settings = line
        self._key = int.from_bytes(sha256(f"servery events {deployment}".encode()).digest()[:8], signed=True)
        self._targets = Targets(sources_of(model), tags_for)
        self._invalidate = invalidate
        self._notes = notes
        self._events = events
        self._observe = observe
        self._pace = pace or Pace()
        self._memory = Memory()
        self._task: asyncio.Task[None] | None = None
        self._lost = ""
        self.is_leading = False
        """Whether this process follows for all of them now."""
        self._keys = RefreshKeys(
            {name: table.refresh for name, table in model.tables.items() if table.refresh},
            database,
            invalidate=invalidate,
            tags_for=tags_for,
            notes=notes,
            observe=observe,
            pace=self._pace,
        )

    def start(self) -> None:
        """Begin in the background. Nothing happens where there is nothing to follow."""
        if self._events or self._keys.tables:
            self._task = asyncio.create_task(self._run(), name="follow change events")

    async def close(self) -> None:
        """Stop, and let another process lead."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})
            self._task = None

    async def _run(self) -> None:
        pause_s = self._pace.first_pause_s
        while True:
            started = asyncio.get_running_loop().time()
            try:
                await self._take_part()
            except DatabaseError as error:
                self._report_lost(error.detail or str(error))
            except Exception as error:  # noqa: BLE001  the door of this task: whatever it is, following goes on
                self._observe(Broken(error))
            if asyncio.get_running_loop().time() - started > self._pace.longest_pause_s:
                pause_s, self._lost = self._pace.first_pause_s, ""
            await asyncio.sleep(pause_s)
            pause_s = min(2 * pause_s, self._pace.longest_pause_s)

    def _report_lost(self, detail: str) -> None:
        """Once, however often it is tried again."""
        if detail != self._lost:
            self._observe(Lost(detail))
        self._lost = detail

    async def _take_part(self) -> None:
        line = await Line.open(self._settings)
        try:
            while not await line.lock(self._key):
                await line.rest(self._pace.stand_by_s)
            await self._lead(line)
        finally:
            self.is_leading = False
            line.close()

    async def _lead(self, line: Line) -> None:
        self.is_leading = True
        self._observe(Leads())
        await self._recall()
        asking = asyncio.create_task(self._keys.watch(self._memory), name="ask refresh keys")
        try:
            if self._events:
                await self._leader(line).lead()
            await self._hold(line)
        finally:
            asking.cancel()
            await asyncio.wait({asking})

    def _leader(self, line: Line) -> Leader:
        return Leader(
            line,
            self._targets,
            self._memory,
            invalidate=self._invalidate,
            notes=self._notes,
            observe=self._observe,
            pace=self._pace,
        )

    async def _recall(self) -> None:
        """What another leader has left is newer than what this process remembers, unless it is older."""
        with suppress(StoreDown):
            found = await recalled(self._notes, self._keys.tables)
            ours = self._memory.bookmark
            if ours and (found.bookmark is None or found.bookmark.at < ours.at):
                return
            self._memory = found

    async def _hold(self, line: Line) -> None:
        """Notice when the lock is lost with its connection."""
        while True:
            await line.fetch("select 1")
            await line.rest(self._pace.look_s)
