"""Traffic as the processes of one deployment tell it to each other: small texts that lie in Redis.

What lies there may have been written by anybody, so whatever is odd in it is left out.
"""

import asyncio
import time
from collections.abc import Callable, Iterable, Iterator
from secrets import token_hex
from typing import Any, Final, Protocol

import orjson

from cache.store import StoreDown
from model.viewer import Viewer
from resolvers.traffic import HALF_LIFE_S, Asked, Demand, Traffic

TOPIC: Final = "traffic"
FORMAT: Final = 1
MOST_TOLD: Final = 100
EVERY_S: Final = 30.0
KEPT_MS: Final = 24 * 3_600 * 1_000
LONGEST_NOTE: Final = 128 * 1024
MOST_COUNTED: Final = 1e15
"""No count and no milliseconds of honest traffic come near it, and their sums stay finite."""


class Notes(Protocol):
    """Texts by topic, for all processes of a deployment. Both raise StoreDown."""

    async def note(self, topic: str, text: str, ttl_ms: int) -> None: ...

    async def notes(self, glob: str) -> dict[str, str]: ...


class SharedTraffic:
    """Tells the other processes what is asked here, every now and then, and knows what is asked anywhere.

    `now` is the wall clock in seconds since 1970: notes are compared between machines.
    """

    def __init__(
        self,
        own: Traffic,
        notes: Notes,
        *,
        every_s: float = EVERY_S,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._own = own
        self._notes = notes
        self._every_s = every_s
        self._now = now
        self._topic = f"{TOPIC}:{token_hex(8)}"
        self._telling: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._telling = asyncio.create_task(self._tell_again_and_again(), name="traffic notes")

    async def close(self) -> None:
        """Stop, and tell one last time: this process may be about to be replaced."""
        if self._telling is not None:
            self._telling.cancel()
            await asyncio.gather(self._telling, return_exceptions=True)
            self._telling = None
            await self.tell()

    async def tell(self) -> None:
        """Never raises: without the store the others learn it later."""
        if demands := self._own.top(MOST_TOLD):
            try:
                await self._notes.note(self._topic, note_of(demands, self._now()), KEPT_MS)
            except StoreDown:
                return

    async def everyones(self) -> list[Demand]:
        """What all processes are asked, the dearest first. While the store is down: what this one is."""
        try:
            notes = await self._notes.notes(f"{TOPIC}:*")
        except StoreDown:
            notes = {}
        found = self._own.top(MOST_TOLD)
        for topic, text in notes.items():
            if topic != self._topic:
                found += demands_of(text, self._now())
                await asyncio.sleep(0)  # each may be large, and questions wait
        return merged(found)

    async def _tell_again_and_again(self) -> None:
        while True:
            await asyncio.sleep(self._every_s)
            await self.tell()


def note_of(demands: Iterable[Demand], now: float) -> str:
    """As many of them as fit into one note, from the first."""
    told: list[bytes] = []
    room = LONGEST_NOTE
    for each in demands:
        told.append(orjson.dumps(_told(each)))
        room -= len(told[-1])
        if room < 0:
            told.pop()
            break
    fragments = [orjson.Fragment(each) for each in told]
    return orjson.dumps({"format": FORMAT, "at": now, "asked": fragments}).decode()


def _told(demand: Demand) -> dict[str, object]:
    viewer = demand.asked.viewer
    return {
        "text": demand.asked.text,
        "subject": viewer.subject,
        "tenant": viewer.tenant,
        "roles": sorted(viewer.roles),
        "count": demand.count,
        "costMs": demand.cost_ms,
    }


def demands_of(note: str, now: float) -> Iterator[Demand]:
    """What a note tells, faded since it was written. Never raises."""
    match _parsed(note):
        case {"format": known, "at": int() | float() as written, "asked": [*told]} if known == FORMAT:
            faded = 2.0 ** -(max(now - written, 0.0) / HALF_LIFE_S)
            yield from (demand for each in told[:MOST_TOLD] if (demand := _demand(each, faded)))


def _parsed(note: str) -> Any:
    try:
        return orjson.loads(note) if len(note) <= 2 * LONGEST_NOTE else None
    except ValueError:
        return None


def _demand(told: Any, faded: float) -> Demand | None:
    """Nothing for what is odd. Roles open nothing: an answer lies only where this viewer looks for it."""
    match told:
        case {
            "text": str(text),
            "subject": str(subject),
            "tenant": str() | None as tenant,
            "roles": [*roles],
            "count": int() | float() as count,
            "costMs": int() | float() as cost_ms,
        } if all(isinstance(role, str) for role in roles):
            asked = Asked(text, Viewer(subject, tenant, frozenset(roles)))
            if asked.is_kept and 0 <= count <= MOST_COUNTED and 0 <= cost_ms <= MOST_COUNTED:
                return Demand(asked, count * faded, cost_ms * faded)
    return None


def merged(demands: Iterable[Demand]) -> list[Demand]:
    """Each question once, with all that it was asked and cost; the dearest first."""
    found: dict[Asked, Demand] = {}
    for each in demands:
        before = found.get(each.asked)
        found[each.asked] = each if before is None else _sum(before, each)
    return sorted(found.values(), key=lambda each: each.cost_ms, reverse=True)


def _sum(one: Demand, other: Demand) -> Demand:
    return Demand(one.asked, one.count + other.count, one.cost_ms + other.cost_ms)
