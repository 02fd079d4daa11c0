"""A database whose changes are told: its tables, the triggers, and a reader who asks what is new."""

import secrets
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import date
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from db.changes import Batch, changes_since
from db.listener import Line, LineSettings
from db.outbox.install import Installed, install
from db.outbox.owner import owner
from db.outbox.remove import Removed, remove
from db.outbox.source import Axis, Source, TimeType
from db.outbox.status import Status, status
from db.snapshot import Snapshot

SAO_PAULO = "America/Sao_Paulo"
SOLD_AT = Axis("sold_at", TimeType.TIMESTAMPTZ, SAO_PAULO)
SALES = Source("sales", "public", "sales", SOLD_AT)
TABLE = "create table public.sales (id int primary key, sold_at timestamptz, amount int default 1)"
END = Snapshot(2**63, 2**63)


async def installed(
    url: str, *sources: Source, grant_to: Sequence[str] = (), keep: bool = False
) -> Installed:
    async with owner(url) as own:
        return await install(own, sources or (SALES,), grant_to=grant_to, keep=keep)


async def removed(url: str) -> Removed:
    async with owner(url) as own:
        return await remove(own)


async def standing(url: str, *sources: Source) -> Status:
    async with owner(url) as own:
        return await status(own, sources or (SALES,))


@asynccontextmanager
async def role(url: str, *rights: str) -> AsyncIterator[tuple[str, str]]:
    """The name and the URL of a role that may log in. `rights` are statements about `{role}`."""
    name = f"role_{secrets.token_hex(6)}"
    async with connected(url) as owner_:
        await owner_.execute(f"create role {name} login password 'secret'")
        for each in rights:
            await owner_.execute(each.format(role=name, database=urlsplit(url).path[1:]))
        parts = urlsplit(url)
        try:
            yield name, urlunsplit(parts._replace(netloc=f"{name}:secret@{parts.hostname}:{parts.port}"))
        finally:
            await owner_.execute(f"drop owned by {name} cascade; drop role {name}")


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[Any]:
    """A writer. The role of tests is called like our schema, so it must not look there first."""
    connection = await asyncpg.connect(url, server_settings={"search_path": "public"})
    try:
        # Its first hundred rows do not happen to clean up: that is for tests to order.
        await connection.execute("set seed = 0.5")
        yield connection
    finally:
        connection.terminate()


class Reader:
    """Reads each change once, from where it was made."""

    def __init__(self, line: Line, since: Snapshot) -> None:
        self._line = line
        self._since = since

    async def batch(self) -> Batch:
        found = await changes_since(self._line, self._since)
        self._since = found.until
        return found

    async def news(self) -> set[tuple[str, tuple[str, ...] | None]]:
        """Relations and months, as `2026-01`."""
        return {(each.relation, _short(each.months)) for each in (await self.batch()).changes}

    async def months(self) -> tuple[str, ...] | None:
        """Of the one change that there is."""
        ((_, months),) = await self.news()
        return months


def _short(months: tuple[date, ...] | None) -> tuple[str, ...] | None:
    return None if months is None else tuple(month.isoformat()[:7] for month in sorted(months))


@asynccontextmanager
async def reading(url: str) -> AsyncIterator[Reader]:
    line = await Line.open(LineSettings(url))
    try:
        yield Reader(line, (await changes_since(line, END)).until)
    finally:
        line.close()
